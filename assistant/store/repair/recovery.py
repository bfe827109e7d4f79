"""An index that cannot be used as it is: made anew beside the old one, with all that is still good.

    index.sqlite3          the old one: it answers as far as it can, until
    index.sqlite3.new      the new one stands complete and is put in its place

Where SQLite can write to the old database, the new one is copied into it in one transaction, for
readers that have it open as well. Where it cannot, nobody can read it either, and it is replaced.
A build that is killed meanwhile leaves the old one, or both; the next one goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from assistant.errors import IndexDamagedError, IndexUnusableError
from assistant.store import files
from assistant.store.connection import (
    connect,
    damaged,
    fold_log,
    is_empty,
    sqlite_errors,
)
from assistant.store.files import ASIDE, DATABASE, NEW
from assistant.store.manifest import read_manifest
from assistant.store.repair import as_kept, carving
from assistant.store.update import Update

VECTORS, STATES = 4, 3
"""Columns of the tables whose rows are saved, by which they are told."""


def opened(folder: Path) -> Update:
    """Open the index of a folder for writing; finish what a build left that was killed.

    Raises:
        IndexDamagedError: It is damaged or of another version, see ``made_anew``.
        IndexUnusableError: The folder cannot be written to.
    """
    if _is_complete(folder):
        put_in_place(folder)
    if is_empty(folder / DATABASE) and not is_empty(folder / f"{DATABASE}-wal"):
        raise damaged(folder, "only its log is left")
    update = Update(folder)
    try:
        _take_over(update, NEW, ASIDE)
    except BaseException:
        update.close()
        raise
    return update


@contextmanager
def made_anew(folder: Path) -> Iterator[Update]:
    """Lend a new database, with the vectors of the one in force; put it in its place at the end.

    If the block fails the old one stays, and what was embedded is kept for the next build.

    Raises:
        IndexUnusableError: The folder cannot be written to.
    """
    try:
        with _beside(folder) as update:
            _keep(update, DATABASE)
            _take_over(update, ASIDE)
            yield update
    except IndexDamagedError:
        _set_aside(folder)  # else the next build would meet the same
        raise
    put_in_place(folder)


def _beside(folder: Path) -> Update:
    """Open the new database: that of a build that was killed, unless it is damaged itself."""
    try:
        return Update(folder, NEW)
    except IndexDamagedError:
        _set_aside(folder)
        return Update(folder, NEW)


def _is_complete(folder: Path) -> bool:
    """Return whether a build made a whole new database, and was killed before it was in place."""
    if not (folder / NEW).exists():
        return False
    try:
        with closing(connect(folder, name=NEW)) as connection:
            read_manifest(connection, folder)
    except IndexUnusableError:
        return False
    return True


def put_in_place(folder: Path) -> None:
    """Let the new database, which is complete, be the one in force from now on."""
    with closing(connect(folder, write=True, name=NEW)) as new:
        manifest = read_manifest(new, folder)
        try:
            with closing(connect(folder, write=True)) as old, sqlite_errors(folder):
                new.backup(old)
                fold_log(old)
            replaced = False
        except IndexDamagedError:
            replaced = True
        fold_log(new)
    try:
        if replaced:
            # A log that is left would be taken for the new one's.
            files.remove_log(folder, DATABASE)
            (folder / NEW).replace(folder / DATABASE)
            files.sync_folder(folder)
        else:
            files.remove_database(folder, NEW)
    except OSError as error:
        raise files.unwritable(folder, error.strerror or str(error)) from error
    files.remove_strays(folder, {manifest.dense})


def _set_aside(folder: Path) -> None:
    """Take the new database out of the way, with its log, for its vectors."""
    try:
        files.remove_database(folder, ASIDE)
        for end in ("-wal", ""):
            with suppress(FileNotFoundError):
                (folder / f"{NEW}{end}").replace(folder / f"{ASIDE}{end}")
        files.remove_database(folder, NEW)
    except OSError as error:
        raise files.unwritable(folder, error.strerror or str(error)) from error


def _take_over(update: Update, *names: str) -> None:
    """Keep what is sound in databases that are not in use, and delete them."""
    for name in names:
        if (update.folder / name).exists():
            _keep(update, name)
            with suppress(OSError):  # the next build tries again
                files.remove_database(update.folder, name)


def _keep(update: Update, name: str) -> None:
    """Keep the vectors and token states of a database that are as they were written."""
    path = update.folder / name
    try:
        with update.transaction():
            for row in carving.rows(path):
                if row.columns == VECTORS and (vector := as_kept.vector(row.content)):
                    update.keep_vector(row.digest, vector)
                elif row.columns == STATES and (states := as_kept.states(row.content)):
                    update.keep_states(row.digest, states)
    except OSError as error:
        raise files.unwritable(update.folder, error.strerror or str(error)) from error
