"""What the benchmarks stand in for keeps up with the program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.answering.judging import grounding, likelihood

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.usefixtures("model_folder")
def test_the_large_benchmark_builds_an_index(tmp_path: Path) -> None:
    """Its stand-in for the model does all that a build asks of one."""
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "scale.py", tmp_path, "100"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["chunks"] == 100


@pytest.mark.usefixtures("model_folder")
def test_a_set_of_questions_is_measured(tmp_path: Path) -> None:
    """Its notes are indexed, its questions asked, and each measure is a share."""
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "sets.py", tmp_path, "--set", "small-travel", "--misses"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("set")
    name, count, *shares = ran.stdout.splitlines()[1].split()
    assert (name, int(count), len(shares)) == ("small-travel", 8, 8)
    assert all(0 <= float(share) <= 1 for share in shares)


@pytest.mark.usefixtures("model_folder")
def test_a_set_is_asked_without_what_answers(tmp_path: Path) -> None:
    """Only the answerable questions are, and the verdict alone is measured."""
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "sets.py", tmp_path, "--set", "small-travel", "--taken-out"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    name, count, *shares = ran.stdout.splitlines()[1].split()
    assert (name, int(count)) == ("small-travel", 4)
    assert [share == "-" for share in shares] == [True] * 5 + [False, False, True]


@pytest.mark.usefixtures("model_folder")
def test_the_weights_of_grounding_are_fitted(tmp_path: Path) -> None:
    """Each measure gets a weight that counts the way it should, and each area is a share."""
    sets = ("--set", "small-travel", "--set", "small-garden")
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "grounding.py", tmp_path, *sets],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [line.split() for line in ran.stdout.splitlines()]
    fitted = {line[0]: float(line[1]) for line in lines if "now" in line}
    assert list(fitted) == [*grounding.WEIGHTS, "bias"]
    assert fitted.pop("neither") <= 0
    assert all(weight >= 0 for name, weight in fitted.items() if name != "bias")
    areas = [float(line[-1]) for line in lines if line[0] == "AUC"]
    assert len(areas) == 4
    assert all(0.5 <= area <= 1 for area in areas)


@pytest.mark.usefixtures("model_folder")
def test_the_weights_of_likelihood_are_fitted(tmp_path: Path) -> None:
    """Each measure gets a weight that counts the way it should, and the curve has all results."""
    sets = ("--set", "small-travel", "--set", "small-garden")
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "likelihood.py", tmp_path, *sets],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [line.split() for line in ran.stdout.splitlines()]
    fitted = {line[0]: float(line[1]) for line in lines if "now" in line}
    assert list(fitted) == [*likelihood.WEIGHTS, "bias"]
    for name, weight in likelihood.WEIGHTS.items():
        assert fitted[name] * weight >= 0
    assert sum(int(line[-1]) for line in lines if line[0] == "said") == 18 * likelihood.RIVALS


def test_every_benchmark_finds_what_it_imports() -> None:
    """Also the helpers of the tests, of which some are made."""
    code = """
import runpy, sys
from pathlib import Path
folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))
for file in sorted(folder.glob("*.py")):
    before = [*sys.path]
    runpy.run_path(str(file), run_name="benchmark")
    sys.path[:] = before
"""
    ran = subprocess.run(
        [sys.executable, "-c", code, BENCHMARKS], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
