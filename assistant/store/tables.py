"""The tables of an index, and the sums of their rows.

SQLite tells a broken page, and not another letter in a text. So each row has a sum over what it
holds, by which a byte that a disk lost is noticed by whoever reads the row.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

SCHEMA = 11
"""Version of the tables below; an index of another version is built anew."""

TABLES = """
CREATE TABLE manifest (content TEXT NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE notes (
    id INTEGER PRIMARY KEY, root TEXT NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL,
    size INTEGER NOT NULL, modified_ns INTEGER NOT NULL, digest TEXT NOT NULL, title TEXT NOT NULL,
    tags TEXT NOT NULL, date TEXT NOT NULL, about TEXT NOT NULL, state INTEGER NOT NULL,
    date_from TEXT NOT NULL, aliases TEXT NOT NULL, remarks TEXT NOT NULL, names TEXT NOT NULL,
    checksum INTEGER NOT NULL, centroid BLOB, centroid_checksum INTEGER, UNIQUE (root, path));
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, note INTEGER NOT NULL REFERENCES notes, position INTEGER NOT NULL,
    digest TEXT NOT NULL, headings TEXT NOT NULL, heading TEXT NOT NULL,
    first_line INTEGER NOT NULL, body INTEGER NOT NULL, blocks TEXT NOT NULL,
    checksum INTEGER NOT NULL, text TEXT NOT NULL, text_checksum INTEGER NOT NULL);
CREATE INDEX entries_of_note ON entries (note, position);
CREATE INDEX entries_of_heading ON entries (heading, note);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, entry INTEGER NOT NULL REFERENCES entries,
    start INTEGER NOT NULL, end INTEGER NOT NULL, text_digest TEXT NOT NULL,
    checksum INTEGER NOT NULL);
CREATE INDEX chunks_of_entry ON chunks (entry, start);
CREATE VIRTUAL TABLE lexical USING fts5 (
    headings, body, names,
    tokenize="porter unicode61 categories 'L* N* Co Mn Mc' tokenchars '._-:' remove_diacritics 2");
CREATE TABLE words (word TEXT PRIMARY KEY, chunks INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE vectors (
    digest TEXT PRIMARY KEY, vector BLOB NOT NULL, used INTEGER NOT NULL,
    checksum INTEGER NOT NULL);
CREATE TABLE unread (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, text TEXT NOT NULL,
    since INTEGER NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE plane (
    vectors INTEGER NOT NULL, content BLOB NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE map (
    entry INTEGER PRIMARY KEY, x REAL NOT NULL, y REAL NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE states (digest TEXT PRIMARY KEY, pieces BLOB NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE languages (
    note INTEGER PRIMARY KEY, digest TEXT NOT NULL, language TEXT NOT NULL, centroid BLOB,
    checksum INTEGER NOT NULL);
CREATE TABLE multilingual (
    chunk INTEGER PRIMARY KEY, digest TEXT NOT NULL, checksum INTEGER NOT NULL);
"""

DIGEST = "cf737de6a3efffbd296a1ffa8239f21ad43f83b75da23f257e229ccea733d3df"
"""Of the schema that these make, see ``schema``; it changes with them, and ``SCHEMA`` too."""

SUMS = {
    ("manifest", "checksum"): ("content",),
    ("notes", "checksum"): (
        *(
            "root",
            "path",
            "name",
            "size",
            "modified_ns",
            "digest",
            "title",
            "tags",
            "date",
            "about",
            "state",
            "date_from",
            "aliases",
            "remarks",
            "names",
        ),
    ),
    ("notes", "centroid_checksum"): ("centroid",),
    ("entries", "checksum"): (
        *("note", "position", "digest", "headings", "heading", "first_line", "body", "blocks"),
    ),
    ("entries", "text_checksum"): ("text",),
    ("chunks", "checksum"): ("entry", "start", "end", "text_digest"),
    ("vectors", "checksum"): ("digest", "vector"),
    ("unread", "checksum"): ("digest", "text", "since"),
    ("plane", "checksum"): ("vectors", "content"),
    ("map", "checksum"): ("entry", "x", "y"),
    ("states", "checksum"): ("digest", "pieces"),
    ("languages", "checksum"): ("note", "digest", "language", "centroid"),
    ("multilingual", "checksum"): ("chunk", "digest"),
}
"""The columns that each sum is over, by table and column of the sum. FTS5 has sums of its own."""

IS_READ = "NOT EXISTS (SELECT 1 FROM unread u WHERE u.digest = c.text_digest)"
"""The SQL that says whether a generation has chunk ``c`` read by meaning: what waits in ``unread``
is found by its words alone, even if its vector is kept by now, which a later generation shows."""


class TableRows(ABC):
    """The rows of the tables, for what reads and writes some of them."""

    @abstractmethod
    def query(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[Any]:
        """Return the rows of a query."""

    @abstractmethod
    def insert(self, table: str, conflict: str = "", **row: object) -> int:
        """Put a row into a table, with its sums; return its number."""


@cache
def sound(table: str, alias: str = "", column: str = "checksum") -> str:
    """Return the SQL that says whether a row has the sum that it must have."""
    before = f"{alias}." if alias else ""
    covered = ", ".join(before + name for name in SUMS[table, column])
    return f"({before}{column} = row_sum({covered}))"


@cache
def insertion(table: str, columns: tuple[str, ...], conflict: str = "") -> str:
    """Return the SQL that puts a row, given as named parameters, into a table, with its sums."""
    sums = {
        column: covered
        for (of, column), covered in SUMS.items()
        if of == table and {*covered} <= {*columns}
    }
    values = [f":{column}" for column in columns]
    values += [f"row_sum({', '.join(f':{name}' for name in names)})" for names in sums.values()]
    into = f"{table} ({', '.join([*columns, *sums])})"
    return f"INSERT {conflict} INTO {into} VALUES ({', '.join(values)})"


def row_sum(*values: object) -> int:
    """Return the sum over the values of a row, in their order."""
    total = 0
    for value in values:
        content = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        # Type and length: what is another value may be of the same bytes, or have its neighbour's.
        before = f"{type(value).__name__} {len(content)}:".encode()
        total = zlib.crc32(content, zlib.crc32(before, total))
    return total
