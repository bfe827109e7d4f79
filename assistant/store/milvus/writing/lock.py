"""One builder of a space at a time, on a server that has no locks.

Who builds writes its name down, waits, and looks whether that still stands; it goes on to count
while it builds, and another one who sees the number stand still takes the place over. Who has lost
it finds out before it moves the manifest.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from assistant.errors import IndexBusyError, IndexUnusableError
from assistant.store.milvus import collections, records, spaces
from assistant.store.milvus.server import Server

BEAT_SECONDS = 2.0
"""How often who builds says that it is there."""

DEAD_SECONDS = 12.0
"""Without a sign, from which on it counts as gone."""

SETTLE_SECONDS = 0.3
"""Longer than two take to write at once."""


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
                spaces.number_of("lock", self._space),
                self._space,
                "lock",
                born=0,
                content=json.dumps(told),
            )
            self._server.upsert(spaces.name_of(self._server), [row])

    def _read(self) -> tuple[str, int, str, int] | None:
        with self._at:
            found = self._server.get(
                spaces.name_of(self._server), [spaces.number_of("lock", self._space)], ["content"]
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
