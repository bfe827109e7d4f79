"""Builds that are killed or refused by the disk: nothing is lost, mixed, or left lying about."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from indexes import Case, contents, generation
from project import ENVIRONMENT, HELPERS, SOAK
from scenarios import (
    SCENARIOS,
    Told,
    state,
    survives,
)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

SEED = 20


pytestmark = pytest.mark.usefixtures("without_calibration")


OFTEN = ("changed", "first", "other model", "damaged", "upgrade", "unreadable")
"""The scenarios that every run of the tests goes through; the soak goes through all."""


def broken(
    case: Case, how: str, count: int, seed: int = SEED, *before: str
) -> Iterator[tuple[Path, Told]]:
    """Yield the index folders that broken builds leave, and how each ended."""
    program = HELPERS / "broken_builds.py"
    run = subprocess.run(
        [*before, sys.executable, program, case.folder, how, str(seed), str(count)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    for number, line in enumerate(run.stdout.splitlines()):
        yield case.folder / f"broken-{number}", json.loads(line)


@pytest.mark.parametrize(
    ("scenario", "how", "count"),
    [
        *((scenario, "kill", 18) for scenario in OFTEN),
        ("rounds", "kill", 24),
        ("changed", "bytes", 6),
        ("upgrade", "bytes", 6),
        ("unreadable", "bytes", 4),
        ("changed", "moment", 6),
    ],
)
def test_a_killed_build_loses_nothing(tmp_path: Path, scenario: str, how: str, count: int) -> None:
    """Killed at any instant, a build leaves the old index answering or the new one, whole.

    A file is made, written, synced, moved or deleted, and a transaction committed, next to a kill.
    The next build gives what a build that was never killed gives, deletes what was left over, and
    embeds no text whose vector was kept. Of one in rounds, any of them is left.
    """
    case = Case(tmp_path)
    SCENARIOS[scenario](case)
    (whole, steps), *rest = broken(case, how, count)
    before, after = state(case, case.index), contents(whole)
    assert before != after
    assert len(rest) == count
    if how == "kill":
        assert {told["code"] for _, told in rest} == {-9}
        assert {"COMMIT", "create", "fsync", "write"} <= set(steps["steps"])
        assert set(steps["steps"]) <= {told["step"] for _, told in rest}
        assert (generation(whole) > 3) == (scenario == "rounds")
    for index, told in rest:
        survives(case, index, told, before, after)


@pytest.mark.soak
@pytest.mark.parametrize("how", ["kill", "bytes", "moment", "limit"])
def test_builds_that_break_all_day_lose_nothing(tmp_path: Path, how: str) -> None:
    """The same in all scenarios at random instants, for as long as `make soak` says."""
    end, seed = time.monotonic() + SOAK / 4, 0
    told_all: Counter[str] = Counter()
    while time.monotonic() < end:
        for scenario, prepare in SCENARIOS.items():
            case = Case(tmp_path / f"{scenario}-{seed}")
            prepare(case)
            (whole, _), *rest = broken(case, how, 20, seed)
            before, after = state(case, case.index), contents(whole)
            for index, told in rest:
                survives(case, index, told, before, after)
                told_all[f"{scenario} {'killed' if told['code'] < 0 else 'not killed'}"] += 1
            shutil.rmtree(case.folder)
        seed += 1
    sys.stdout.write(f"{how}: {json.dumps(told_all)}\n")


def refused(case: Case, rest: list[tuple[Path, Told]], whole: Path) -> int:
    """Check builds whose writes failed; return how many of them ended with an error."""
    before, after = state(case, case.index), contents(whole)
    errors = 0
    for index, told in rest:
        assert told["code"] == 0, told
        if told["error"]:
            kind, cause, remedy = told["error"]
            errors += 1
            assert kind == "IndexUnusableError", told
            assert "cannot be written" in cause, told
            assert "disk space" in remedy, told
            assert "\n" not in cause + remedy
        survives(case, index, told, before, after)
    return errors


@pytest.mark.parametrize("scenario", [name for name in OFTEN if name != "damaged"])
def test_a_step_that_the_disk_refuses(tmp_path: Path, scenario: str) -> None:
    """Where a file cannot be made, written, synced, moved or deleted, the old index answers.

    Each such step of a build fails by itself, once with EIO and once with ENOSPC.
    """
    case = Case(tmp_path)
    SCENARIOS[scenario](case)
    (whole, _), *rest = broken(case, "refuse", 0)
    assert refused(case, rest, whole) > len(rest) // 3


@pytest.mark.parametrize("scenario", ["changed", "first"])
def test_a_write_that_the_disk_refuses(tmp_path: Path, scenario: str) -> None:
    """Where a write of SQLite or of the vectors fails at any byte, the old index answers."""
    case = Case(tmp_path)
    SCENARIOS[scenario](case)
    (whole, _), *rest = broken(case, "limit", 12)
    assert refused(case, rest, whole) > len(rest) // 2


def can_mount() -> bool:
    """Tell whether a file system can be mounted in a namespace of our own."""
    with_tmpfs = "mount -t tmpfs tmpfs /mnt"
    try:
        run = subprocess.run(["unshare", "-rm", "sh", "-c", with_tmpfs], capture_output=True)
    except OSError:
        return False
    return run.returncode == 0


@pytest.mark.parametrize("scenario", ["changed", "first"])
def test_a_disk_that_fills_up(tmp_path: Path, scenario: str) -> None:
    """However little room there is, a build succeeds or says so, and the old index answers."""
    if not can_mount():
        pytest.skip("no file system can be mounted here")
    case = Case(tmp_path)
    SCENARIOS[scenario](case)
    (whole, _), *rest = broken(case, "full", 12, SEED, "unshare", "-rm")
    assert refused(case, rest, whole) > len(rest) // 3
