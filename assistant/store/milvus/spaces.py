"""The spaces of an index: the manifest of each, and who builds it.

A server has no locks. So who builds writes its name down, waits, and looks whether that still
stands; it goes on to count while it builds, and another one who sees the number stand still takes
the place over. Who has lost it finds out before it moves the manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from assistant.errors import IndexBusyError, IndexUnusableError
from assistant.store.manifest import MILVUS, Manifest
from assistant.store.milvus import collections, records, rows
from assistant.store.milvus.rows import all_of, one_of
from assistant.store.milvus.server import Row, Server

BEAT_SECONDS = 2.0
"""How often who builds says that it is there."""

DEAD_SECONDS = 12.0
"""Without a sign, from which on it counts as gone."""

SETTLE_SECONDS = 0.3
"""Longer than two take to write at once."""

_FIELDS = ("id", "space", "key", "label", "content", "born")


def _name(server: Server) -> str:
    return collections.name(server.address.name, "spaces")


def manifests(server: Server) -> dict[str, Manifest]:
    """Return the manifests of the spaces that an address names, all unless it names some.

    Raises:
        IndexDamagedError: One cannot be read.
    """
    named = server.address.spaces
    condition = all_of('kind == "manifest"', one_of("space", named) if named else "")
    found = {}
    for row in server.query(_name(server), condition, _FIELDS, most=1000):
        with server.reading():
            found[str(row["space"])] = Manifest.from_json(_content(server, row), MILVUS)
    return found


def put_manifest(server: Server, space: str, manifest: Manifest) -> None:
    """Write a manifest: what comes first is seen by nobody, and its last row moves it at once."""
    content = manifest.to_json()
    pieces = rows.pieces_of(content)
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    number = _number("manifest", space)
    before = {int(row["id"]): row for row in server.get(_name(server), [number], _FIELDS)}
    further = [
        records.record(records.piece_number(number, digest, at), space, "piece", born=0, text=piece)
        for at, piece in enumerate(pieces)
        if at
    ]
    if further:
        server.upsert(_name(server), further)
    head = records.record(
        number,
        space,
        "manifest",
        born=manifest.generation,
        key=digest,
        label=str(len(pieces)),
        content=pieces[0],
    )
    server.upsert(_name(server), [head])
    if before and (old := _further(before[number])) and before[number]["key"] != digest:
        server.delete(_name(server), one_of("id", old))


def _content(server: Server, row: Row) -> str:
    numbers = _further(row)
    found = {
        int(piece["id"]): piece["text"]
        for piece in server.get(_name(server), numbers, ["id", "text"])
    }
    return rows.joined([row["content"], *(found[number] for number in numbers)])


def _further(row: Row) -> list[int]:
    """Return the numbers of the further pieces of a manifest."""
    digest, count = str(row["key"]), int(row["label"])
    return [records.piece_number(int(row["id"]), digest, at) for at in range(1, count)]


def _number(what: str, space: str) -> int:
    return rows.number_of(what, space)


def pending(server: Server, space: str) -> int:
    """Return the generation that a build began to write and did not commit; 0 for none."""
    for row in server.get(_name(server), [_number("pending", space)], ["born"]):
        with server.reading():
            return int(row["born"])
    return 0


def put_pending(server: Server, space: str, generation: int) -> None:
    """Say which generation is written; 0 that none is."""
    server.upsert(
        _name(server),
        [records.record(_number("pending", space), space, "pending", born=generation)],
    )


class SpaceLock:
    """The place of the one who builds a space."""

    def __init__(self, server: Server, space: str) -> None:
        """Hold nothing yet.

        Args:
            server: A connection of its own: it is used by a thread.
            space: The space.
        """
        self._server = server
        self._space = space
        self._own = uuid.uuid4().hex
        self._beats = 0
        self._at = threading.Lock()
        self._is_held = False

    @contextmanager
    def held(self, *, wait: bool = False) -> Iterator[None]:
        """Be the one who builds, for as long as the block takes.

        Raises:
            IndexBusyError: Somebody else does, and is not waited for.
        """
        if collections.exist(self._server):
            self.claim(wait=wait)
        try:
            yield  # an index that is made meanwhile is claimed by who makes it
        finally:
            self._release()

    def claim(self, *, wait: bool = False) -> None:
        """Take the place, unless it is taken."""
        if self._is_held:
            return
        while self._is_taken():
            if not wait:
                raise self._busy()
        self._beat()
        time.sleep(SETTLE_SECONDS)
        self._is_held = True
        self.check()
        self._done = threading.Event()
        threading.Thread(target=self._keep, daemon=True).start()

    def check(self) -> None:
        """Raise IndexBusyError if somebody else has taken the place, since we seemed gone."""
        told = self._read()
        if told is None or told[0] != self._own:
            raise self._busy()

    @property
    def is_taken(self) -> bool:
        """Whether somebody builds; it takes a few seconds to see that somebody was killed."""
        return self._is_taken()

    def _is_taken(self) -> bool:
        told = self._read()
        if told is None or told[0] in ("", self._own) or _is_dead(told[2], told[3]):
            return False
        until = time.monotonic() + DEAD_SECONDS
        while time.monotonic() < until:
            time.sleep(0.2)
            now = self._read()
            if now != told:
                return now is not None and now[0] != ""
        return False

    def _keep(self) -> None:
        while not self._done.wait(BEAT_SECONDS):
            # A server that is away for long is noticed by who writes.
            with suppress(IndexUnusableError):
                self._beat()

    def _beat(self, *, is_own: bool = True) -> None:
        with self._at:
            self._beats += 1
            told = [self._own if is_own else "", self._beats, socket.gethostname(), os.getpid()]
            row = records.record(
                _number("lock", self._space), self._space, "lock", born=0, content=json.dumps(told)
            )
            self._server.upsert(_name(self._server), [row])

    def _read(self) -> tuple[str, int, str, int] | None:
        with self._at:
            found = self._server.get(
                _name(self._server), [_number("lock", self._space)], ["content"]
            )
        if not found:
            return None
        with self._server.reading():
            own, beats, host, process = json.loads(found[0]["content"])
            return str(own), int(beats), str(host), int(process)

    def _release(self) -> None:
        if self._is_held:
            self._done.set()
            self._is_held = False
            with suppress(IndexUnusableError):  # it counts as gone in a moment
                self._beat(is_own=False)

    def _busy(self) -> IndexBusyError:
        return IndexBusyError(
            f"another process is building {self._server.address.of_space(self._space)}",
            "try again in a moment; `assistant build --wait` waits until it has finished",
        )


def _is_dead(host: str, process: int) -> bool:
    """Return whether who builds was a process of this machine that is no more."""
    if host != socket.gethostname() or os.name == "nt" or process <= 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
