"""A program for test_faults: builds that are killed or refused by the disk, each in its own folder.

``python broken_builds.py FOLDER HOW SEED COUNT`` expects FOLDER to hold a ``Case`` with something
to build. For each instant it forks a child, which copies the case's index to FOLDER/broken-N and
builds there; broken-0 is built whole. For each it prints a line of JSON: the instant, the exit code
(negative for a signal), and cause and remedy if the build failed with an error for users.

HOW the build is broken:
    kill     at a statement, or at a step of our own with files
    bytes    within a write, when a file reaches a size
    moment   at a time
    refuse   each step of our own with files fails in turn, whatever COUNT says: for a fault of the
             disk, and for want of room
    limit    every write beyond a size of a file fails, SQLite's and FAISS's as well
    full     the file system has no more room; needs ``unshare -rm``, so that it can be mounted
"""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from indexes import Case, PassageEncoder, read_in_rounds, uncalibrated

import assistant.indexing.build
from assistant.embedding.model import ModelCard
from assistant.errors import AssistantError
from assistant.store import connection as database
from assistant.store import files, update
from assistant.store.repair import recovery

Told = dict[str, Any]


class Clock:
    """Counts the steps of a build, and acts at one of them."""

    def __init__(self, last: int, act: Callable[[], None]) -> None:
        self.last = last
        self.act = act
        self.steps: list[str] = []

    def tick(self, step: str) -> None:
        """Count one step."""
        self.steps.append(step)
        if len(self.steps) == self.last:
            self.act()

    def before(self, step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a tick before it."""

        def ticking(*args: object, **options: object) -> object:
            self.tick(step)
            return work(*args, **options)

        return ticking


class Halves:
    """A file that is written in two steps."""

    def __init__(self, file: BinaryIO, clock: Clock) -> None:
        self._file, self._clock = file, clock

    def write(self, content: bytes) -> None:
        """Write the first half, then the rest."""
        content = bytes(content)
        self._clock.tick("write")
        self._file.write(content[: len(content) // 2])
        self._file.flush()
        self._clock.tick("write the rest")
        self._file.write(content[len(content) // 2 :])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever else a file has)
        return getattr(self._file, name)

    def __enter__(self) -> Halves:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def patch(clock: Clock, *, statements: bool) -> None:
    """Let the clock tick before every step of a build with files, and before each statement."""
    connect, create = database.connect, files.create

    def connect_traced(*args: Any, **options: Any) -> Any:  # noqa: ANN401 (as the function)
        connection = connect(*args, **options)
        connection.set_trace_callback(lambda sql: clock.tick(" ".join(sql.split()[:3])[:24]))
        return connection

    if statements:
        for module in (update, recovery):
            setattr(module, "connect", connect_traced)  # noqa: B010 # it is not the module's own
    timed = clock.before("create", create)
    setattr(files, "create", lambda path: Halves(timed(path), clock))  # noqa: B010 # another type
    for name in ("fsync", "replace", "unlink", "mkdir", "chmod"):
        setattr(os, name, clock.before(name, getattr(os, name)))


def refuse(number: int) -> None:
    """Fail as the disk does."""
    code = (errno.ENOSPC, errno.EIO)[number % 2]
    raise OSError(code, os.strerror(code))


def kill() -> None:
    """End this process at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def build(case: Case, index: Path, told: Path, clock: Clock) -> None:
    """Build in this process, and write down how it ended."""
    record: Told = {"error": None}
    try:
        case.build(index=index)
    except AssistantError as error:
        record["error"] = [type(error).__name__, error.cause, error.remedy]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    told.write_text(json.dumps({**record, "steps": clock.steps}))


class Breaker:
    """Runs builds of one case in children."""

    def __init__(self, folder: Path, how: str, place: Path) -> None:
        self.folder, self.how, self.place = folder, how, place
        self.number = 0

    def run(self, instant: int, after: float | None = None) -> Told:
        """Build in a child, broken at an instant, 0 for never; return how it ended."""
        index = self.place / f"broken-{self.number}"
        told = self.folder / "told.json"
        told.unlink(missing_ok=True)
        case = Case(self.folder)
        case.encoder = PassageEncoder(ModelCard.read(case.model / "card.json"))
        if case.index.exists():
            shutil.copytree(case.index, index)
        child = os.fork()
        if child == 0:
            self._child(case, index, told, instant)
        if after is not None:
            time.sleep(after)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        self.number += 1
        record: Told = {"steps": [], "error": None}
        if told.exists():
            with suppress(ValueError):  # killed after the build, while it was written
                record |= json.loads(told.read_text() or "{}")
        return record | {"instant": instant, "code": os.waitstatus_to_exitcode(status)}

    def _child(self, case: Case, index: Path, told: Path, instant: int) -> None:
        assistant.indexing.build._calibration = uncalibrated  # type: ignore[assignment]
        assistant.indexing.meaning.SAVED_EVERY = 2
        if case.settings.get("rounds"):
            read_in_rounds()
        act = partial(refuse, self.number) if self.how == "refuse" else kill
        clock = Clock(instant if self.how in ("kill", "refuse") else 0, act)
        patch(clock, statements=self.how != "refuse")
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if self.how in ("bytes", "limit") and instant:
            # Python lets it pass, so that a write fails; by default it ends the process.
            action = signal.SIG_DFL if self.how == "bytes" else signal.SIG_IGN
            signal.signal(signal.SIGXFSZ, action)
            resource.setrlimit(resource.RLIMIT_FSIZE, (instant, resource.RLIM_INFINITY))
        if self.how == "full" and instant:
            mount("-o", f"remount,size={instant}", self.place)
        code = 1
        try:
            build(case, index, told, clock)
            code = 0
        finally:
            sys.stderr.flush()
            if code:
                sys.excepthook(*sys.exc_info())
            os._exit(code)


def on_disk(steps: list[str]) -> list[str]:
    """Return the kinds of steps after which something else lies on the disk."""
    return sorted({step for step in steps if step.islower() or step == "COMMIT"})


def instants(steps: list[str], count: int, seed: int) -> list[int]:
    """Return instants to break at: at least one of each kind of step that the disk takes part in.

    The others are the first and the last of the kinds of statements, and random ones.
    """
    first = {step: at for at, step in reversed([*enumerate(steps, 1)])}
    last = {step: at for at, step in enumerate(steps, 1)}
    chance = random.Random(seed)
    chosen = {chance.choice((first[step], last[step])) for step in on_disk(steps)}
    kinds = sorted({*first.values(), *last.values()} - chosen)
    chosen.update(chance.sample(kinds, max(0, min(count - len(chosen), len(kinds)))))
    while len(chosen) < min(count, len(steps)):
        chosen.add(chance.randint(1, len(steps)))
    return sorted(chosen)


def sizes(folder: Path) -> tuple[int, int]:
    """Return the size of the largest file in a folder, and of all, in bytes."""
    found = [path.stat().st_size for path in folder.iterdir()] if folder.exists() else [0]
    return max(found), sum(found)


def mount(*arguments: object) -> None:
    """Mount a file system in memory."""
    subprocess.run(["mount", *map(str, arguments)], check=True)


def main() -> None:
    """Measure one build, then break others."""
    folder, how, seed, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    place = folder
    if how == "full":
        place = folder / "small"
        place.mkdir()
        mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", place)
    breaker = Breaker(folder, how, place)
    began = time.monotonic()
    whole = breaker.run(0)
    lasted = time.monotonic() - began
    chance = random.Random(seed)
    largest, total = sizes(place / "broken-0")
    chosen: list[int]
    if how == "refuse":
        chosen = [at for at in range(1, len(whole["steps"]) + 1) for _ in ("EIO", "ENOSPC")]
    elif how == "kill":
        chosen = instants(whole["steps"], count, seed)
    elif how in ("bytes", "limit"):
        chosen = [chance.randint(1, largest) for _ in range(count)]
    elif how == "full":
        used = sizes(folder / "index")[1] if (folder / "index").exists() else 0
        chosen = [used + at * 2 * total // count // 4096 * 4096 for at in range(1, count + 1)]
    else:
        chosen = [0] * count
    out(whole)
    keep(breaker)
    for instant in chosen:
        if how == "full":
            mount("-o", "remount,size=64m", place)
        out(
            breaker.run(instant, chance.uniform(0, lasted) if how == "moment" else None)
            | {"step": whole["steps"][instant - 1] if how in ("kill", "refuse") else ""}
        )
        keep(breaker)


def keep(breaker: Breaker) -> None:
    """Move what a build left on a small file system to where the test finds it."""
    if breaker.place != breaker.folder:
        name = f"broken-{breaker.number - 1}"
        mount("-o", "remount,size=64m", breaker.place)
        shutil.move(breaker.place / name, breaker.folder / name)


def out(record: Told) -> None:
    """Print a record, of its steps the kinds that the disk takes part in."""
    sys.stdout.write(json.dumps({**record, "steps": on_disk(record["steps"])}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
