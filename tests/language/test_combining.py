"""Combining marks belong to the words of their letters."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from assistant.combining import COMBINING
from assistant.language.analyzer import terms

PICTURES = re.compile("[\ufe00-\ufe0f\u20dd-\u20e0\u20e2-\u20e4\U000e0100-\U000e01ef]")
"""What chooses how a picture is drawn, or frames it."""


def test_all_marks_are_known() -> None:
    """The class has each mark of Python's own tables, and no other character of theirs."""
    mark = re.compile(f"[{COMBINING}]")
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        category = unicodedata.category(letter)
        if category[0] == "M" and not PICTURES.match(letter):
            assert mark.match(letter), hex(code)
        elif category not in ("Mn", "Mc", "Me", "Cn"):
            assert not mark.match(letter), hex(code)


@pytest.mark.parametrize("word", ["हिन्दी", "ภาษาไทย", "שָׁלוֹם", "مُحَمَّد", "தமிழ்", "naïve"])
def test_a_word_keeps_its_marks(word: str) -> None:
    """A word in a script with marks is one term, in whatever form it is written."""
    whole = unicodedata.normalize("NFKC", word)
    assert terms(f"x {word}, y") == ["x", whole, "y"]
    assert terms(unicodedata.normalize("NFD", word)) == [whole]
