"""Entries of a note that changed: what was read before serves again, and makes no difference."""

from __future__ import annotations

import pytest
from block_lines import LINES
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.markdown import blocks, entries, plain_text
from assistant.markdown.blocks import Blocks
from assistant.markdown.entries import split_again
from assistant.records import Entry

HEADED = ("# One", "## Two", "### `three`", "# Four\n\ntext", "text\n\n## Five")


def split(text: str, body_start: int = 0) -> list[Entry]:
    """Return the entries of a note, read from nothing."""
    return plain_text.with_plain_headings(entries.split_entries(text, body_start))


lines = st.one_of(st.sampled_from(LINES), st.sampled_from(HEADED), st.just(""))
parts = st.lists(lines, max_size=12).map("\n".join)
notes = st.lists(st.tuples(st.sampled_from(HEADED), parts), max_size=6).map(
    lambda sections: "\n\n".join(f"{heading}\n{part}" for heading, part in sections)
)


@given(notes, notes, parts, parts, notes)
@example("# a\n\n$$\nx\n", "", "", "$$", "# b\n\n$$\n")
@example("# a\n\n```\n", "", "text", "```", "\n# b\n\nx\n\n# c")
@example("# a\n\n<!-- open\n", "", "x", "-->", "\n# b\n\nx")
@example("# a\n\nb\n\n# c\n", "", "x", "===", "\nd\n\n# e\n")
def test_an_edited_note_has_the_entries_that_it_would_have_from_nothing(
    before: str, kept: str, old: str, new: str, after: str
) -> None:
    """Whatever an edit opens, closes or underlines: parts that are taken over are the same."""
    was, becomes = (f"{before}\n{part}\n{kept}\n{after}" for part in (old, new))
    again = split_again(becomes, 0, split(was))

    assert again is None or again == split(becomes)


NOTE = "".join(f"## {n}\n\nText {n}, `code`.\n\n- item\n\n" for n in range(40))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Text 20", "Another text"),
        ("Text 20", "Another text\n\n```\n# no heading\n```\n\nmore"),
        ("Text 0", "Another"),
        ("Text 39", "Another"),
        ("- item\n\n## 7\n", "- item\n\nAt the end.\n\n## 7\n"),
        ("Text 20, `code`.\n\n", ""),
    ],
)
def test_an_edit_below_a_heading_reads_little_again(
    monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    """No more than three entries of forty are parsed, wherever the edit is."""
    becomes = NOTE.replace(old, new, 1)
    known, wanted = split(NOTE), split(becomes)
    read: list[str] = []

    def reading(text: str) -> Blocks:
        read.append(text)
        return blocks.read_blocks(text)

    monkeypatch.setattr(entries, "read_blocks", reading)

    assert split_again(becomes, 0, known) == wanted
    assert sum(map(len, read)) < len(NOTE) / 10


def test_front_matter_moves_the_entries_below() -> None:
    """Lines are counted from the start of the file, whatever has come before the body."""
    front = "---\ntitle: Longer\nmore: 1\n---\n"

    assert split_again(front + NOTE, len(front), split(NOTE)) == split(front + NOTE, len(front))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("## 20\n", "# 20\n"),
        ("## 20\n", "## Other\n"),
        ("## 20\n", "## `20`\n"),
        ("Text 20", "```\nText 20"),
        ("Text 20", "<!-- Text 20"),
        ("Text 20", "## New\n\nText 20"),
    ],
)
def test_other_headings_have_the_note_read_as_a_whole(old: str, new: str) -> None:
    """The paths of all entries below may change with them."""
    assert split_again(NOTE.replace(old, new, 1), 0, split(NOTE)) is None
