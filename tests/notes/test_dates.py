"""Dates as people write them: in front matter, in names, in folders."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.notes.dates import day_in_path, day_of, is_open

WRITTEN = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y_%m_%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "[[%Y-%m-%d]]",
    "%Y-%m-%dT23:59:59+08:00",
    "%Y%m%d",
    "%Y%m%d1730",
    "%Y%m%d173000",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%a, %d %b %Y 10:00:00 +0100",
    "%A, %B %d, %Y",
    "%d.%m.%Y",
    '"%Y-%m-%d"',
]


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(WRITTEN))
def test_forms_of_a_date(day: date, form: str) -> None:
    """Every day is read back from each of its forms."""
    assert day_of(day.strftime(form)) == day.isoformat()


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y_%m_%d", "%Y%m%d", "%Y %m %d", "%Y%m%d1230 x", "%B %d, %Y"]),
)
def test_names_of_journals(day: date, form: str) -> None:
    """Every day is found in the names that journals have, and in folders."""
    assert day_in_path(f"a/{day.strftime(form)}.md") == day.isoformat()
    assert day_in_path(day.strftime("j/%Y/%m/%d.md")) == day.isoformat()


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from("/- _"))
def test_the_order_that_is_set_decides(day: date, mark: str) -> None:
    """With the year last, only a day above 12, or twice the same number, needs no setting."""
    european = day.strftime(f"%d{mark}%m{mark}%Y")
    american = day.strftime(f"%m{mark}%d{mark}%Y")

    assert day_of(european, "day-month") == day_of(american, "month-day") == day.isoformat()
    sure = day.day > 12 or day.day == day.month
    expected = day.isoformat() if sure else ""
    assert day_of(european) == day_of(american) == expected
    assert is_open(european) != sure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14.04.2024", "2024-04-14"),
        ("04.03.2024", "2024-03-04"),
        ("11/18/2022", "2022-11-18"),
        ("11/18/2022 10:00 PM", "2022-11-18"),
        ("Mar 5th, 2024", "2024-03-05"),
        ("March 5 2024", "2024-03-05"),
        ("5th March, 2024", "2024-03-05"),
        ("Sept. 5, 2024", "2024-09-05"),
        ("2024-03", "2024-03-01"),
        ("2024-W11", "2024-03-11"),
        ("2024-Q3", "2024-07-01"),
        ("2024", "2024-01-01"),
        ("2024-13-45", ""),
        ("20241345", ""),
        ("0000-01-01", ""),
        ("12345678", ""),
        ("soon", ""),
        ("", ""),
        ("2024-03-0512", ""),
        ("٢٠٢٤-٠٣-٠٥", ""),
    ],
)
def test_dates(text: str, expected: str) -> None:
    """What is a date is read as it is written, and what is none is none."""
    assert day_of(text) == expected


@pytest.mark.parametrize("number", ["1712345678", "1712345678123", "1712345678.5"])
def test_seconds_since_the_epoch(number: str) -> None:
    """Ten digits are seconds, 13 milliseconds; the day is that of the clock here."""
    assert day_of(number) == time.strftime("%Y-%m-%d", time.localtime(1712345678))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2024_03_05.md", "2024-03-05"),
        ("20240306.md", "2024-03-06"),
        ("202403071230 Title.md", "2024-03-07"),
        ("20240308T101500--x__y.md", "2024-03-08"),
        ("IMG_20240306_101500.md", "2024-03-06"),
        ("23-03-2024 x.md", "2024-03-23"),
        ("10-03-2024.md", ""),
        ("2024/03/18.md", "2024-03-18"),
        ("j/2024/3/08 Friday.md", "2024-03-08"),
        ("2024/03/notes.md", ""),
        ("2024/13/18.md", ""),
        ("2024-03.md", "2024-03-01"),
        ("Report 2024-03.md", "2024-03-01"),
        ("2024-W11.md", "2024-03-11"),
        ("March 12, 2024.md", "2024-03-12"),
        ("Mar 12th, 2024.md", "2024-03-12"),
        ("2024-13-40.md", ""),
        ("note-12345678.md", ""),
        ("deadbeef20240306aa.md", ""),
        ("1712345678.md", ""),
        ("iso8601-12.md", ""),
        ("2026-03-1234.md", ""),
        ("2024.md", ""),
        ("2024-03-01/notes.md", ""),
        ("notes.md", ""),
    ],
)
def test_names(path: str, expected: str) -> None:
    """The date of a note stands in its name, or in the names of two folders and its own."""
    assert day_in_path(path) == expected
