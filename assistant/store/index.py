"""An index by its folder: its snapshots, its lock and updates, a check, a copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from assistant.engine_address import EngineAddress, IndexPlace
from assistant.errors import IndexBusyError, IndexDamagedError
from assistant.store import files, milvus, repair
from assistant.store.connection import connect, sqlite_errors
from assistant.store.manifest import Manifest, Named, last_named
from assistant.store.snapshot import Snapshot

if TYPE_CHECKING:
    from assistant.store.repair import Finding
    from assistant.store.update import Update


class Index:
    """The index in a folder, there or not."""

    def __init__(self, folder: Path) -> None:
        """Name an index; nothing is opened.

        Args:
            folder: The index folder.
        """
        self.folder = folder

    def snapshot(self, *, to_search: bool = False) -> Snapshot:
        """Return a view of its present generation, to be closed.

        Args:
            to_search: Open what its engine reads at once, so that the generation can be searched
                even after later builds.

        Raises:
            IndexUnusableError: There is none, or it cannot be read.
        """
        before = None
        while True:
            found = Snapshot(self.folder)
            try:
                if to_search:
                    found.prepare_search()
            except IndexDamagedError:
                generation = found.manifest.generation
                found.close()
                # Two builds may have ended since the manifest was read; the second one deletes
                # the file of vectors that it names.
                if generation == before:
                    raise
                before = generation
            except BaseException:
                found.close()
                raise
            else:
                return found

    def locked(self, *, wait: bool = False) -> AbstractContextManager[None]:
        """Hold its lock, so that one process writes at a time; see ``files.locked``."""
        return files.locked(self.folder, wait=wait)

    def reading_locked(self) -> AbstractContextManager[None]:
        """Be the one process that reads on in the background; see ``files.locked``."""
        return files.locked(self.folder, name=files.READING_LOCK)

    @property
    def is_read_on(self) -> bool:
        """Whether a process reads on in the background."""
        return (self.folder / files.READING_LOCK).exists() and _is_busy(self.reading_locked)

    @property
    def is_written(self) -> bool:
        """Whether a build is under way."""
        return (self.folder / files.LOCK).exists() and _is_busy(self.locked)

    def update(self) -> Update:
        """Open it for writing, to be closed; finish what a build left that was killed.

        Only while it is ``locked``.

        Raises:
            IndexDamagedError: It is damaged or of another version, see ``update_anew``.
            IndexUnusableError: The folder cannot be written to.
        """
        return repair.opened(self.folder)

    def update_anew(self) -> AbstractContextManager[Update]:
        """Lend an index made anew with the vectors of this one, which it replaces at the end.

        Only while it is ``locked``. If the block fails, this one stays as it is, and what was
        embedded is kept for the next build.

        Raises:
            IndexUnusableError: The folder cannot be written to.
        """
        return repair.made_anew(self.folder)

    def last_named(self) -> Named:
        """Return the notes that the user named for it, also if it is of another version."""
        return last_named(self.folder)

    @property
    def is_asked_in_others(self) -> bool:
        """Whether somebody asked in a language in which its notes are not read."""
        return (self.folder / files.ASKED).is_file()

    def note_asked_in_others(self) -> None:
        """Leave word for the next build that somebody did."""
        with suppress(OSError):  # a folder that cannot be written to gets no build either
            if not os.path.lexists(self.folder / files.ASKED):
                files.create(self.folder / files.ASKED).close()

    def faults(self, snapshot: Snapshot) -> Iterator[str]:
        """Yield what is wrong with it as a snapshot shows it, see ``integrity.faults``."""
        return repair.integrity.faults(snapshot)

    def check(self) -> tuple[Finding, ...]:
        """Check everything in it; a finding for each check, see ``integrity.check``."""
        return repair.integrity.check(self.folder)

    def size(self) -> int:
        """Return the bytes of its files; a build may take some away meanwhile."""
        total = 0
        for path in self.folder.iterdir():
            with suppress(OSError):
                total += path.stat().st_size if path.is_file() else 0
        return total

    def become(self, other: Path) -> None:
        """Be from now on what the index of another folder is, which stays as it is.

        Only while it is ``locked``. Who has it open sees the old one whole, or the new one.

        Raises:
            IndexUnusableError: Either cannot be read, or this one not be written to.
        """
        repair.become(self.folder, other)

    def copy_to(self, folder: Path) -> None:
        """Copy it as it stands; its snapshots and updates are not held up.

        Args:
            folder: A folder without an index.

        Raises:
            IndexUnusableError: It cannot be read, or the copy not written.
        """
        with (
            sqlite_errors(self.folder),
            closing(connect(self.folder)) as live,
            closing(connect(folder, write=True)) as copy,
        ):
            live.backup(copy)
        for path in files.own(self.folder):
            if files.is_vectors(path.name) or files.is_multilingual(path.name):
                shutil.copyfile(path, folder / path.name)


def copy(
    source: IndexPlace, target: IndexPlace, progress: Callable[[str, int, int], None] | None = None
) -> Manifest:
    """Copy an index between a folder and a server, see ``milvus.copy``."""
    return milvus.copy(source, target, progress)


def index_at(place: IndexPlace) -> Index:
    """Return the index at a place: a folder, or a server's address."""
    if isinstance(place, EngineAddress):
        # It has the same methods, which tests/store/milvus/test_same_methods.py holds.
        return cast(Index, milvus.MilvusIndex(place))
    return Index(place)


def _is_busy(lock: Callable[[], AbstractContextManager[None]]) -> bool:
    """Return whether another process holds a lock."""
    try:
        with lock():
            return False
    except IndexBusyError:
        return True
