"""An index held open with its model: one state at a time, for one thread at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakSet

from assistant import search, store
from assistant.engine_address import IndexPlace

if TYPE_CHECKING:
    from concurrent.futures import Future

    from assistant.embedding import Encoder
    from assistant.search import Searcher
    from assistant.store import Snapshot

_opened: WeakSet[OpenIndex] = WeakSet()
_left_to_parent: list[object] = []
"""What a forked process holds of its parent, so that nothing of it is closed."""


class OpenIndex:
    """Opens the index and the model when they are first needed, and lends them."""

    def __init__(
        self,
        folder: IndexPlace,
        open_model: Callable[[], Future[Encoder]],
        model: Future[Encoder] | None = None,
        multilingual: Callable[[], Encoder] | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            folder: Where the index lies.
            open_model: Opens the model, at need or again after a failure.
            model: The model, where the caller opens it.
            multilingual: Gives the encoder of other languages; None for none.
        """
        self.folder = folder
        self._multilingual = multilingual
        _opened.add(self)
        self.lock = threading.RLock()
        """Held by whoever uses the index."""
        self._open_model = open_model
        self._model = model
        self._searcher: Searcher | None = None
        self._snapshot: Snapshot | None = None
        """Held while somebody reads and there is no searcher."""
        self._ended = False
        self._uses = 0
        """How many uses of the index are under way, one inside the other."""

    @property
    def model(self) -> Future[Encoder]:
        """The model, opened by a thread from the first look on; who uses it waits for it."""
        with self.lock:
            self._model = self._model or self._open_model()
            return self._model

    def wait_for_model(self) -> None:
        """Wait for a model that is being opened: it may be exported, which only one can do.

        Raises:
            ModelUnavailableError: It cannot be opened.
        """
        if self._model is not None:
            self._model.result()

    def retry_model(self) -> None:
        """Forget a model that could not be opened; the user may have fixed it since."""
        with self.lock:
            model = self._model
            if self._uses or model is None or not model.done():
                return
            if model.exception() is not None:
                self.close()
                self._model = None

    def change_model(
        self,
        open_model: Callable[[], Future[Encoder]],
        multilingual: Callable[[], Encoder] | None = None,
    ) -> None:
        """Let go of the index, and open other encoders for it from now on, see ``__init__``."""
        with self.lock:
            self.close()
            self._open_model, self._model = open_model, None
            self._multilingual = multilingual

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep others out; let go of the state of the index when the outermost use ends.

        While one is held, a writer cannot clear its log away.
        """
        with self.lock:
            if self._ended:
                raise ValueError("these notes are closed")  # as of a closed file: it is a bug
            self._uses += 1
            try:
                yield
            finally:
                self._uses -= 1
                if self._searcher is not None and not self._uses:
                    self._searcher.pause()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Lend the newest state of the index, or the one that is in use; no model is opened.

        Raises:
            IndexUnusableError: There is none, or it is damaged.
        """
        with self.in_use():
            if self._snapshot is not None:
                yield self._snapshot
            elif self._searcher is not None:
                yield self.newest().snapshot
            else:
                with store.index_at(self.folder).snapshot() as snapshot:
                    self._snapshot = snapshot
                    try:
                        yield snapshot
                    finally:
                        self._snapshot = None

    def newest(self) -> Searcher:
        """Return the index ready to be searched, opened anew when another generation is there.

        For whoever uses it, see ``in_use``: meanwhile it stays at one state.

        Raises:
            IndexUnusableError: There is none, or it is damaged.
        """
        if self._searcher is None:
            self._searcher = search.Searcher(self.folder, self.model, self._multilingual)
            return self._searcher
        try:
            self._searcher.resume()
        except BaseException:
            self.close()
            raise
        return self._searcher

    @property
    def in_outer_use(self) -> Searcher | None:
        """What those have it as who use it already, around the one who asks; None for nobody."""
        return self._searcher if self._uses > 1 else None

    def forget(self) -> None:
        """Begin anew in a process that was forked, which has no other thread to let go of the lock.

        What was opened is the parent's: SQLite must not be used, nor closed, in a child, and the
        threads of the model stayed behind.
        """
        self.lock = threading.RLock()
        _left_to_parent.append((self._searcher, self._snapshot, self._model))
        self._searcher = self._snapshot = self._model = None
        self._uses = 0

    def end(self) -> None:
        """Let go of the index for good."""
        self.close()
        self._ended = True

    def close(self) -> None:
        """Let go of the index; the next use opens it again."""
        with self.lock:
            if self._searcher is not None:
                self._searcher.close()
                self._searcher = None


def _forget_all() -> None:
    for index in list(_opened):
        index.forget()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_forget_all)
