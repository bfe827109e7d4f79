"""Builds during which the power fails: what was not synced may be lost, and nothing else."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from indexes import Case, contents
from power_loss import Disk, Step, record
from project import SOAK
from scenarios import SCENARIOS, kept_texts, state, survives

pytestmark = pytest.mark.usefixtures("without_calibration")

SHARES = (0.0, 0.5, 1.0)
"""Of what is on its way to the disk, what reaches it."""


def can_trace() -> bool:
    """Tell whether strace is here and may look at other processes."""
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode == 0


def after_failures(
    case: Case, steps: list[Step], moments: set[int], chance: random.Random
) -> Iterator[tuple[Path, set[str], str]]:
    """Yield folders as the power leaves them, the texts that must be kept, and what happened."""
    disk = Disk(case.folder / "before")
    old = kept_texts(case, case.folder / "before") if (case.folder / "before").exists() else set()
    for moment, step in enumerate([*steps, None]):
        if moment in moments:
            share = chance.choice(SHARES)
            place = case.folder / f"failed-{moment}"
            disk.fail(place, chance, share)
            yield place, old | disk.kept, f"step {moment} of {len(steps)}, {share}: {step}"[:200]
        if step:
            disk.take(step)


def fails(case: Case, count: int, seed: int) -> int:
    """Let the power fail at some moments of a build; return how many there were to choose from."""
    before = state(case, case.index)
    if case.index.exists():
        shutil.copytree(case.index, case.folder / "before")
        for path in (case.folder / "before").glob("*-shm"):
            path.unlink()
    steps = record(case)
    after = contents(case.index)
    chance = random.Random(seed)
    # Next to a sync, to a name that changes and to a text that is kept, more depends on the order.
    turns = [n for n, step in enumerate(steps) if step.kind not in ("write", "truncate")]
    chosen = {*chance.sample(turns, min(count, len(turns))), len(steps)}
    chosen |= {*chance.sample(range(len(steps)), min(count // 2, len(steps)))}
    for place, kept, told in after_failures(case, steps, chosen, chance):
        assert kept <= kept_texts(case, place), told
        survives(case, place, {"told": told}, before, after)
        shutil.rmtree(place)
    return len(chosen)


@pytest.mark.parametrize("scenario", ["changed", "first", "upgrade", "unreadable"])
def test_what_was_synced_outlives_a_loss_of_power(tmp_path: Path, scenario: str) -> None:
    """The old index answers or the new one, and the next build embeds nothing that was kept."""
    if not can_trace():
        pytest.skip("strace is not installed, or may not look at other processes")
    case = Case(tmp_path)
    SCENARIOS[scenario](case)
    assert fails(case, 12, 1) > 12


@pytest.mark.soak
def test_power_that_fails_all_day(tmp_path: Path) -> None:
    """The same for all scenarios, at as many moments as there is time for."""
    if not can_trace():
        pytest.skip("strace is not installed, or may not look at other processes")
    end, seed, count = time.monotonic() + SOAK, 0, 0
    while time.monotonic() < end:
        for scenario, prepare in SCENARIOS.items():
            case = Case(tmp_path / f"{scenario}-{seed}")
            prepare(case)
            count += fails(case, 40, seed)
            shutil.rmtree(case.folder)
        seed += 1
    sys.stdout.write(f"{count} losses of power\n")
