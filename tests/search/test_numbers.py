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
        ("what is IT", {"IT"}),
        ("who is the WHO", {"WHO"}),
        ("WHAT IS IT", set()),
        ("what is it", set()),
    ],
)
def test_signs_of_a_question(question: str, found: set[str]) -> None:
    """A sign that stands alone is asked for; a question mark or a dash is none.

    Capitals make a name of a stop word, unless all of the question is in capitals.
    """
    assert numbers.signs(question) == found


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        (":=", True),
        ("Walrus operator :=", True),
        ("`:=` and `=`", True),
        ("Assignment (`:=`)", True),
        ("Ratio 3:=4", False),
        ("Colons", False),
        ("", False),
    ],
)
def test_a_heading_that_has_a_sign(heading: str, found: bool) -> None:
    """The sign stands alone there, too, whatever marks it as code."""
    assert numbers.has_sign(heading, frozenset({":="})) is found
    assert not numbers.has_sign(heading, frozenset())
