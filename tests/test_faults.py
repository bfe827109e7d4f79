"""Builds that are killed or refused by the disk: nothing is lost, mixed, or left lying about."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import CARD, FakeEncoder, write_model
from indexes import PYTORCH, TOOLS, Case, PassageEncoder, contents, ready

from assistant.answer import ask
from assistant.database import SCHEMA
from assistant.errors import IndexDamagedError, IndexMissingError
from assistant.index_files import ASIDE, DATABASE, LOCK, NEW
from assistant.integrity import check
from assistant.search import Searcher
from assistant.store import Reader

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

QUESTION = "release cached GPU memory"
SEED = 20
SOAK = float(os.environ.get("SOAK", "60"))
"""Seconds that a test of `make soak` takes."""

ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), str(Path(__file__).parent)]),
}

Told = dict[str, Any]


pytestmark = pytest.mark.usefixtures("without_calibration")


def changed(case: Case) -> None:
    """Edit, delete and add notes after a build."""
    first(case)
    case.build()
    case.edit("pytorch.md", "# PyTorch\n", "# PyTorch\n\nGPU memory of graphics cards\n")
    (case.notes / "sub/tools.md").unlink()
    case.write("new.md", TOOLS.replace("lists", "shows"))


def first(case: Case) -> None:
    """Write notes, without an index."""
    case.write("pytorch.md", PYTORCH)
    case.write("sub/tools.md", TOOLS)


def other_model(case: Case) -> None:
    """Change the model after a build."""
    first(case)
    case.build()
    other = replace(CARD, name="other", fingerprint="other")
    write_model(case.model, other)
    case.encoder = PassageEncoder(other)


def damaged(case: Case) -> None:
    """Damage the database after a build, such that SQLite can read the vectors."""
    first(case)
    case.build()
    with closing(sqlite3.connect(case.index / DATABASE)) as connection:
        connection.execute("DROP TABLE entries")
    case.edit("pytorch.md", "Call ", "Then call ")


def unreadable(case: Case) -> None:
    """Damage the first page of the database after a build, so that SQLite reads nothing of it."""
    first(case)
    case.build()
    shutil.copytree(case.index, case.folder / SOUND)
    with (case.index / DATABASE).open("r+b") as file:
        file.write(bytes(200))
    case.edit("pytorch.md", "Call ", "Then call ")


def upgrade(case: Case) -> None:
    """Make the database one of another version after a build."""
    first(case)
    case.build()
    with closing(sqlite3.connect(case.index / DATABASE)) as connection:
        connection.execute("ALTER TABLE notes ADD COLUMN more TEXT")
        connection.execute("DROP TABLE map")
        connection.execute(f"PRAGMA user_version = {SCHEMA - 1}")
    case.edit("pytorch.md", "Call ", "Then call ")


def full(case: Case) -> None:
    """Ask for everything to be read again after a build."""
    changed(case)
    case.set(full=True)


def settings(case: Case) -> None:
    """Change after a build which notes are taken, and what is kept of them."""
    first(case)
    case.build()
    case.set(folder="sub", late_interaction=False)


SCENARIOS: dict[str, Callable[[Case], None]] = {
    "changed": changed,
    "first": first,
    "full": full,
    "other model": other_model,
    "settings": settings,
    "upgrade": upgrade,
    "damaged": damaged,
    "unreadable": unreadable,
}
SOUND = "sound"
"""The folder with the index as it was before it was damaged, where SQLite cannot read it."""

OFTEN = ("changed", "first", "other model", "damaged", "upgrade", "unreadable")
"""The scenarios that every run of the tests goes through; the soak goes through all."""


def broken(
    case: Case, how: str, count: int, seed: int = SEED, *before: str
) -> Iterator[tuple[Path, Told]]:
    """Yield the index folders that broken builds leave, and how each ended."""
    program = Path(__file__).with_name("broken_builds.py")
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


def state(case: Case, index: Path) -> dict[str, Any]:
    """Return all that an index says, after it answered a question, or what is wrong with it.

    What it was made of it says also if it cannot answer.
    """
    try:
        with Reader(index) as reader:
            card = replace(CARD, fingerprint=reader.manifest.fingerprint)
        with closing(Searcher(index, ready(FakeEncoder(card)))) as searcher:
            assert ask(searcher, QUESTION).results
    except (IndexMissingError, IndexDamagedError) as error:
        return {"error": type(error), "sources": written_sources(index)}
    return contents(index)


def written_sources(index: Path) -> list[dict[str, Any]]:
    """Return what an index says it is of, also one that this version cannot read."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(index / DATABASE)) as connection:
        for (content,) in connection.execute("SELECT content FROM manifest"):
            sources: list[dict[str, Any]] = json.loads(content)["sources"]
            return sources
    return []


def kept_texts(case: Case, index: Path) -> set[str]:
    """Return the texts whose vectors, and states if need be, are in a folder, wherever."""
    found: set[str] = set()
    states = "JOIN states USING (digest)" if case.settings.get("late_interaction", True) else ""
    names = [index / name for name in (DATABASE, ASIDE, NEW)]
    for path in [*names, case.folder / SOUND / DATABASE]:
        if path.exists():
            with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.DatabaseError):
                query = f"SELECT digest FROM vectors {states}"  # there may be no tables yet
                found |= {digest for (digest,) in connection.execute(query)}
    return found


def survives(case: Case, index: Path, told: Told, before: Told, after: Told) -> None:
    """Check what a broken build left, and that the next one mends it."""
    left = state(case, index)
    assert left in (before, after), told
    if "error" not in left:
        assert {finding.level for finding in check(index)} <= {"ok", "warning"}, told
    spared = kept_texts(case, index)
    report = case.build(index=index)
    assert contents(index) == after, told
    assert report.embedded == len({row[4] for row in after["chunks"]} - spared), told
    assert {finding.level for finding in check(index)} == {"ok"}, told
    names = {path.name for path in index.iterdir()}
    manifest = report.manifest
    assert names <= {DATABASE, LOCK, manifest.dense, manifest.dense_before}, told
    assert {path.stat().st_mode & 0o777 for path in index.iterdir()} == {0o600}, told


@pytest.mark.parametrize(
    ("scenario", "how", "count"),
    [
        *((scenario, "kill", 18) for scenario in OFTEN),
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
    embeds no text whose vector was kept.
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
