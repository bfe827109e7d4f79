"""Texts made to take a reader's time: twice as much text is twice as much work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from fakes import count_words
from hostile_texts import TEXTS, Make

from assistant.answering import best_sentence, snippet
from assistant.language import analyzer
from assistant.markdown import (
    blocks,
    chunks,
    leaf_blocks,
    plain_text,
    slices,
    split_entries,
)
from assistant.markdown import entries as note_entries
from assistant.markdown.code import code_blocks
from assistant.markdown.segmentation import sentences
from assistant.notes import front_matter
from assistant.records import Entry

SMALL, LARGE = 800, 3_200
MOST_GROWTH = 7
"""Four times the text is four times the work, some slices read twice; quadratic would be 16."""


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let texts of a test's size meet the limits."""
    monkeypatch.setattr(slices, "SLICE", 200)
    monkeypatch.setattr(slices, "LONGEST_LEAF", 600)
    monkeypatch.setattr(slices, "LONGEST_MATH", 5)
    monkeypatch.setattr(blocks, "LONGEST_MATH", 5)
    monkeypatch.setattr(note_entries, "LONGEST_ENTRY", 600)


def calls(work: Callable[[], object]) -> int:
    """Return how many functions a piece of work calls, those in C among them."""
    count = 0

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def cut(text: str) -> list[Entry]:
    """Cut a note as a build does, without its index."""
    entries = split_entries(text, front_matter.front_matter(text).body_start)
    for entry in entries:
        for chunk in chunks.split_chunks(entry, count_words, 24, 0):
            analyzer.terms(entry.text[chunk.start : chunk.end])
    return entries


def show(entry: Entry) -> None:
    """Find what is shown of an entry, without its index."""
    leaf_blocks.leaves.cache_clear()
    cut = chunks.split_chunks(entry, count_words, 24, 0)
    span = snippet.passage(entry, cut, [0.0] * len(cut), ["a"], snippet.limit(1))
    worth = best_sentence.weighed(entry.text, span, best_sentence.Asked(["a"]))
    best_sentence.best_sentence(entry.text, span, worth)
    code_blocks(entry, best_sentence.worth_of_code(worth))


@pytest.mark.parametrize("make", TEXTS.values(), ids=TEXTS)
def test_work_grows_with_the_text(make: Make) -> None:
    """Cutting a note and showing an entry of it take time linear in its size."""
    small, large = make(SMALL), make(LARGE)
    for entry in cut("---\na: [b]\n---\n# `a` *b*\n\nwords [c](d)"):
        show(entry)  # so that what is imported on first use is not counted
    assert calls(lambda: cut(large)) <= MOST_GROWTH * calls(lambda: cut(small)) + 2000

    entries = cut(large)
    assert max((len(entry.text) for entry in entries), default=0) <= note_entries.LONGEST_ENTRY
    if entries:
        longest = max(entries, key=lambda entry: len(entry.text))
        assert calls(lambda: show(longest)) <= 2_000 + 1_000 * len(longest.text)


@pytest.mark.parametrize("make", TEXTS.values(), ids=TEXTS)
def test_nothing_of_a_hostile_text_is_lost(make: Make) -> None:
    """Every word stands in an entry, at the line that the entry says."""
    text = make(SMALL)
    start = front_matter.front_matter(text).body_start
    entries = split_entries(text, start)

    assert "".join("".join(e.text for e in entries).split()) == "".join(text[start:].split())
    lines = text.split("\n")
    for entry in entries:
        assert entry.text.split("\n")[0] in lines[entry.first_line - 1]


def test_slices_give_what_the_whole_does() -> None:
    """Blocks are the same wherever a text is cut to be parsed."""
    part = (
        "# a\n\ntext\n\n```\n# no\n\n# no\n```\n\n- x\n\n  - y\n\n> q\n\nb\n=\n\n$$\nc\n=\n$$\n\n"
    )
    text = part * 200
    sliced = blocks.read_blocks(text)

    assert sliced == blocks.read_blocks(text, len(text))
    assert len(sliced.headings) == 400


def test_a_heading_beyond_the_limits_is_text() -> None:
    """A huge heading is cut, its markup not read, and its words stay in the text."""
    (entry,) = split_entries("# " + "[" * 400)
    assert entry.headings == ("[" * blocks.LONGEST_HEADING + "…",)
    assert entry.body == 0
    assert calls(lambda: blocks.plain_heading("[" * 1_000_000)) < 100


def test_headings_beyond_the_limit_belong_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """A note of nothing but headings gives so many entries and no more, and loses none."""
    monkeypatch.setattr(blocks, "MOST_HEADINGS", 10)
    entries = split_entries("".join(f"# {n}\n" for n in range(50)))

    assert len(entries) == 10
    assert entries[-1].text.split("\n") == [f"# {n}" for n in range(9, 50)]


@pytest.mark.parametrize(
    "text",
    [
        "$" + "." * 200_000 + "==",
        "?" * 200_000 + "1. ",
        "a." * 100_000,
        "a. " * 60_000,
        "- !!! a" + "\t" * 200_000 + "> [!",
        "#a" + " \t" * 100_000 + "b",
        "#a\n" + " " * 200_000 + "^a b",
        "<details>" * 20_000 + "#a",
        "{.a " * 50_000 + "#a",
        "<a b=" * 40_000 + "#a",
        "<a " + "b " * 100_000 + "#a",
        "{/*" * 60_000 + "#a",
        "{{< a " * 30_000 + "#a",
        "<% " * 60_000 + "#a",
        "%%a " * 50_000 + "#a",
        "<script>" * 20_000 + "#a",
        ":LOGBOOK: " * 20_000 + "#a",
        "data:," * 30_000 + "#a",
        '"data:image/svg+xml ' * 10_000,
        "&a" * 100_000 + "#a",
        "#" + "a/" * 100_000 + "(",
    ],
    ids=lambda text: text[:3] + text[-4:],
)
def test_no_expression_goes_back_over_a_long_run(text: str) -> None:
    """Runs of stops and blanks are looked at once: from each place anew would take an hour."""
    read = "".join(plain_text.plain(part) for part in (text, f"> {text}"))
    assert len(read) <= 2 * len(text) + 2
    assert sentences(text)
