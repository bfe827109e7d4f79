"""Rebuild the index on every save: wait for changes below the notes folders, and build."""

from __future__ import annotations

import ctypes
import gc
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

import watchfiles

from assistant.errors import AssistantError, IndexBusyError
from assistant.indexing import Report
from assistant.notes import absolute, below, is_markdown, tells_of_notes
from assistant.records import Skipped, Source
from assistant.settings import Settings
from assistant.settings import load as config
from assistant.text import counted

SETTLE_MS = 200
"""Milliseconds without a change after which a save is taken to be whole."""

LONGEST_MS = 800
"""Milliseconds after which a build begins even though changes go on."""

LOOK_SECONDS = 1.0
"""Seconds after which folders that have gone, and builds that were put off, are looked at again."""

MOST_NAMED = 3
"""Changed notes that a line names."""

Tell = Callable[[str], None]


class Notes(Protocol):
    """What a watcher needs of the notes that it watches; see ``api.Notes``."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""

    def follow(self, settings: Settings) -> None:
        """Take the notes and the model of other settings from now on."""

    def sources(self) -> tuple[Source, ...]:
        """Return the folders and files of notes that the index follows."""

    def build(self, notes: Sequence[Path | Source], *, check: bool) -> Report:
        """Bring the index up to date."""


class Watcher:
    """Keeps an index as new as its notes."""

    def __init__(
        self,
        notes: Notes,
        sources: Sequence[Path | Source],
        tell: Tell,
        load: Callable[[], Settings] | None = None,
    ) -> None:
        """Prepare to watch; ``run`` begins.

        Args:
            notes: The index, with its model.
            sources: Folders and files of notes.
            tell: Takes one line for each thing worth knowing.
            load: Returns the settings as they are now, to follow the notes that they name.
        """
        self._notes = notes
        self._sources = absolute(sources)
        self._tell = tell
        place = notes.settings.index
        self._index = place.resolve() if isinstance(place, Path) else None
        self._told = ""
        self._unread: dict[str, str] = {}
        self._load = load
        self._stamps = config.stamps(notes.settings)

    def run(self, stop: threading.Event | None = None) -> None:
        """Build now, and after every change until told to stop.

        Whatever a build raises is told once, and the build tried again at the next change, or after
        a moment when another process was building or a folder had gone.
        """
        stop = stop or threading.Event()
        wanted = True
        known = None
        while not stop.is_set():
            self._reload()
            before, known = known, self._state()
            wanted = wanted or known != before
            for names in self._changes(stop):
                if self._state() != known:  # else the model of before would have its index back
                    wanted = wanted or bool(names)
                    break
                wanted = (wanted or bool(names)) and not self._build(names)
                if self._state() != known:
                    break

    def _changes(self, stop: threading.Event) -> Iterator[list[str]]:
        """Yield the notes that changed, or none after a moment without a change, once at once."""
        yield []
        here = [source.path for source in self._sources if source.path.exists()]
        if not here:
            stop.wait(LOOK_SECONDS)
            return
        for changes in watchfiles.watch(
            *here,
            watch_filter=self._counts,
            debounce=LONGEST_MS,
            step=SETTLE_MS,
            stop_event=stop,
            rust_timeout=int(LOOK_SECONDS * 1000),
            yield_on_timeout=True,
        ):
            yield sorted({self._name(path) for _, path in changes})

    def _counts(self, _: watchfiles.Change, path: str) -> bool:
        """Return whether a changed path may change the index; what the index writes does not."""
        changed = Path(path)
        if self._index and changed.is_relative_to(self._index):
            return False
        steps = self._name(path).split("/")
        if any(step.startswith(".") for step in steps[:-1]):
            return False
        if tells_of_notes(steps[-1]):
            return True
        # A folder that was moved comes as one change, and one that has gone is no file any more.
        return not (steps[-1].startswith(".") or changed.is_file())

    def _name(self, path: str) -> str:
        """Return a path as it is told: below its notes folder."""
        names = (below(source, Path(path)) for source in self._sources)
        return next(filter(None, names), Path(path).name)

    def _build(self, names: Sequence[str]) -> bool:
        """Bring the index up to date; tell what came of it, and whether that is settled."""
        try:
            report = self._notes.build(self._sources, check=False)
        except AssistantError as error:
            self._say(f"{error.cause}; {error.remedy}")
            return not isinstance(error, IndexBusyError)
        # A bug, or what a library raises, is of the notes as they are now: the next save may undo
        # what led to it, and who watches all day is not there to start again.
        except Exception as error:
            self._say(f"the build broke off ({described(error)}); `assistant build` shows where")
            return True
        if report.read or report.removed or report.embedded:
            give_back_memory()
            self._told = ""
            self._say(f"{_named(names)}: {_counts(report)}" if names else _counts(report))
        self._say_unread(report.manifest.skipped)
        return True

    def _say_unread(self, skipped: Iterable[Skipped]) -> None:
        """Tell of the notes that could not be read, each once until that changes."""
        unread = {item.path: item.reason for item in skipped if item.size or item.out_of_reach}
        news = [f"{path}: {reason}" for path, reason in unread.items() if path not in self._unread]
        if news:
            self._told = ""  # it may have been told, and have been readable meanwhile
        for line in news[:MOST_NAMED]:
            self._say(line)
        if len(news) > MOST_NAMED:
            self._say(f"{len(news) - MOST_NAMED:,} more cannot be read; see `assistant status`")
        self._unread = unread

    def _state(self) -> tuple[object, ...]:
        """Return what tells that folders were replaced, or the settings changed."""
        identities = _identities([source.path for source in self._sources])
        return self._sources, identities, config.stamps(self._notes.settings)

    def _reload(self) -> None:
        """Follow notes folders and model of the settings, if these changed; the index stays."""
        stamps = config.stamps(self._notes.settings)
        if self._load is None or stamps == self._stamps:
            return
        self._stamps = stamps
        try:
            self._notes.follow(self._load())
            self._sources = self._notes.sources()
        except AssistantError as error:
            self._say(f"{error.cause}; {error.remedy}")

    def _say(self, line: str) -> None:
        """Tell a line with the time, unless it was the last one told."""
        if line != self._told:
            self._told = line
            self._tell(f"{datetime.now().astimezone():%H:%M:%S}  {line}")


def described(error: Exception) -> str:
    """Return an error on one line: its kind, and the first line of what it says, if anything."""
    said = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def give_back_memory() -> None:
    """Give what a build needed back to the system; glibc would keep it for the next one."""
    gc.collect()
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def _identities(paths: Sequence[Path]) -> list[tuple[int, int] | None]:
    """Return what tells a folder from another of the same name; None for one that is not there."""
    found: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            state = os.stat(path)  # noqa: PTH116 # as fast as it is often
            found.append((state.st_dev, state.st_ino))
        except OSError:
            found.append(None)
    return found


def _named(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are.

    Among notes, whatever else changed goes unnamed: an editor's file of a moment, gone before
    anybody could look at it, passes for a folder that has gone.
    """
    names = [name for name in names if is_markdown(name)] or names
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _counts(report: Report) -> str:
    """Return what a build did, in words."""
    words = [f"{counted(report.read, 'note')} read"] if report.read else []
    if report.removed:
        words.append(f"{report.removed:,} removed")
    return ", ".join([*words, f"{report.embedded:,} embedded"])
