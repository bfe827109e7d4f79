"""Numbers and signs that a question asks for."""

from __future__ import annotations

import pytest

from assistant.search import numbers


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("what does 502 mean", {"502"}),
        ("goals for 2024", {"2024"}),
        ("what is new in python 3.11", {"3.11"}),
        ("who is in room 7", {"7"}),
        ("what does § 14 say", {"14"}),
        ("boil 2 eggs", set()),
        ("use conv2d and v2", set()),
    ],
)
def test_numbers_of_a_question(question: str, found: set[str]) -> None:
    """Numbers of two digits or more count, and of one digit after a word that asks for it."""
    assert numbers.asked(question) == found


def test_numbers_of_a_date_are_none() -> None:
    """What is part of a date is not asked for by itself."""
    question = "notes of 11 May 2026 in room 12"
    begin = question.index("11")
    end = question.index(" in")

    assert numbers.asked(question, [(begin, end)]) == {"12"}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("what does := do", {":="}),
        ("what is $? in bash?", {"$?"}),
        ("git merge --no-ff meaning", {"--no-ff"}),
        ("what is this ? - and that", set()),
    ],
)
def test_signs_of_a_question(question: str, found: set[str]) -> None:
    """A sign that stands alone is asked for; a question mark or a dash is none."""
    assert numbers.signs(question) == found
