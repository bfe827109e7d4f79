"""Tests of `assistant similar` and `assistant duplicates`."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from indexes import Case
from shell import Shell

from assistant.search import locate, similar
from assistant.store.snapshot import Snapshot

SAME = "Take the largest values of a tensor along one axis, with their places, sorted downwards."


def section(heading: str, text: str) -> str:
    """Return an entry."""
    return f"## {heading}\n\n{text}\n\n"


FILLING = "".join(
    section(
        f"Filling {number}", f"Unlike the rest: {word * 3} {word} of {number} {word}s in a row."
    )
    for number, word in enumerate(("apple", "river", "clock", "cloud"))
)


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Notes in which some entries say the same."""
    case = Case(tmp_path)
    case.write(
        "a.md",
        section("Find the largest", SAME)
        + FILLING
        + section("Largest again", SAME + " Ties go to the first.")
        + section("numpy.all()", SAME)
        + FILLING.replace("Filling", "More")
        + section("numpy.any()", SAME + " Ties go to the last."),
    )
    case.write("b.md", section("Alone", "Nothing here is like what stands elsewhere in the notes."))
    case.build()
    (tmp_path / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n')
    monkeypatch.chdir(tmp_path)
    for name in ("ASSISTANT_CONFIG", "ASSISTANT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    return case


def headings(pair: similar.Pair) -> tuple[str, str]:
    """Return the headings of a pair."""
    return pair.first.entry.headings[-1], pair.second.entry.headings[-1]


def test_nearest_agree_with_all_cosines(case: Case) -> None:
    """The entries found are those that comparing every entry finds, the entry itself left out."""
    with Snapshot(case.index) as snapshot:
        rows = [row for (row,) in snapshot.query("SELECT id FROM entries")]
        vectors = similar._vectors(snapshot, rows)
        entry = locate.find(snapshot, "a.md:1")
        found = similar.nearest(snapshot, entry, 4)
        cosines = {row: float(vectors[row] @ vectors[entry.row]) for row in vectors}

    best = sorted((c for row, c in cosines.items() if row != entry.row), reverse=True)[:4]
    assert [one.similarity for one in found] == pytest.approx(best, abs=1e-4)
    assert entry.row not in {one.stored.row for one in found}


def test_blocks_yield_every_close_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing block by block finds what comparing all pairs finds."""
    monkeypatch.setattr(similar, "BLOCK", 3)
    matrix = np.random.default_rng(0).normal(size=(10, 4)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)

    found = {(one, other) for one, other, _ in similar._close(matrix, 0.4)}

    assert found == {
        (one, other)
        for one, other in combinations(range(10), 2)
        if matrix[one] @ matrix[other] >= 0.4
    }


def test_duplicates_are_those_that_say_the_same(case: Case) -> None:
    """Two entries of the same words are a pair; siblings that name other functions are none."""
    with Snapshot(case.index) as snapshot:
        pairs = [headings(pair) for pair in similar.duplicates(snapshot)]

    assert ("Find the largest", "Largest again") in pairs
    assert ("numpy.all()", "numpy.any()") not in pairs
    assert not any("Alone" in pair for pair in pairs)


@pytest.mark.parametrize(
    ("one", "other", "excess", "same"),
    [
        ("torch.split()", "split() function", -0.05, True),
        ("torch.split()", "torch.chunk()", 0.1, False),
        ("train() and eval()", "model.eval()", 0.0, True),
        ("train() and eval()", "model.eval()", -0.05, False),
        ("BatchNorm1d", "BatchNorm2d", 0.1, False),
        ("Decorators", "About decorators", 0.0, True),
        ("Decorators", "About decorators", -0.05, False),
    ],
)
def test_headings_decide_between_siblings_and_the_same(
    tmp_path: Path, one: str, other: str, excess: float, same: bool
) -> None:
    """The same names speak for a pair, other names against it; without names the words decide."""
    case = Case(tmp_path)
    case.write("a.md", section(one, SAME))
    case.write("b.md", section(other, SAME))
    case.build()
    with Snapshot(case.index) as snapshot:
        first, second = (locate.find(snapshot, name) for name in ("a.md", "b.md"))

    assert similar._same(first, second, excess) == same


def test_parts_of_one_explanation_are_no_duplicates(tmp_path: Path) -> None:
    """What stands below one heading, or close together, is alike and wanted."""
    case = Case(tmp_path)
    filling = FILLING.replace("##", "####")
    parts = "".join(f"#### {name}\n\n{SAME}\n\n{filling}" for name in "ABC")
    text = f"# Tensors\n\n## Top\n\n{SAME}\n\n### Use\n\n{SAME}\n\n{parts}"
    case.write("a.md", text)
    case.build()
    with Snapshot(case.index) as snapshot:
        found = {heading for pair in similar.duplicates(snapshot) for heading in headings(pair)}
    assert not found & {"Top", "Use", "A", "B", "C"}


@pytest.mark.parametrize(
    ("below", "same"),
    [
        (SAME, True),
        (" ".join(f"river{n} cloud{n}" for n in range(20)), False),
    ],
)
def test_heading_stands_for_what_is_below_it(tmp_path: Path, below: str, same: bool) -> None:
    """A section whose text is all in its parts is a duplicate when those say the same, too."""
    heading = "Largest values of a tensor, sorted, along one axis: topk()"
    case = Case(tmp_path)
    case.write("a.md", f"# A\n\n## {heading}\n\n{SAME}\n\n## Other\n\nwords\n")
    case.write("b.md", f"# B\n\n## {heading}\n\n### Use\n\n{below}\n\n### C\n\n{below}\n")
    case.build()
    with Snapshot(case.index) as snapshot:
        pairs = similar.duplicates(snapshot)

    sections = [(pair.first.entry.lines, pair.second.entry.lines) for pair in pairs]
    assert (((3, 5), (3, 11)) in sections) == same


def test_commands_print_places_and_json(
    case: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Both commands name note, lines and headings, as text and as JSON; no model is opened."""
    shell = Shell(case, monkeypatch, capfd)

    assert "a.md:1-3  Find the largest" in shell("duplicates").out
    record = json.loads(shell("duplicates", "--json").out.splitlines()[0])
    assert record["similarity"] > 0.8
    assert [entry["note"] for entry in record["entries"]] == ["a.md", "a.md"]
    lines = shell("similar", "a.md:1", "-k", "2", "--json").out.splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0])["lines"]
    assert shell("similar", "b.md:1", "-k", "1").out.count("\n") == 1
    ran = shell("duplicates", "--threshold", "1")
    assert (ran.out, ran.err) == ("", "no two entries seem to say the same\n")
