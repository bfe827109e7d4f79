"""An index by its folder: views of it, a check, a copy; where readers of the program begin."""

from __future__ import annotations

import shutil
from contextlib import closing, suppress
from pathlib import Path

from assistant.errors import IndexDamagedError
from assistant.store import files, repair
from assistant.store.connection import connect, sqlite_errors
from assistant.store.manifest import Named, last_named
from assistant.store.reader import Reader
from assistant.store.repair import Finding


class Index:
    """The index in a folder, there or not."""

    def __init__(self, folder: Path) -> None:
        """Name an index; nothing is opened.

        Args:
            folder: The index folder.
        """
        self.folder = folder

    def snapshot(self, *, to_search: bool = False) -> Reader:
        """Return a view of its present generation, to be closed.

        Args:
            to_search: Open what its engine reads at once, so that the generation can be searched
                even after later builds.

        Raises:
            IndexUnusableError: There is none, or it cannot be read.
        """
        before = None
        while True:
            found = Reader(self.folder)
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

    def last_named(self) -> Named:
        """Return the notes that the user named for it, also if it is of another version."""
        return last_named(self.folder)

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

    def copy_to(self, folder: Path) -> None:
        """Copy it as it stands; its readers and writers are not held up.

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
            if files.is_vectors(path.name):
                shutil.copyfile(path, folder / path.name)
