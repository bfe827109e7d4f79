"""States of an index and its notes from which a build goes on, and what it must leave."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from fakes import CARD, FakeEncoder, write_model
from indexes import PYTORCH, TOOLS, Case, PassageEncoder, contents, ready

from assistant.answering.answer import ask
from assistant.errors import IndexDamagedError, IndexMissingError
from assistant.search.searcher import Searcher
from assistant.store.files import ASIDE, DATABASE, LOCK, NEW, READING_LOCK
from assistant.store.repair.integrity import check
from assistant.store.snapshot import Snapshot
from assistant.store.tables import SCHEMA

QUESTION = "release cached GPU memory"


Told = dict[str, Any]


SOUND = "sound"
"""The folder with the index as it was before it was damaged, where SQLite cannot read it."""


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


def rounds(case: Case) -> None:
    """Write notes, without an index; the build of a child reads them by meaning in rounds."""
    first(case)
    case.set(rounds=True)


SCENARIOS: dict[str, Callable[[Case], None]] = {
    "changed": changed,
    "first": first,
    "rounds": rounds,
    "full": full,
    "other model": other_model,
    "settings": settings,
    "upgrade": upgrade,
    "damaged": damaged,
    "unreadable": unreadable,
}


def state(case: Case, index: Path) -> dict[str, Any]:
    """Return all that an index says, after it answered a question, or what is wrong with it.

    What it was made of it says also if it cannot answer.
    """
    try:
        with Snapshot(index) as snapshot:
            card = replace(CARD, fingerprint=snapshot.manifest.fingerprint)
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
    """Check what a broken build left, and that the next one repairs it."""
    in_rounds = case.settings.get("rounds")
    left = written_sources(index) if in_rounds else state(case, index)
    assert in_rounds or left in (before, after), told
    if left and "error" not in left:
        assert {finding.level for finding in check(index)} <= {"ok", "warning"}, told
    spared = kept_texts(case, index)
    report = case.build(index=index)
    assert contents(index) == after, told
    assert report.embedded == len({row[4] for row in after["chunks"]} - spared), told
    assert {finding.level for finding in check(index)} == {"ok"}, told
    names = {path.name for path in index.iterdir()}
    manifest = report.manifest
    ours = {DATABASE, LOCK, READING_LOCK, manifest.dense, manifest.dense_before}
    assert names <= {*ours, ".gitignore"}, told
    assert {path.stat().st_mode & 0o777 for path in index.iterdir()} == {0o600}, told
