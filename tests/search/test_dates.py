"""Dates that a question asks for."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.search import dates
from assistant.search.dates import Day

TODAY = date(2026, 3, 11)  # a Wednesday
MAY = Day(2026, 5, 11)


@pytest.mark.parametrize(
    "question",
    [
        "what did I do on 2026-05-11",
        "what did I do on 11 May 2026?",
        "what did I do on May 11th, 2026",
        "11.05.2026 notes",
        "2026年5月11日做了什么",
        "log of 20260511",
    ],
)
def test_a_day_in_any_usual_form(question: str) -> None:
    """A day is found however it is written, and nothing else with it."""
    assert dates.asked(question, TODAY).days == (MAY,)


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("the meeting of 9 March", (Day(0, 3, 9),)),
        ("what happened in May 2026", (Day(2026, 5, 0),)),
        ("5月做了什么", (Day(0, 5, 0),)),
        ("what did I do yesterday", (Day(2026, 3, 10),)),
        ("last month", (Day(2026, 2, 0),)),
        ("may I use torch 1.13.1 on 31.02.2026", ()),
        ("how many of 12 or 2024 lamps", ()),
    ],
)
def test_parts_of_dates(question: str, days: tuple[Day, ...]) -> None:
    """A day without a year, a month, a word such as yesterday; and what is no date."""
    assert dates.asked(question, TODAY).days == days


def test_last_week_is_its_seven_days() -> None:
    """Last week is Monday to Sunday of the week before."""
    asked = dates.asked("what did we decide last week", TODAY)

    assert [day.day for day in asked.days] == [2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("2026-05-11", True),
        ("11 May", True),
        ("May 2026", True),
        ("2025-05-11", False),
        ("2026-05-12", False),
        ("2026", False),
        ("Agenda", False),
    ],
)
def test_names_and_headings_of_a_date(text: str, met: bool) -> None:
    """What is left open fits; another day, month or year does not."""
    assert dates.asked("on 11 May 2026", TODAY).is_met(dates.of_text(text)) == met
