"""A progress bar for builds, and a line where there is no terminal to show one.

rich is imported when there is something to show.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self, TextIO

from assistant.cli.terminal.interrupts import raise_again

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SILENT_SECONDS = 1.0
"""Seconds of work after which whoever waits without a terminal is told what for."""

TAKEN_IN = "taking in notes; this takes a moment"
"""What a question waits for."""


class Bar:
    """Shows how far a build is, its rate and the time left; silent where there is no terminal."""

    def __init__(self, stream: TextIO, wait: str = "") -> None:
        """Show nothing yet.

        Args:
            stream: Where to.
            wait: What is waited for: a line where there is no terminal, when it takes a moment.
        """
        self._stream = stream
        self._wait = wait
        self._timer: threading.Timer | None = None
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar off the screen."""
        if self._timer is not None:
            self._timer.cancel()
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` of a stage are done: word pieces when it embeds.

        Reading comes first and is mostly done at once: there is no bar for it. Many notes are
        cut under one of their own.
        """
        raise_again()  # a build has more to tidy up than a question, and a bar hides the cursor
        if not self._stream.isatty():
            self._tell_later()
            return
        if stage == "reading":
            return
        if self._progress is None:
            self._progress = self._start()
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total)
        self._progress.update(self._tasks[stage], completed=done, total=total)

    def _tell_later(self) -> None:
        """Say what is waited for, once, unless it is over by then."""
        if self._wait and self._timer is None:
            self._timer = threading.Timer(SILENT_SECONDS, self._tell)
            self._timer.daemon = True
            self._timer.start()

    def _tell(self) -> None:
        self._stream.write(f"{self._wait}\n")
        self._stream.flush()

    def _start(self) -> Progress:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            Task,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.text import Text

        class Rate(ProgressColumn):
            def render(self, task: Task) -> Text:
                unit = "word pieces" if task.description == "embedding" else task.description
                return Text(f"{task.speed or 0:,.0f} {unit}/s", style="dim")

        progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeRemainingColumn(),
            console=Console(file=self._stream),
            transient=True,
        )
        progress.start()
        return progress
