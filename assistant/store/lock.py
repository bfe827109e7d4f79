"""The lock of an index folder: one process writes at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from assistant.errors import IndexBusyError
from assistant.store import files
from assistant.store.connection import unwritable


@contextmanager
def writer_lock(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock of an index folder, which is made if it is not there.

    The operating system lets go of it when the process ends, however it ends.

    Args:
        folder: The index folder.
        wait: Wait for whoever holds it, however long that takes.

    Raises:
        ConfigError: The folder holds files that are no index's.
        IndexBusyError: Another process holds it, and it is not waited for.
        IndexUnusableError: The folder cannot be made or written to.
    """
    try:
        files.prepare(folder)
        lock = filelock.FileLock(folder / files.LOCK, timeout=-1 if wait else 0, mode=0o600)
        lock.acquire()
    except filelock.Timeout as error:
        raise IndexBusyError(
            f"another process is building the index in {folder}",
            "wait until it has ended, or add --wait; the last index answers meanwhile",
        ) from error
    # Some network drives have no locks, which filelock tells by NotImplementedError.
    except (OSError, NotImplementedError) as error:
        raise unwritable(folder, getattr(error, "strerror", None) or str(error)) from error
    try:
        yield
    finally:
        lock.release()
