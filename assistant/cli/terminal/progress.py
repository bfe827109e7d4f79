"""How far a build is: a bar on a terminal, and lines where there is none.

rich is imported when there is something to show.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self, TextIO

from assistant.cli.terminal.interrupts import raise_again
from assistant.cli.terminal.time_left import TimeLeft, in_words
from assistant.text import counted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SHOWN_AFTER = 0.5
"""Seconds of work after which a bar is worth the flicker."""

SILENT_SECONDS = 1.0
"""Seconds of work after which whoever waits without a terminal is told what for."""

LINE_SECONDS = 10.0
"""Seconds between the lines that say how far a build is where there is no terminal."""

TAKEN_IN = "taking in notes; this takes a moment"
"""What a question waits for."""

LOADING = "loading the model"
"""What a build begins with, and what takes longest when the model is used for the first time."""

_UNITS = {"reading": "note", "cutting": "note", "questions": "question"}
"""What stages count that are not told in percent."""


class Bar:
    """Shows how far a build is and the time left; where there is no terminal, a line now and then.

    It may be told of a stage at any time, by any thread.
    """

    def __init__(self, stream: TextIO, wait: str = "", begin: str = "") -> None:
        """Show nothing yet.

        Args:
            stream: Where to.
            wait: What is waited for: a line where there is no terminal, when it takes a moment,
                and the only one.
            begin: What is done before the first stage is told; empty to show nothing till then.
        """
        self._stream = stream
        self._wait = wait
        self._begin = begin
        self._began = time.monotonic()
        self._words = begin
        self._share: float | None = None
        self._notes = 0
        self._left: dict[str, TimeLeft] = {}
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._timer: threading.Timer | None = None
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._begin:
            raise_again()  # what it shows is to be taken off the screen
            self._thread = threading.Thread(target=self._go_on, name="progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Take the bar off the screen; it says nothing from then on."""
        self._ended.set()
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            if self._progress is not None:
                self._progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` of a stage are done: notes when it reads them."""
        raise_again()  # a build has more to tidy up than a question, and a bar hides the cursor
        if self._wait and not self._stream.isatty():
            self._tell_later()
            return
        with self._lock:
            self._words = self._told(stage, done, total)
            self._share = done / total if total else None
            if self._stream.isatty() and time.monotonic() - self._began >= SHOWN_AFTER:
                self._show()

    def _told(self, stage: str, done: int, total: int) -> str:
        """Return how far a stage is, in words."""
        if stage == "reading":
            self._notes = total
        left = self._left.setdefault(stage, TimeLeft()).at(time.monotonic(), done, total)
        if unit := _UNITS.get(stage):
            words = f"{stage}: {done:,} of {counted(total, unit)}"
        else:
            what = f"{stage} {counted(self._notes, 'note')}" if self._notes else stage
            if done == total:  # the index is still to be written, and the verdict calibrated
                return "finishing"
            words = f"{what}: {100 * done // total if total else 0} %"
        return words if left is None else f"{words}, {in_words(left)} left"

    def _go_on(self) -> None:
        """Show what is done before the first stage; without a terminal, a line now and then."""
        if self._stream.isatty():
            if not self._ended.wait(SHOWN_AFTER):
                with self._lock:
                    if not self._ended.is_set():
                        self._show()
            return
        while not (self._wait or self._ended.wait(LINE_SECONDS)):
            self._stream.write(f"{self._words}\n")
            self._stream.flush()

    def _tell_later(self) -> None:
        """Say what is waited for, once, unless it is over by then."""
        if self._timer is None:
            self._timer = threading.Timer(SILENT_SECONDS, self._tell)
            self._timer.daemon = True
            self._timer.start()

    def _tell(self) -> None:
        self._stream.write(f"{self._wait}\n")
        self._stream.flush()

    def _show(self) -> None:
        """Put the words and the share onto the screen."""
        if self._progress is None:
            self._progress = self._start()
            self._task = self._progress.add_task(self._words, total=None)
        assert self._task is not None
        self._progress.update(
            self._task,
            description=self._words,
            completed=self._share or 0.0,
            total=1.0 if self._share is not None else None,
        )

    def _start(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        progress = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.description}", markup=False),
            console=Console(file=self._stream),
            transient=True,
        )
        progress.start()
        return progress
