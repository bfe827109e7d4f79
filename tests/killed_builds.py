"""A program for test_store: builds that are killed, each in a folder of its own.

``python killed_builds.py FOLDER`` expects FOLDER to hold a ``Case`` whose notes were changed since
its build. It forks a child for each instant, which copies the case's index to FOLDER/killed-N,
builds there, and kills itself at the instant. It prints the instants, one a line.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from indexes import Case, uncalibrated

import assistant.build
from assistant import dense, writer
from assistant.dense import Index

KILLS = 10


class Clock:
    """Counts what a build does to the disk, and kills it at a given count."""

    def __init__(self, last: int) -> None:
        self.now = 0
        self.last = last

    def tick(self) -> None:
        """Count one step."""
        self.now += 1
        if self.now == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, work: Callable[..., object]) -> Callable[..., object]:
        """Return the function with a tick before it."""

        def ticking(*args: object, **options: object) -> object:
            self.tick()
            return work(*args, **options)

        return ticking


def patch(clock: Clock) -> None:
    """Let the clock tick before each statement, and around and within the write of vectors."""
    for name in ("query", "_many", "_insert"):
        setattr(writer.Writer, name, clock.before(getattr(writer.Writer, name)))
    write = dense.write

    def write_in_steps(index: Index, path: Path) -> None:
        clock.tick()
        path.write_bytes(b"IxM2 a part")
        clock.tick()
        write(index, path)
        clock.tick()

    dense.write = write_in_steps
    assistant.build._calibration = uncalibrated  # type: ignore[assignment]
    assistant.build._remove_files = clock.before(assistant.build._remove_files)  # type: ignore[assignment]


def run(folder: Path, number: int, last: int) -> int:
    """Build in a child; return how far its clock came, by a pipe, or 0 if it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        clock = Clock(last)
        case = Case(folder)
        shutil.copytree(case.index, folder / f"killed-{number}")
        patch(clock)
        case.build(index=folder / f"killed-{number}")
        os.write(writing, str(clock.now).encode())
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 100)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == (0 if told else -signal.SIGKILL)
    return int(told or 0)


def main() -> None:
    """Measure one build, then kill others."""
    folder = Path(sys.argv[1])
    total = run(folder, 0, last=0)
    instants = random.Random(0).sample(range(1, total - 4), KILLS - 5)
    # Within and after the write of the vectors, up to the commit and after it.
    for number, instant in enumerate([*sorted(instants), *range(total - 4, total + 1)], 1):
        assert run(folder, number, last=instant) == 0
        sys.stdout.write(f"{instant} of {total}\n")


if __name__ == "__main__":
    main()
