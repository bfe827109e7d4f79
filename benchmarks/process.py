"""Whole processes, timed: wall and processor time, and the most memory they held.

This imports next to nothing: on Linux a child's peak begins at the size of the process that
starts it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ASSISTANT = (sys.executable, "-m", "assistant")

# Users have their bytecode kept; a machine for tests may be told not to keep it.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
    "HF_HUB_OFFLINE": "1",
    "PYTHONPATH": str(HERE.parent),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One process, or the median of several."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, of all threads, in user and system mode."""
    peak: float
    """Resident memory at most, MB of 10**6 bytes."""
    said: str = ""
    """What it wrote to standard error."""


def run(command: Sequence[str], *, terminal: bool = False) -> Run:
    """Run a command to its end and measure it; ``terminal`` gives it one to write to.

    Raises:
        RuntimeError: It failed; 1 is no failure, since it says that the notes do not answer.
    """
    main, sub = os.openpty() if terminal else (None, subprocess.DEVNULL)
    begin = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=sub, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        if main is not None:
            os.close(sub)
            with suppress(OSError):  # how Linux says that the other end is closed
                while os.read(main, 65536):
                    pass
            os.close(main)
        said = process.stderr.read().decode() if process.stderr else ""
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1) or "Traceback" in said:
        raise RuntimeError(f"{command} ended with {process.returncode}: {said}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6, said)


def figures(*command: str | Path) -> dict[str, Any]:
    """Run a script of this folder and return the JSON that it prints."""
    words = [sys.executable, *(str(HERE / command[0]), *map(str, command[1:]))]
    found = subprocess.run(words, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE)
    result: dict[str, Any] = json.loads(found.stdout)
    return result


def median(runs: Sequence[Run]) -> Run:
    """Return the median of each figure."""
    return Run(
        statistics.median(r.wall for r in runs),
        statistics.median(r.cpu for r in runs),
        statistics.median(r.peak for r in runs),
        runs[-1].said,
    )


def interleaved(kinds: Mapping[str, Callable[[], Run]], repeats: int) -> dict[str, Run]:
    """Return medians of runs of several kinds, taken in turn, so that all meet the same load."""
    runs: dict[str, list[Run]] = {name: [] for name in kinds}
    for _ in range(repeats):
        for name, once in kinds.items():
            runs[name].append(once())
    return {name: median(found) for name, found in runs.items()}


def warm(index: Path, questions: Sequence[str], rounds: int) -> list[float]:
    """Ask questions of one running process and return the seconds that each answer took.

    The first round is not counted: it reads what stays in memory after it.
    """
    command = [*ASSISTANT, "--index", str(index), "ask", "--batch", "-", "--json"]
    asked = [*questions] * (rounds + 1)
    answers, taken = conversation(command, asked)
    assert [answer["question"] for answer in answers] == asked
    return taken[len(questions) :]


def conversation(command: Sequence[str], questions: Sequence[str]) -> tuple[list[Any], list[float]]:
    """Ask a process that reads a question a line and answers each by a line of JSON.

    Returns:
        The answers, and the seconds that each took.
    """
    answers: list[Any] = []
    taken: list[float] = []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, encoding="utf-8"
    ) as process:
        assert process.stdin
        assert process.stdout
        for question in questions:
            begin = time.perf_counter()
            process.stdin.write(question + "\n")
            process.stdin.flush()
            answers.append(json.loads(process.stdout.readline()))
            taken.append(time.perf_counter() - begin)
        process.stdin.close()
    return answers, taken
