"""Whether the files of an index are whole and agree with each other; reads all of them."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from assistant.embedding import unpacked
from assistant.errors import IndexBusyError, IndexUnusableError
from assistant.store import files
from assistant.store.connection import is_frozen
from assistant.store.snapshot import Snapshot
from assistant.store.tables import IS_READ, SUMS, sound

REBUILD = "run `assistant build`, which repairs it"

UNIT = 2e-3
"""How far the square of a vector's length may be from one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says of an index."""

    level: Literal["ok", "warning", "error"]
    what: str
    """One line."""
    remedy: str
    """One line; empty when all is well."""


def check(folder: Path) -> tuple[Finding, ...]:
    """Check everything in an index folder; a finding for each check, also for those that pass.

    Takes time in proportion to the index, about a tenth of a second for 50 MB. It changes nothing.
    """
    try:
        with Snapshot(folder) as snapshot:
            found = [_finding(snapshot, *check) for check in (*OF_THE_DATABASE, OF_THE_VECTORS)]
    except IndexUnusableError as error:
        found = [Finding("error", error.cause, error.remedy)]
    return (*found, _leftovers(folder))


def full_text_search() -> Finding:
    """Say whether SQLite, as Python has it, can search texts."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE texts USING fts5 (text)")
        except sqlite3.OperationalError:
            return Finding(
                "error",
                f"SQLite {sqlite3.sqlite_version} has no full-text search (FTS5)",
                "install a Python whose SQLite has it, such as that of python.org",
            )
    return Finding("ok", f"SQLite {sqlite3.sqlite_version} has full-text search", "")


def faults(snapshot: Snapshot) -> Iterator[str]:
    """Yield what is wrong with the database as one view of it shows it, a line each.

    Raises:
        IndexDamagedError: SQLite cannot go on.
    """
    for _, find in OF_THE_DATABASE:
        yield from find(snapshot)


def _finding(snapshot: Snapshot, well: str, find: Callable[[Snapshot], Iterator[str]]) -> Finding:
    try:
        wrong = list(find(snapshot))
    except IndexBusyError:
        return Finding("warning", f"not checked while a build runs: {well}", "try again later")
    except IndexUnusableError as error:
        return Finding("error", error.cause, REBUILD)
    except (TypeError, ValueError):  # such as NULL where a text was
        return Finding("error", f"some rows cannot be read; not confirmed: {well}", REBUILD)
    if not wrong:
        return Finding("ok", well, "")
    more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return Finding("error", wrong[0] + more, REBUILD)


def _database(snapshot: Snapshot) -> Iterator[str]:
    for (said,) in snapshot.query("PRAGMA integrity_check(10)"):
        if said != "ok":
            yield f"the database is damaged: {' '.join(said.split())}"


def _sums(snapshot: Snapshot) -> Iterator[str]:
    for table, column in SUMS:
        ((count,),) = snapshot.query(
            f"SELECT count(*) FROM {table} WHERE NOT {sound(table, column=column)}"
        )
        if count:
            yield f"{count} rows of the table {table} were changed after they were written"


def _words(snapshot: Snapshot) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for fields in snapshot.query("SELECT headings, body, names FROM lexical"):
        counts.update({*" ".join(fields).split()})
    wrong = dict(snapshot.query("SELECT word, chunks FROM words")).items() ^ counts.items()
    if wrong:
        yield f"the counts of {len({word for word, _ in wrong})} words are wrong"


def _lexical(snapshot: Snapshot) -> Iterator[str]:
    # Compares the terms with the texts that they were made of; writes nothing, but SQLite refuses
    # the statement where it could not write. Its own check covers the index from 3.44 on.
    if not is_frozen(snapshot.folder):
        snapshot.query("INSERT INTO lexical (lexical) VALUES ('integrity-check')")
    yield from ()


def _counts(snapshot: Snapshot) -> Iterator[str]:
    manifest = snapshot.manifest
    told = {"notes": manifest.notes, "entries": manifest.entries, "chunks": manifest.chunks}
    for table, number in {**told, "lexical": manifest.chunks}.items():
        ((count,),) = snapshot.query(f"SELECT count(*) FROM {table}")
        if count != number:
            yield f"the table {table} has {count} rows, and the manifest says {number}"
    unread = len(snapshot.unread_chunks())
    if unread != manifest.unread:
        yield f"{unread} chunks have no vectors yet, and the manifest says {manifest.unread}"


def _references(snapshot: Snapshot) -> Iterator[str]:
    for table, column, other, key in (
        ("entries", "note", "notes", "id"),
        ("chunks", "entry", "entries", "id"),
        ("chunks", "id", "lexical", "rowid"),
        ("unread", "digest", "chunks", "text_digest"),
        ("map", "entry", "entries", "id"),
        ("multilingual", "digest", "vectors", "digest"),
    ):
        ((count,),) = snapshot.query(
            f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT {key} FROM {other})"
        )
        if count:
            yield f"{count} rows of the table {table} refer to rows missing from {other}"
    kept = {"vectors": "vectors"}
    if snapshot.manifest.late_interaction:
        kept["states"] = "token states"
    for table, words in kept.items():
        ((count,),) = snapshot.query(
            f"SELECT count(*) FROM chunks c WHERE {IS_READ}"
            f" AND text_digest NOT IN (SELECT digest FROM {table})"
        )
        if count:
            yield f"{count} chunks have no {words}"


def _spans(snapshot: Snapshot) -> Iterator[str]:
    for row, text, body, blocks in snapshot.query("SELECT id, text, body, blocks FROM entries"):
        lines = text.count("\n") + 1
        if not 0 <= body <= len(text) or any(not 0 <= at < lines for at, _ in json.loads(blocks)):
            yield f"entry {row} has a part outside its text"
    lengths = {row: len(text) for row, text in snapshot.query("SELECT id, text FROM entries")}
    for row, entry, start, end in snapshot.query("SELECT id, entry, start, end FROM chunks"):
        if not 0 <= start < end <= lengths.get(entry, end):
            yield f"chunk {row} is outside its entry"


def _vectors(snapshot: Snapshot) -> Iterator[str]:
    size = snapshot.manifest.dimensions * np.dtype(np.float16).itemsize
    for digest, blob in snapshot.query("SELECT digest, vector FROM vectors"):
        if len(blob) != size or not is_unit(blob):
            yield f"the vector of text {digest} is not of unit length"


def is_unit(blob: bytes) -> bool:
    """Return whether a kept vector, see ``packed``, is finite and of unit length."""
    if not blob or len(blob) % np.dtype(np.float16).itemsize:
        return False
    vector = unpacked(blob)
    with np.errstate(all="ignore"):
        return bool(abs(float(vector @ vector) - 1) < UNIT)


def _dense(snapshot: Snapshot) -> Iterator[str]:
    yield from snapshot.engine.faults("vectors")
    if snapshot.multilingual:
        yield from snapshot.multilingual.faults()


def _leftovers(folder: Path) -> Finding:
    """Say which files of a build that was stopped lie in the folder."""
    try:
        with Snapshot(folder) as snapshot:
            left = snapshot.leftovers()
    except IndexUnusableError:
        left = files.unfinished(folder)
    if not left:
        return Finding("ok", "nothing is left over from an interrupted build", "")
    return Finding(
        "warning",
        f"left over from an interrupted build: {', '.join(left)}",
        "run `assistant build`, which tidies up",
    )


OF_THE_DATABASE: tuple[tuple[str, Callable[[Snapshot], Iterator[str]]], ...] = (
    ("the database is whole", _database),
    ("every row is unchanged", _sums),
    ("the full-text index matches the texts", _lexical),
    ("the counts of words match the texts", _words),
    ("the tables have as many rows as the manifest says", _counts),
    ("no row refers to one that is missing", _references),
    ("all chunks lie inside their texts", _spans),
    ("all vectors are finite and of unit length", _vectors),
)
"""What is said of each check that passes, and what yields the faults that it finds."""

OF_THE_VECTORS = ("the file of vectors matches the database", _dense)
