"""A progress bar for builds; rich is imported when there is something to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TextIO

from assistant.cli.terminal.interrupts import raise_again

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """Shows how far a build is, its rate and the time left; silent where there is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar off the screen."""
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` of a stage are done: word pieces when it embeds."""
        raise_again()  # a build has more to tidy up than a question, and a bar hides the cursor
        if not self._stream.isatty():
            return
        if self._progress is None:
            self._progress = self._start()
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total)
        self._progress.update(self._tasks[stage], completed=done, total=total)

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
