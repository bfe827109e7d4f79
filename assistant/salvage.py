"""What is saved of a damaged index: it is made anew, with every vector that is still good."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from assistant import schema, seal
from assistant.database import unwritable
from assistant.errors import IndexDamagedError
from assistant.index_files import ASIDE, DATABASE
from assistant.integrity import is_unit
from assistant.writer import Writer


def open_writer(folder: Path) -> Writer:
    """Open the index of a folder for writing, anew if it is damaged or of another version.

    What can still be read of a damaged index's vectors is taken over.

    Raises:
        IndexUnusableError: The folder cannot be written to.
    """
    try:
        writer = Writer(folder)
    except IndexDamagedError:
        return start_over(folder)
    _take_over(writer)  # from a build that was killed while it started over
    return writer


def start_over(folder: Path) -> Writer:
    """Set a damaged database aside, make a new one, and take over the vectors that are sound."""
    try:
        (folder / DATABASE).replace(folder / ASIDE)
        for suffix in ("-wal", "-shm"):
            (folder / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(folder, error.strerror or str(error)) from error
    writer = Writer(folder)
    _take_over(writer)
    return writer


def _take_over(writer: Writer) -> None:
    """Keep the vectors of the database that was set aside, if there is one, and delete it."""
    aside = writer.folder / ASIDE
    if not aside.exists():
        return
    try:
        with writer.transaction():
            for digest, vector in _salvaged(aside, "vectors", "vector"):
                if is_unit(vector):
                    writer.keep_vector(digest, vector)
            for digest, pieces in _salvaged(aside, "states", "pieces"):
                writer.keep_states(digest, pieces)
    except BaseException:
        writer.close()
        raise
    with suppress(OSError):  # the next build tries again
        aside.unlink()


def _salvaged(database: Path, table: str, column: str) -> Iterator[tuple[str, bytes]]:
    """Yield keys and contents of a table of a damaged database as far as they are sound.

    The table is read from its first row on and from its last row back, each until SQLite meets
    a page that it cannot read.
    """
    for order in ("ASC", "DESC"):
        try:
            uri = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
            with closing(sqlite3.connect(uri, uri=True)) as connection:
                yield from _sound_rows(connection, table, column, order)
                return
        except (sqlite3.Error, ValueError, TypeError):
            continue


def _sound_rows(
    connection: sqlite3.Connection, table: str, column: str, order: str
) -> Iterator[tuple[str, bytes]]:
    schema.guard(connection)
    if not schema.is_plain(connection, table):
        return
    names = {name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")}
    # Versions before had no sums.
    checksum = "checksum" if "checksum" in names else "NULL"
    # A text in which a byte changed may be no UTF-8 any more.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    for digest, content, kept in connection.execute(
        f"SELECT digest, {column}, {checksum} FROM {table} NOT INDEXED ORDER BY rowid {order}"
    ):
        if isinstance(content, bytes) and kept in (None, seal.of_row(digest, content)):
            yield digest, content
