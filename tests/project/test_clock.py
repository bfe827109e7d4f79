"""Clocks that jump: an edit is seen whatever time it has, and generations go on counting."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from indexes import Case, generation

from assistant.indexing import build as building
from assistant.indexing.freshness import since_build
from assistant.library import status
from assistant.records import Source
from assistant.store.snapshot import Snapshot

YEAR_NS = 365 * 86_400 * 10**9

pytestmark = pytest.mark.usefixtures("without_calibration")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Two notes, not indexed yet."""
    case = Case(tmp_path)
    case.write("a.md", "# A\n\none\n")
    case.write("b.md", "# B\n\nwords\n")
    return case


def newer(case: Case) -> int:
    """Return how many notes the index does not know as they are."""
    with Snapshot(case.index) as snapshot:
        return since_build(snapshot, [Source(case.notes)]).count


def texts(case: Case) -> str:
    """Return what the entries of the index say."""
    with Snapshot(case.index) as snapshot:
        return "".join(text for (text,) in snapshot.query("SELECT text FROM entries"))


def rewrite(case: Case, text: str, time_ns: int) -> None:
    """Write a note of the same size, as of some time."""
    (case.notes / "a.md").write_text(f"# A\n\n{text}\n")
    os.utime(case.notes / "a.md", ns=(time_ns, time_ns))


@pytest.mark.parametrize("jump", [-60 * YEAR_NS, -YEAR_NS, -1, 1, YEAR_NS, 200 * YEAR_NS])
def test_an_edit_of_any_time_is_seen(case: Case, jump: int) -> None:
    """A note of the same size that is older than before, or of the future, is read again."""
    case.build()
    was = (case.notes / "a.md").stat().st_mtime_ns
    rewrite(case, "two", was + jump)
    assert newer(case) == 1
    assert case.build().read == 1
    assert "two" in texts(case)
    assert newer(case) == 0
    rewrite(case, "six", was)
    assert newer(case) == 1
    assert case.build().read == 1
    assert "six" in texts(case)


@pytest.mark.parametrize("jump", [-YEAR_NS, -(10**9), 0])
def test_an_edit_after_the_clock_went_back_is_seen(
    case: Case, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    """A note that is of later than the clock by which it is read is told by what it says."""
    now = time.time_ns()
    rewrite(case, "one", now)
    monkeypatch.setattr("assistant.indexing.plan.time.time_ns", lambda: now + jump)
    case.build()
    assert newer(case) == 0
    rewrite(case, "two", now)
    assert newer(case) == 1
    case.build()
    assert "two" in texts(case)


def test_generations_count_on_whatever_the_clock_says(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Builds of a clock that goes back and forth follow one another, and the index says its age."""
    case.build()
    for number, days in enumerate((-4000, 4000, -1, 0), 2):

        class Clock(datetime):
            """A clock that is some days off."""

            off = timedelta(days=days)

            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
                """Return the time that it shows."""
                return datetime.now(UTC) + cls.off

        with monkeypatch.context() as patch:
            patch.setattr(building, "datetime", Clock)
            rewrite(case, f"{number:03}", 1_700_000_000_000_000_000 - number)
            case.build()
        assert generation(case.index) == number
        age = dict(status.gather(case.index, [Source(case.notes)]).lines())["built"]
        assert ("just now" if days >= 0 else "ago") in age


def test_an_edit_that_keeps_size_and_time_is_seen(case: Case) -> None:
    """Where a program sets the time back to what it was, the system's own time of change tells."""
    case.build()
    was = (case.notes / "a.md").stat().st_mtime_ns
    rewrite(case, "two", was)
    assert newer(case) == 1
    assert case.build().read == 1
    assert "two" in texts(case)
