"""Two writers, eight readers and an editor at once: every answer is of one whole index."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from project import ENVIRONMENT, HELPERS, SOAK

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

READERS = 8
LONGEST_WAIT_MS = 100


def loaded(
    folder: Path, seconds: float, seed: int, how: str, readers: int = READERS
) -> dict[str, Any]:
    """Put an index under load, see ``load.py``; return what came of it."""
    program = HELPERS / "load.py"
    words = [sys.executable, program, folder, seconds, readers, seed, how]
    run = subprocess.run(
        list(map(str, words)), env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    record: dict[str, Any] = json.loads(run.stdout)
    return record


def is_well(record: dict[str, Any]) -> bool:
    """Check what held in any run; return whether enough went on to tell."""
    assert record["problems"] == []
    assert all(cause.startswith("another process is building") for cause in record["told"])
    return bool(
        record["answers"] > 10 * READERS
        and record["generations"] > 3
        and record["edits"] > 30
        and min(record["built"]) > 0
        and record["told"]
    )


def test_answers_under_load_are_of_one_index(tmp_path: Path) -> None:
    """While notes are edited, added, renamed and deleted and two processes build, readers answer.

    Whoever asks an index of a generation gets what all get who ask that generation; nobody meets
    an error, and hardly anybody a lock; the writer that comes second is told so. In the end the
    index holds what one built anew does.
    """
    record = loaded(tmp_path, 10, 1, "open")
    assert is_well(record), record
    assert record["busy"] < record["answers"] / 10


@pytest.mark.soak
def test_load_for_a_minute(tmp_path: Path) -> None:
    """The same for longer, with no page that keeps the index open; no lock lasts 0.1 s."""
    record = loaded(tmp_path, SOAK, 2, "closed")
    assert is_well(record), record
    assert record["waited"] < LONGEST_WAIT_MS, record


@pytest.mark.soak
def test_builders_that_are_killed_under_load(tmp_path: Path) -> None:
    """While two that build and a watcher are killed and started again, three readers answer.

    Each answer is of one whole index; an index of another version is told of until it is made anew.
    """
    record = loaded(tmp_path, SOAK, 3, "killed", readers=3)
    sys.stdout.write(json.dumps(record) + "\n")
    assert record["problems"] == [], record
    assert record["answers"] > SOAK
    assert record["generations"] > SOAK / 10
    assert record["kills"] > SOAK
