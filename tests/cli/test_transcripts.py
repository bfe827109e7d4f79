"""Golden transcripts of the most usual calls: what people see, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest
import transcripts


@pytest.mark.parametrize("size", transcripts.SIZES)
def test_calls_print_what_was_recorded(size: str, model_folder: Path) -> None:
    """On terminals of both sizes and in a pipe; `tests/helpers/transcripts.py` records anew."""
    assert model_folder
    found = transcripts.recorded(size)
    assert found == transcripts.golden(size)


@pytest.mark.parametrize("size", ["80x24", "120x40"])
def test_an_answer_leaves_room_for_the_prompt(size: str) -> None:
    """Nothing of an answer scrolls away, neither of its verdict."""
    columns, rows = map(int, size.split("x"))
    for name in ("ask", "refusal", "why"):
        printed = transcripts.golden(size)[name].split("\n--- ")[0]
        lines = printed.split("\n")
        assert len(lines) < rows
        assert max(map(len, lines)) <= columns
        assert lines[0][0] in "✓?✗"
