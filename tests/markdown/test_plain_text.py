"""Marks of Obsidian, MkDocs and HTML: golden cases in ``plain_cases``, and laws for any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.utils import read_fixture_file

from assistant.markdown import leaf_blocks
from assistant.markdown.entries import split_entries
from assistant.markdown.plain_text import edits, inline_tags, plain, reading, with_plain_headings

CASES = Path(__file__).parent / "plain_cases"

MARKED = (
    "[[Some note]]",
    "[[Some note#Part|shown]]",
    "![[figure.png]]",
    "#tag",
    "#a/b",
    "==high light==",
    "%%hidden%%",
    "<!-- hidden -->",
    "<details>",
    "> [!note] Title\n> text",
    '!!! note "Title"\n\n    text',
    '=== "Tab"\n\n    text',
    "text ^abc123",
    "text {: .lead }",
)
CODE = ("`[[a b]] ==x== #t`", "```\n[[a b]] ==x== %%y%% #t\n```", "    [[a b]] ==x==\n    #t")
"""As blocks of their own; words around them so that all is well-formed."""

WORDS = ("words", "如何释放显存", "a == b", "[[1, 2], [3, 4]]", "# Heading", "- item", "x = 1 #c")

ANY = st.one_of(
    st.text(),
    st.lists(st.sampled_from((*"[]|#=%^!?>{}:.`~<-\n \t\"'/", "a", "中", "    ", "```"))).map(
        "".join
    ),
    st.lists(st.sampled_from((*MARKED, *CODE, *WORDS, "\n", "\n\n", " "))).map("".join),
)
"""Text of any kind, and kinds that come near to marks."""


def golden_cases() -> list[object]:
    """Return the cases of all files, each named by its file and title."""
    return [
        pytest.param(source, expected, id=f"{path.stem}: {title}")
        for path in sorted(CASES.glob("*.md"))
        for _, title, source, expected in read_fixture_file(path)
    ]


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("Reset {#reset .class}", "Reset"),
        ("[[Wiki Page|Pages]] and ==more== ^name", "Pages and more"),
        ("About #work/plan", "About work/plan"),
        ("What `#include` and `[[Page]]` do", "What #include and [[Page]] do"),
        ("#", "#"),
    ],
)
def test_headings_are_read_without_marks(line: str, heading: str) -> None:
    """A heading and the paths below it have no marks; what stood in backticks stays."""
    entries = split_entries(f"# First\n\n# {line}\n\ntext\n\n## Below\n\nmore\n")
    found = [entry.headings for entry in with_plain_headings(entries)]

    if heading == "#":  # no heading at all
        assert found == [entry.headings for entry in entries]
    else:
        assert found == [("First",), (heading,), (heading, "Below")]


@pytest.mark.parametrize(("source", "expected"), golden_cases())
def test_golden(source: str, expected: str) -> None:
    """A text is read as its writer means it."""
    assert plain(source) == expected


@given(ANY)
def test_any_text_can_be_read(text: str) -> None:
    """Whatever the text, edits are in order, disjoint and inside, and characters keep theirs."""
    ends = [at for edit in edits(text) for at in (edit.start, edit.end)]
    assert ends == sorted(ends)
    assert all(0 <= at <= len(text) for at in ends)
    read = reading(text, 0, len(text))
    assert read.text == plain(text)
    assert len(read.text) == len(read.origins)
    assert list(read.origins) == sorted(read.origins)
    added = {edit.start for edit in edits(text) if edit.instead}
    assert all(
        text[at] == character
        for at, character in zip(read.origins, read.text, strict=True)
        if at not in added
    )


@given(ANY, st.integers(0, 60), st.integers(0, 60))
def test_parts_can_be_read(text: str, low: int, high: int) -> None:
    """A chunk that is cut in the middle of a mark reads like its part of the whole."""
    low, high = sorted((min(low, len(text)), min(high, len(text))))
    read = reading(text, low, high)
    assert plain(text, low, high) == read.text
    assert all(low <= at < high for at in read.origins)


@given(st.lists(st.sampled_from((*MARKED, *WORDS))).map("\n\n".join))
def test_what_was_read_has_no_marks_left(text: str) -> None:
    """Reading what was read changes nothing."""
    assert plain(plain(text)) == plain(text)


@given(st.lists(st.sampled_from((*CODE, *MARKED, *WORDS)), min_size=1).map("\n\nword\n\n".join))
def test_code_is_not_touched(text: str) -> None:
    """No edit lies in a block of code."""
    starts = leaf_blocks.line_starts(text)
    for leaf in leaf_blocks.leaves(text):
        if leaf.kind in ("fence", "code"):
            low, high = starts[leaf.first], starts[leaf.after]
            assert not [e for e in edits(text) if e.end > low and e.start < high]
    read = plain(text)
    assert all(read.count(code) == text.count(code) for code in CODE)


@given(
    st.lists(st.sampled_from((*WORDS, *CODE, "Plain *words* of [a link](x.md)."))).map("\n\n".join)
)
def test_text_without_marks_is_read_as_it_is(text: str) -> None:
    """Notes in plain CommonMark are embedded as before, to the byte."""
    assert plain(text) == text


def test_tags_are_those_of_prose() -> None:
    """Each tag of the text comes once, in order, as it is written."""
    text = "# Title\n\n#Work and #work/plan, `#code`, #123.\n\n- #Work\n\n```\n#fence\n```\n"
    assert inline_tags(text) == ("Work", "work/plan")


def test_content_of_an_admonition_is_prose() -> None:
    """What is indented below an admonition has sentences, and code only in its fences."""
    text = '!!! note "Title"\n\n    One. Two.\n\n    ```python\n    x = 1\n    ```\n\nAfter.\n'
    found = [(leaf.kind, leaf.first, leaf.content) for leaf in leaf_blocks.leaves(text)]
    assert found == [("prose", 2, ""), ("fence", 4, "x = 1\n"), ("prose", 8, "")]
