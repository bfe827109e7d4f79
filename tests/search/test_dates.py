"""Dates that a question asks for."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date

import pytest

from assistant.search import dates
from assistant.search.calendar_words import Day

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
        "what I noted on the eleventh of May 2026",
        "May the 11th, 2026",
        "am 11. Mai 2026",
        "le 11 mai 2026",
        "el 11 de mayo de 2026",
        "11 мая 2026 года",
        "5月11日2026年",
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


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("from 9 to 12 May 2026", Day(2026, 5, 9), Day(2026, 5, 12)),
        ("May 9-12, 2026", Day(2026, 5, 9), Day(2026, 5, 12)),
        ("between 30 April and 2 May 2026", Day(2026, 4, 30), Day(2026, 5, 2)),
        ("2026-05-09 to 2026-05-12", Day(2026, 5, 9), Day(2026, 5, 12)),
        ("what did I do in 2026-W12", Day(2026, 3, 16), Day(2026, 3, 22)),
        ("KW 12 2026", Day(2026, 3, 16), Day(2026, 3, 22)),
        ("what did we do last Friday", Day(2026, 3, 6), Day(2026, 3, 6)),
        ("what did we do on Wednesday", Day(2026, 3, 4), Day(2026, 3, 4)),
        ("yesterday's meeting", Day(2026, 3, 10), Day(2026, 3, 10)),
        ("what happened in the last three days", Day(2026, 3, 8), Day(2026, 3, 11)),
        ("10 days ago", Day(2026, 3, 1), Day(2026, 3, 1)),
        ("was war letzte Woche", Day(2026, 3, 2), Day(2026, 3, 8)),
        ("que faire la semaine dernière", Day(2026, 3, 2), Day(2026, 3, 8)),
        ("что было вчера", Day(2026, 3, 10), Day(2026, 3, 10)),
        ("at the weekend", Day(2026, 3, 7), Day(2026, 3, 8)),
        ("last year", Day(2025, 1, 0), Day(2025, 12, 0)),
    ],
)
def test_stretches_of_time(question: str, first: Day, last: Day) -> None:
    """Two ends of a stretch, a week by its number, and words for days mean all days between."""
    days = dates.asked(question, TODAY).days

    assert (min(days, key=astuple), max(days, key=astuple)) == (first, last)


@pytest.mark.parametrize(
    ("question", "is_firm"),
    [
        ("what did I do on 11 May", True),
        ("who joined the team last week", True),
        ("what did I eat today", True),
        ("is the shop open today", False),
        ("who joined the team in June", False),
        ("5月做了什么", False),
        ("how do I undo yesterday's commit", False),
    ],
)
def test_dates_that_may_be_meant_otherwise(question: str, is_firm: bool) -> None:
    """A month alone, a "today" of what holds still, a "yesterday" in a "how do I" are loose."""
    found = dates.asked(question, TODAY)

    assert found.days
    assert found.is_firm == is_firm


@pytest.mark.parametrize(
    "question",
    [
        "get today's date in bash",
        "you may first need a key",
        "the second may be empty",
        "what opens on Monday",
        "python 3.11. what is new",
        "in may I put this",
        "half a cup, 1/2 or 3/4",
    ],
)
def test_words_that_are_no_dates(question: str) -> None:
    """What only looks like a date asks for none."""
    assert dates.asked(question, TODAY) == dates.Asked((), ())


def test_between_slashes_a_date_may_be_two() -> None:
    """Some write the month first, some the day; where only one can be it, it is."""
    assert set(dates.asked("4/5/2025", TODAY).days) == {Day(2025, 4, 5), Day(2025, 5, 4)}
    assert dates.asked("24/12/2024", TODAY).days == dates.asked("12/24/2024", TODAY).days


def test_dates_far_down_in_a_pasted_log_are_not_asked_for() -> None:
    """A question asks where it begins; a log of thousands of lines may follow."""
    log = "".join(f"2025-03-{n % 28 + 1:02} retried\n" for n in range(1000))

    asked = dates.asked(f"why was it slow on 2026-05-11\n{log}", TODAY)

    assert asked.days[0] == MAY
    assert all(high <= dates.LONGEST for _, high in asked.spans)
    assert dates.asked("x" * dates.LONGEST + " 2026-05-11", TODAY).days == ()


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
        ("2026-W20", True),
        ("2026-W21", False),
        ("May", True),
        ("June", False),
        ("since May", False),
        ("Agenda", False),
    ],
)
def test_names_and_headings_of_a_date(text: str, met: bool) -> None:
    """What is left open fits; another day, month or year does not."""
    assert dates.asked("on 11 May 2026", TODAY).is_met(dates.of_text(text)) == met
