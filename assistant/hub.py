"""One model, one index and one build for every browser tab: what the page's process holds."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assistant import export, narrow, session, shelf
from assistant.config import Settings
from assistant.errors import AssistantError
from assistant.library import Notes
from assistant.narrow import Filter
from assistant.records import Answer

if TYPE_CHECKING:
    from assistant.embed import Encoder
    from assistant.unchanged import Report


@dataclass(slots=True)
class Build:
    """A build that runs beside the questions, or has ended."""

    done: int = 0
    total: int = 0
    """Word pieces; 0 until it is known how many there are to embed."""
    running: bool = True
    report: Report | None = None
    error: AssistantError | None = None

    @property
    def share(self) -> float:
        """How much is done, in 0..1."""
        return self.done / self.total if self.total else 0.0


class Hub:
    """Answers questions one at a time, and builds meanwhile."""

    def __init__(self, settings: Settings) -> None:
        """Begin to open the model; nothing waits for it before the first question."""
        self.settings = settings
        self.notes = Notes(settings, open_encoder(settings.model))
        self.build: Build | None = None
        self._lock = threading.RLock()

    @property
    def has_index(self) -> bool:
        """See ``Notes.has_index``."""
        return self.notes.has_index

    def ask(self, question: str, count: int, wanted: Filter) -> Answer:
        """Answer a question from the notes as they are now; see ``answer.ask``."""
        with self._lock:
            self._retry_model()
            self.notes.refresh()
            with self.notes.reader() as reader:
                among = narrow.chunks(reader, wanted)
            found = self.notes.ask(question, count, among=among, refresh=False)
            # What is loaded by now stays: the collector need not look at it during a question.
            gc.freeze()
            return found

    def place(self, question: str) -> tuple[float, float] | None:
        """Return where a question lies on the map of the notes."""
        with self.notes.searcher(refresh=False) as searcher:
            plane = shelf.plane(searcher.reader)
            if plane is None:
                return None
            x, y = plane.place(searcher.prepare(question).vector[np.newaxis])[0].tolist()
            return x, y

    def start_build(self) -> None:
        """Bring the index up to date in a thread, unless that is under way."""
        with self._lock:
            if self.build is None or not self.build.running:
                self._retry_model()
                self.build = Build()
                work = self._builder(self.build)
                threading.Thread(target=work, name="build", daemon=True).start()

    def _retry_model(self) -> None:
        """Open the model again if that failed; the user may have mended it."""
        encoder = self.notes.encoder
        if encoder.done() and encoder.exception():
            self.notes.close()
            self.notes = Notes(self.settings, open_encoder(self.settings.model))

    def _builder(self, build: Build) -> Callable[[], None]:
        def progress(_: str, done: int, total: int) -> None:
            build.done, build.total = done, total

        def work() -> None:
            try:
                sources = session.followed(self.settings)
                build.report = session.rebuild(
                    self.settings,
                    sources,
                    check=True,
                    progress=progress,
                    encoder=self.notes.encoder,
                )
            except AssistantError as error:
                build.error = error
            finally:
                build.running = False

        return work


def open_encoder(model: str) -> Future[Encoder]:
    """Open the model in a thread; a model never used before is exported by another process.

    That process loads torch, which this one would keep in memory for as long as the page runs.
    """
    future: Future[Encoder] = Future()

    def work() -> None:
        try:
            if export.ready(model) is None:
                code = "import sys; from assistant.export import exported; exported(sys.argv[1])"
                # Whatever goes wrong goes wrong again below, and is told there.
                subprocess.run([sys.executable, "-c", code, model], check=False, timeout=600)
            future.set_result(session.open_encoder(model).result())
        # Whatever happens here is raised again where the result is asked for.
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name="export-model", daemon=True).start()
    return future
