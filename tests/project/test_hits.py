"""Tests of how the programs that `benchmarks/peers.py` compares are judged: alike, and by lines."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

TEXT = """# Shell

## Free memory

Use `free -h`,
and look at *available*.

## Leave

Say `exit`.

## Leave

Say `exit`.
"""


@pytest.fixture(scope="module")
def hits() -> ModuleType:
    """The module, which is no part of the program."""
    spec = importlib.util.spec_from_file_location("hits", BENCHMARKS / "hits.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["hits"] = module
    spec.loader.exec_module(module)
    del sys.modules["hits"]
    return module


@pytest.mark.parametrize(
    ("passage", "lines"),
    [
        ("## Free memory\n\nUse `free -h`,\nand look at *available*.", [(3, 6)]),
        ("Use `free -h`,  \nand look at *available*.", [(5, 6)]),  # as LangChain joins lines
        ("look at *avail", [(6, 6)]),
        ("## Leave\n\nSay `exit`.", [(8, 10), (12, 14)]),
        ("never written", []),
        (" \n ", []),
    ],
)
def test_a_passage_is_found_whatever_its_white_space(
    hits: ModuleType, passage: str, lines: list[tuple[int, int]]
) -> None:
    """Its first and last line are told, at each place where it stands."""
    assert hits.Note(TEXT).places(passage) == lines


def test_at_least_half_of_a_passage_lies_in_the_entry(hits: ModuleType) -> None:
    """A part of the entry is a hit, and so is one with as much of its neighbour; more is not."""
    gold = [(3, 7)]
    assert hits.is_within((5, 6), gold)
    assert hits.is_within((6, 9), gold)
    assert not hits.is_within((6, 10), gold)


def test_a_question_is_scored_by_its_first_hit(hits: ModuleType) -> None:
    """Passages of another note are none; the heart counts within a hit among the first three."""
    notes = {"a.md": hits.Note(TEXT), "b.md": hits.Note(TEXT)}
    asked = hits.Asked("leave?", {"a.md": [(8, 11)]}, "Say  `exit`")
    other = hits.Passage("b.md", "Say `exit`.")
    hit, bare = hits.Passage("a.md", "Say `exit`."), hits.Passage("a.md", "## Leave")

    assert hits.score(asked, [other, hit], notes) == hits.Score(2, True, 22)
    assert hits.score(asked, [bare, other], notes) == hits.Score(1, False, 19)
    assert hits.score(asked, [other], notes) == hits.Score(None, False, 11)
    found = [hits.Score(2, True, 22), hits.Score(None, None, 0)]
    assert hits.summary(found) == {
        "hit@1": 0.0,
        "hit@3": 0.5,
        "mrr": 0.25,
        "answer@3": 1.0,
        "characters": 11.0,
    }
