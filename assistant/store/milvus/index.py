"""An index by its address: its snapshots, its lock and updates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.engine_address import EngineAddress
from assistant.errors import ConfigError, IndexDamagedError, IndexUnusableError
from assistant.store import repair
from assistant.store.manifest import Named
from assistant.store.milvus import collections, spaces
from assistant.store.milvus.server import Server
from assistant.store.milvus.snapshot import MilvusSnapshot
from assistant.store.milvus.writing import copying, sweeping
from assistant.store.milvus.writing.lock import SpaceLock
from assistant.store.milvus.writing.update import MilvusUpdate

if TYPE_CHECKING:
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
        return MilvusUpdate(self.folder, self._lock)

    @contextmanager
    def update_anew(self) -> Iterator[MilvusUpdate]:
        """Lend its space to be written anew, with what the model made of its texts.

        What lies there cannot be read, and answers nothing meanwhile.
        """
        server = Server(self.folder)
        collections.open_all(server)
        sweeping.wipe(server, self.folder.space)
        with self.update() as update:
            yield update

    def last_named(self) -> Named:
        """Return the notes that the user named for it at its last build.

        Raises:
            IndexUnusableError: The server does not answer.
        """
        try:
            space = self.folder.space
            server = Server(self.folder.of_space(space))
            manifest = spaces.manifests(server).get(space) if collections.exist(server) else None
        except (ConfigError, IndexDamagedError):
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
        """Check what can be told of the server and of what lies there; a finding for each.

        Nothing depends on the clock of the server: generations are counted.
        """
        found: list[Finding] = []
        try:
            server = Server(self.folder)
            found.append(_version(str(server.call("get_server_version"))))
            with self.snapshot() as snapshot:
                found += [_of_spaces(snapshot), _of_words(snapshot), _of_vectors(snapshot)]
                found += _of_rows(snapshot)
        except (ConfigError, IndexUnusableError) as error:
            found.append(_finding("error", error.cause, error.remedy))
        return tuple(found)

    def copy_to(self, folder: Path) -> None:
        """Copy it to a folder without an index, see ``copying``."""
        copying.copy(self.folder, folder)

    def size(self) -> int:
        """Return the bytes that it takes: a server does not tell."""
        return 0


LEAST_VERSION = (2, 5)
"""Of a server: BM25 and matches of texts came with it."""

_NUMBER = re.compile(r"v?(\d+)\.(\d+)")


def _finding(level: Literal["ok", "warning", "error"], what: str, remedy: str = "") -> Finding:
    return repair.Finding(level, what, remedy)


def _version(told: str) -> Finding:
    """Say whether a server is of a version that has what it takes."""
    shown = "".join(letter for letter in told if letter.isprintable())[:80]
    if told.startswith("milvus_lite"):
        return _finding("ok", f"the server is {shown}, for one machine")
    found = _NUMBER.search(told)
    if found and (int(found[1]), int(found[2])) < LEAST_VERSION:
        return _finding("error", f"the server is Milvus {shown}", "use Milvus 2.5 or later")
    return _finding("ok", f"the server is Milvus {shown}")


def _of_spaces(snapshot: MilvusSnapshot) -> Finding:
    """Say which spaces there are, and whether a build was stopped in one."""
    left = snapshot.leftovers()
    if left:
        return _finding(
            "warning",
            f"a build was stopped in {', '.join(sorted(left))}, or is under way",
            "run `assistant build` there, which tidies up",
        )
    return _finding("ok", f"spaces: {', '.join(sorted(snapshot.generations))}")


def _of_words(snapshot: MilvusSnapshot) -> Finding:
    """Say whether the server finds a chunk by its own words, as it analyses them."""
    for chunk in snapshot.sample(1).values():
        words = " ".join(chunk.fields).split()
        found = snapshot.engine.search_terms(words[:64], 50)
        if words and chunk.row not in {row for row, _ in found} and not found:
            return _finding(
                "error",
                "the server finds nothing by words: it analyses them otherwise",
                "use Milvus 2.5 or later, then run `assistant build --full`",
            )
    return _finding("ok", "the server finds passages by their words (BM25)")


def _of_vectors(snapshot: MilvusSnapshot) -> Finding:
    """Say whether all vectors are in the graph that is searched."""
    left = collections.pending(snapshot.server)
    if left:
        return _finding(
            "warning",
            f"{left} vectors are not in the graph yet, so that some passages are not found",
            "wait a moment: the server is at it",
        )
    return _finding("ok", "all vectors are in the graph that is searched")


def _of_rows(snapshot: MilvusSnapshot) -> Iterator[Finding]:
    """Say whether what lies there is what the manifests say."""
    wrong = [*snapshot.faults()]
    for fault in wrong:
        yield _finding("error", fault, "run `assistant build --full`, which writes it anew")
    if not wrong:
        yield _finding("ok", "notes, entries and chunks are as many as the manifests say")
