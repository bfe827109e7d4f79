"""How little of a question a model can read."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from assistant.search.legibility import unread


@dataclass
class Model:
    """Knows some words, and has room for some word pieces."""

    words: frozenset[str]
    room: int = 8

    def has_word(self, word: str) -> bool:
        """Return whether it knows a word."""
        return word in self.words


MODEL = Model(frozenset({"free", "memory"}))


@pytest.mark.parametrize(
    ("text", "pieces", "share"),
    [
        ("free memory", [(0, 4), (5, 11)], 0.0),
        ("free memori", [(0, 4), (5, 9), (9, 11)], 0.0),
        ("free quokka", [(0, 4), (5, 11)], 0.75),
        ("quok", [(0, 2), (2, 3), (3, 4)], 1.0),
        ("메모리", [], 1.0),
        ("메모리 free memory and", [(4, 8), (9, 15), (16, 18), (18, 19)], 0.0),
        ("?!", [], 0.0),
    ],
    ids=["known", "in two", "as unknown", "in three", "in none", "little", "no word"],
)
def test_letters_of_words_that_say_nothing(
    text: str, pieces: list[tuple[int, int]], share: float
) -> None:
    """A word in one known piece or in two is read; a third that is not is usual."""
    assert unread(text, pieces, MODEL) == pytest.approx(share, abs=1e-3)  # type: ignore[arg-type]


def test_what_there_is_no_room_for_is_not_unread() -> None:
    """A long paste is read as far as the model reads."""
    text = "free " * 40
    pieces = [(5 * at, 5 * at + 4) for at in range(MODEL.room)]

    assert unread(text, pieces, MODEL) == 0.0  # type: ignore[arg-type]
