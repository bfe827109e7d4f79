"""Slices of a text: together they have the blocks of the whole, wherever they are cut."""

from __future__ import annotations

import pytest
from block_lines import LINES
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.markdown import blocks
from assistant.markdown.blocks import read_blocks
from assistant.markdown.entries import split_entries

texts = st.lists(st.sampled_from(LINES), max_size=40).map("\n".join)


def found(text: str, size: int) -> tuple[object, ...]:
    """Return the blocks and headings of a text that is read in slices of a size."""
    read = read_blocks(text, size)
    return read.headings, list(read.lines), list(read.levels)


@given(texts, st.integers(1, 120))
@example("- a\n  - b\n  - c\n- d\n# e\n", 5)
@example("> - a\n>   ```\n>   # x\n> - b\n\n# c\n", 12)
@example("| a |\n|---|\n| b |\n| c |\n# d\n", 14)
@example("a\n$$\nb\n# c\n$$\n\n# d\n", 4)
@example("- a\n\n\n\n\n  - b\n# c\n", 6)
def test_slices_have_the_blocks_of_the_whole(text: str, size: int) -> None:
    """Cutting with any size of slice gives what cutting with none does."""
    assert found(text, size) == found(text, len(text) + 1)


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(f"```\n{('y' * 79 + chr(10)) * 3290}```\n", id="fence of backticks"),
        pytest.param(f"~~~\n{('# y' * 26 + chr(10)) * 3290}~~~\n", id="fence of tildes"),
        pytest.param(f"<!--\n{('# y' * 26 + chr(10)) * 3290}-->\n", id="comment"),
        pytest.param(f"<pre>\n{('# y' * 26 + chr(10)) * 3290}</pre>\n", id="HTML"),
        pytest.param("- item of a list\n" * 20_000, id="list"),
        pytest.param("- item\n\n  ```\n  # x\n  ```\n" * 14_000, id="list with fences"),
        pytest.param("- a\n" + "  - b\n    # c\n" * 30_000, id="list in a list"),
        pytest.param("> words of a quote\n> # x\n" * 14_000, id="quote"),
        pytest.param("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 30_000, id="table"),
        pytest.param("words of a paragraph\n" * 14_000, id="paragraph"),
        pytest.param("\n" * 300_000, id="blank lines"),
    ],
)
def test_a_long_block_leaves_the_rest_as_it_is(block: str) -> None:
    """What follows a block that is longer than any slice has its own headings, and no others."""
    text = f"## Log\n\n{block}\n## After\n\ntext\n\n```sh\n# ls\n```\n\n## Last\n\nend\n"
    headings = dict.fromkeys(entry.headings for entry in split_entries(text))
    assert list(headings) == [("Log",), ("After",), ("Last",)]


def test_each_character_is_parsed_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that slices take is in proportion to the text, also where blocks are long."""
    parsed = 0
    parse = blocks.block_parser().parse

    def counted(text: str) -> object:
        nonlocal parsed
        parsed += len(text)
        return parse(text)

    monkeypatch.setattr(blocks.block_parser(), "parse", counted)
    for block in (
        "- item of a list\n",
        "words\n",
        "> quote\n",
        "  - a\n",
        "| a |\n|---|\n",
        "x\n\n",
    ):
        text = block * (200_000 // len(block))
        parsed = 0
        read_blocks(text, 1000)
        assert parsed <= 4 * len(text) + 4000


def test_deep_lists_end() -> None:
    """What follows a list of eleven levels is read, as that of an outline is."""
    outline = "".join(f"{'  ' * level}- item\n" for level in range(14))
    assert [e.headings for e in split_entries(f"{outline}\n# After\n\nx\n")] == [(), ("After",)]
