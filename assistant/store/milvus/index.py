"""An index by its address: its snapshots, its lock and updates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from assistant.engine_address import EngineAddress
from assistant.errors import ConfigError, IndexMissingError, IndexUnusableError
from assistant.store.manifest import Named
from assistant.store.milvus import collections, spaces
from assistant.store.milvus.server import Server
from assistant.store.milvus.snapshot import MilvusSnapshot
from assistant.store.milvus.spaces import SpaceLock

if TYPE_CHECKING:
    from assistant.store.milvus.update import MilvusUpdate
    from assistant.store.repair import Finding


class MilvusIndex:
    """The index at an address, there or not."""

    def __init__(self, address: EngineAddress) -> None:
        """Name an index; nothing is opened."""
        self.folder = address
        """Where it lies."""

    def snapshot(self, *, to_search: bool = False) -> MilvusSnapshot:
        """Return a view of its present generations, to be closed.

        Raises:
            IndexUnusableError: There is none, or the server does not answer.
        """
        del to_search  # it is open
        return MilvusSnapshot(self.folder)

    @cached_property
    def _lock(self) -> SpaceLock:
        return SpaceLock(Server(self.folder), self.folder.space)

    def locked(self, *, wait: bool = False) -> AbstractContextManager[None]:
        """Be the one who builds its space, see ``spaces.SpaceLock``."""
        return self._lock.held(wait=wait)

    @property
    def is_read_on(self) -> bool:
        """Whether a process reads on in the background: none ever does."""
        return False

    @property
    def is_written(self) -> bool:
        """Whether a build is under way."""
        server = Server(self.folder)
        return collections.exist(server) and SpaceLock(server, self.folder.space).is_taken

    def update(self) -> MilvusUpdate:
        """Open its space for writing, to be closed; only while it is ``locked``.

        Raises:
            IndexUnusableError: The server does not answer.
        """
        from assistant.store.milvus.update import MilvusUpdate

        return MilvusUpdate(self.folder, self._lock)

    @contextmanager
    def update_anew(self) -> Iterator[MilvusUpdate]:
        """Lend its space to be written anew, with what the model made of its texts."""
        with self.update() as update:
            update.tidy()
            yield update

    def last_named(self) -> Named:
        """Return the notes that the user named for it at its last build."""
        try:
            space = self.folder.space
            server = Server(self.folder.of_space(space))
            manifest = spaces.manifests(server).get(space) if collections.exist(server) else None
        except (ConfigError, IndexMissingError):
            return Named(is_strange=True)
        except IndexUnusableError:
            return Named(is_strange=True)
        return manifest.named(self.folder) if manifest else Named()

    @property
    def is_asked_in_others(self) -> bool:
        """Whether somebody asked in a language in which its notes are not read: nobody is told."""
        return False

    def note_asked_in_others(self) -> None:
        """Leave no word: a server has no encoder of other languages."""

    def faults(self, snapshot: MilvusSnapshot) -> Iterator[str]:
        """Yield what is wrong with it as a snapshot shows it, a line each."""
        return snapshot.faults()

    def check(self) -> tuple[Finding, ...]:
        """Check what can be told of the server and of what lies there; a finding for each."""
        return ()

    def size(self) -> int:
        """Return the bytes that it takes: a server does not tell."""
        return 0
