"""One model, one index and one build for every browser tab: what the page's process holds."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass

from assistant.errors import AssistantError
from assistant.library import Counts, Notes
from assistant.results import Answer, Filter
from assistant.settings import Settings
from assistant.web.map_chart import Chart
from assistant.web.outline import Outline


@dataclass(slots=True)
class Build:
    """A build that runs beside the questions, or has ended."""

    done: int = 0
    total: int = 0
    """Word pieces; 0 until it is known how many there are to embed."""
    running: bool = True
    report: Counts | None = None
    error: AssistantError | None = None
    told: bool = False
    """Whether the page has said how it ended."""

    @property
    def share(self) -> float:
        """How much is done, in 0..1."""
        return self.done / self.total if self.total else 0.0


class Hub:
    """Answers questions one at a time, and builds meanwhile."""

    def __init__(self, settings: Settings) -> None:
        """Begin to open the model; nothing waits for it before the first question."""
        self.settings = settings
        self.notes = Notes.apart(settings)
        self.notes.open_model()
        self.build: Build | None = None
        self._lock = threading.RLock()
        self._outline: Outline | None = None
        self._chart: Chart | None = None

    @property
    def has_index(self) -> bool:
        """See ``Notes.has_index``."""
        return self.notes.has_index

    def outline(self) -> Outline:
        """Return the notes and headings of the index as it is now."""
        with self._lock, self.notes.held():
            if self._outline is None or self._outline.generation != self.notes.generation:
                self._outline = Outline(self.notes.generation, self.notes.outlines())
            return self._outline

    def chart(self) -> Chart:
        """Return the map of the index as it is now."""
        with self._lock, self.notes.held():
            if self._chart is None or self._chart.generation != self.notes.generation:
                points = self.notes.points()
                self._chart = Chart(self.notes.generation, points, self.notes.regions(points))
            return self._chart

    def ask(self, question: str, count: int, wanted: Filter) -> Answer:
        """Answer a question from the notes as they are now; see ``answer.ask``."""
        with self._lock:
            found = self.notes.ask(question, count, limits=wanted)
            # What is loaded by now stays: the collector need not look at it during a question.
            gc.freeze()
            return found

    def start_build(self) -> None:
        """Bring the index up to date in a thread, unless that is under way."""
        with self._lock:
            if self.build is None or not self.build.running:
                self.build = Build()
                work = self._builder(self.build)
                threading.Thread(target=work, name="build", daemon=True).start()

    def forget_build(self) -> None:
        """Let go of a build whose end has been told; by then it says nothing of the index now."""
        with self._lock:
            if self.build is not None and self.build.told:
                self.build = None

    def _builder(self, build: Build) -> Callable[[], None]:
        def progress(done: int, total: int) -> None:
            build.done, build.total = done, total

        def work() -> None:
            try:
                build.report = self.notes.build_apart(progress)
            except AssistantError as error:
                build.error = error
            finally:
                build.running = False

        return work
