"""What a database may do that anybody may have written: its schema is looked at before its rows.

A view, a trigger or a generated column is SQL of whoever wrote the file, and may run for ever. So
a database is read only if its schema is the program's own, word for word; of one by another version
of the program, only tables that cannot hold more than values.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing

STEPS = 1_000_000
"""Steps of SQLite's machine, some 20 ms, after which Python may look whether Ctrl-C was pressed."""

_PLAIN = r"CREATE TABLE {}\s*\([\w\s,]+\)"
"""A table of columns alone: whatever computes something has parentheses of its own."""

_SCHEMA = "SELECT type, name, tbl_name, sql FROM main.sqlite_master ORDER BY type, name, tbl_name"


def guard(connection: sqlite3.Connection) -> None:
    """Let a connection take nothing on trust, and Ctrl-C into its longest query."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA mmap_size = 0")
    # Python's own handler of the signal runs within this function that does nothing.
    connection.set_progress_handler(_go_on, STEPS)


def is_made_by(connection: sqlite3.Connection, statements: str, digest: str) -> bool:
    """Return whether a database has the schema that some statements make, and nothing beside it.

    Args:
        connection: To the database.
        statements: What makes the tables.
        digest: Of the schema that they make, see ``digest_of``, which spares making it. FTS5 makes
            tables of its own, and another SQLite may word these otherwise.
    """
    found = digest_of(connection)
    return found == digest or found == digest_made_by(statements)


def digest_made_by(statements: str) -> str:
    """Return the digest of the schema that some statements make."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(statements)
        return digest_of(connection)


def digest_of(connection: sqlite3.Connection) -> str:
    """Return what tells a schema from every other: SHA-256 over all of it, hexadecimal."""
    return hashlib.sha256(repr(connection.execute(_SCHEMA).fetchall()).encode()).hexdigest()


def is_plain(connection: sqlite3.Connection, table: str) -> bool:
    """Return whether a name is that of a table which holds values, and computes none."""
    rows = connection.execute(
        "SELECT type, sql FROM main.sqlite_master WHERE lower(name) = ?", (table,)
    ).fetchall()
    return (
        len(rows) == 1
        and rows[0][0] == "table"
        and isinstance(rows[0][1], str)
        and re.fullmatch(_PLAIN.format(table), rows[0][1]) is not None
    )


def _go_on() -> None:
    """Do nothing."""
