"""The database of an index: how it is opened, and how it fails."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assistant.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
)
from assistant.store import files, schema, tables
from assistant.store.files import DATABASE
from assistant.user_folders import indexes_folder


def missing(folder: Path) -> IndexMissingError:
    """Return the error for a folder without an index; one that nobody gave a place goes unnamed."""
    if folder.parent == indexes_folder():
        return IndexMissingError("there is no index yet", "name your notes: assistant build NOTES")
    return IndexMissingError(
        f"there is no index in {folder}",
        "build it: assistant build NOTES; or name another folder with --index",
    )


def damaged(folder: Path, reason: str) -> IndexDamagedError:
    """Return the error for an index that cannot be read."""
    return IndexDamagedError(
        f"the index in {folder} is damaged ({reason})", "run `assistant build`, which repairs it"
    )


_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_REFUSED = {
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY),
    *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOLFS),
}
_READING = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}


@contextmanager
def sqlite_errors(folder: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged file or a full disk into errors for users."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a bug of ours
    except (sqlite3.Error, UnicodeDecodeError) as error:
        code = getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_CORRUPT
        if code == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from None  # which the progress handler could not pass on
        if code & 0xFF in _BUSY:
            raise IndexBusyError(
                f"the index in {folder} is locked by another process", "try again in a moment"
            ) from error
        if code & 0xFF in _REFUSED and code not in _READING:
            raise files.unwritable(folder, str(error)) from error
        raise damaged(folder, str(error)) from error


def connect(folder: Path, *, write: bool = False, name: str = DATABASE) -> sqlite3.Connection:
    """Open the database of an index folder, or another file of that kind in it.

    Raises:
        IndexUnusableError: There is none, SQLite cannot open it, or it is no index.
    """
    path = folder / name
    files.refuse_links(folder)
    if write:
        _create(path)
    elif is_empty(path):
        raise missing(folder)
    mode = "mode=ro&immutable=1" if not write and is_frozen(folder) else "mode=rw"
    uri = f"{path.absolute().as_uri()}?{mode}"
    with sqlite_errors(folder):
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=5, check_same_thread=False
        )
        try:
            schema.guard(connection)
            _refuse_other_tables(connection, folder)
            connection.create_function("row_sum", -1, tables.row_sum, deterministic=True)
            connection.execute("PRAGMA cache_size = -16000")
            if write:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                # A log that a reader kept from being cleared away is cut when it begins anew.
                connection.execute("PRAGMA journal_size_limit = 0")
        except BaseException:
            connection.close()
            raise
    return connection


def fold_log(connection: sqlite3.Connection) -> None:
    """Take what stands in the log over into the database's own file, and empty the log.

    Where a reader still needs what is older, as much is done as can be, and nobody is waited for.
    """
    with suppress(sqlite3.Error):  # what was committed stays in the log, and is read from there
        connection.execute("PRAGMA busy_timeout = 0")
        _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if frames > 0:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def is_empty(path: Path) -> bool:
    """Return whether a database has no bytes, or is not there: SQLite would delete its log."""
    try:
        return not path.stat().st_size
    except OSError:
        return True


def identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells the file of an index from another by its name; None if there is none."""
    try:
        state = os.stat(folder / DATABASE)  # noqa: PTH116 # as fast as it is often
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _refuse_other_tables(connection: sqlite3.Connection, folder: Path) -> None:
    """Raise IndexDamagedError for a database that says to be of this version, and is not."""
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    if version == tables.SCHEMA and not schema.is_made_by(connection, tables.TABLES, tables.DIGEST):
        raise damaged(folder, "its tables are not those of an index")


def is_frozen(folder: Path) -> bool:
    """Return whether a database can only be read as it lies, as on a read-only file system.

    SQLite would fail there, for it writes a file of its own before it reads. Files of an index are
    their owner's alone, so that nobody writes where the owner cannot. A log that holds something
    has to be read as well, which goes only in the common way.
    """
    log = folder / f"{DATABASE}-wal"
    return not os.access(folder, os.W_OK) and not (log.exists() and log.stat().st_size)


def _create(path: Path) -> None:
    """Make an empty database for its owner alone; SQLite gives the files beside it its rights."""
    if path.exists():
        return
    try:
        files.create(path).close()
    except OSError as error:
        raise files.unwritable(path.parent, error.strerror or str(error)) from error
