"""Dates as people write them, in front matter and in names of notes, to days of ISO 8601. Pure.

What says a week, a month or a year alone is its first day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from assistant import months

DATE_ORDERS = ("day-month", "month-day")
"""How 03/04/2024 can be read, where nothing in it tells."""

_MONTH = rf"(?P<word>{months.PATTERN})"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[0-9]{4})(?![0-9])"
# Without separators, or without a day, other numbers look like dates: those of an age do not.
_NEAR = r"(?:19|20)[0-9]{2}"
_FORMS = (
    # 2024-03-05, 2024/3/5, 2024_03_05, 2024 03 05, 2024年3月5日
    r"(?P<year>[0-9]{4})(?:(?P<sep>[-/._ ])(?P<month>[0-9]{1,2})(?P=sep)|(?:[-/._]|年 ?)(?P<month2>"
    r"[0-9]{1,2})(?:[-/._]|月 ?))(?P<day>[0-9]{1,2})(?![0-9])",
    # 20240305, 202403051230, 20240305123000, 20240305T123000
    rf"(?<![a-z])(?P<year>{_NEAR})(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})"
    r"(?:[0-9]{4}|[0-9]{6})?(?![0-9]|[a-su-z])",
    # 5 March 2024, 5-Mar-2024, Tue, 05 Mar 2024 10:00:00 +0100
    rf"{_DAY}[ .-]{{1,3}}{_MONTH}\.?,?[ -]{{1,2}}{_YEAR}",
    # March 5, 2024; Mar 5th, 2024
    rf"(?<![a-z]){_MONTH}\.? {{1,2}}{_DAY}(?:, ?| {{1,2}}){_YEAR}",
    # 05.03.2024, 3/18/2024, 18-03-2024
    rf"(?P<first>[0-9]{{1,2}})(?P<mark>[-/._ ])(?P<second>[0-9]{{1,2}})(?P=mark){_YEAR}",
    # 2024-W11, 2024-Q1, 2024-03
    rf"(?P<year>{_NEAR})-?W(?P<week>[0-9]{{2}})(?![0-9])",
    rf"(?P<year>{_NEAR})-?Q(?P<quarter>[1-4])(?![0-9])",
    rf"(?P<year>{_NEAR})(?:[-/._]|年 ?)(?P<month>[0-9]{{1,2}})(?![0-9]|[-/._][0-9])",
)
_LEAD = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? {1,2})?"
_EPOCH = re.compile(r"([0-9]{10})(?:[0-9]{3})?(?:\.[0-9]+)?")
_SMALLEST_YEAR = re.compile(_NEAR)


@lru_cache
def _at_start() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_LEAD + form, re.IGNORECASE) for form in _FORMS)


@lru_cache
def _anywhere() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<![0-9]){form}", re.IGNORECASE) for form in _FORMS)


def day_of(text: str, order: str = "") -> str:
    """Return the day that a text begins with, as written and never shifted by its time zone.

    Args:
        text: Of one line. A number of ten digits are seconds since the epoch, of 13 milliseconds;
            the day is then that of the local time zone, as for the time of a file.
        order: Of ``DATE_ORDERS``; empty leaves open what may be either.

    Returns:
        ISO 8601, empty where the text begins with no date.
    """
    text = text.strip("\"'[]<> \t")
    epoch = _EPOCH.fullmatch(text)
    if epoch:
        return date.fromtimestamp(int(epoch[1])).isoformat()
    if _SMALLEST_YEAR.fullmatch(text):
        return f"{text}-01-01"
    return next(_days((form.match(text) for form in _at_start()), order), "")


def is_open(text: str) -> bool:
    """Return whether a text begins with a day and a month that may be the other way round."""
    first, second = (day_of(text, order) for order in DATE_ORDERS)
    return bool(first and second) and first != second


def day_in_path(path: str, order: str = "") -> str:
    """Return the day in the name of a note, such as of ``2026-03-01.md``, or in ``2026/03/01.md``.

    Args:
        path: Of the note, below its notes folder.
        order: Of ``DATE_ORDERS``.
    """
    *above, name = path.split("/")
    stem = name.rpartition(".")[0] or name
    if not any(map(str.isdigit, stem)):
        return ""
    of_folders = re.match(r"([0-9]{1,2})(?![0-9])", stem) if len(above) > 1 else None
    if (
        of_folders
        and re.fullmatch(r"[0-9]{4}", above[-2])
        and re.fullmatch(r"[0-9]{1,2}", above[-1])
    ):
        found = day_of(f"{above[-2]}-{above[-1]}-{of_folders[1]}")
        if found:
            return found
    return next(_days((m for form in _anywhere() for m in form.finditer(stem)), order), "")


def _days(matches: Iterator[re.Match[str] | None], order: str) -> Iterator[str]:
    """Yield the days that there really are, of what looks like one."""
    for match in matches:
        if match:
            try:
                yield _day(match.groupdict(), order).isoformat()
            except ValueError:  # such as a thirteenth month
                continue


def _day(parts: dict[str, str], order: str) -> date:
    """Return the day of the parts of a date; raises ValueError for none, or one of two."""
    year = int(parts["year"])
    if "week" in parts:
        return date.fromisocalendar(year, int(parts["week"]), 1)
    if "quarter" in parts:
        return date(year, 3 * int(parts["quarter"]) - 2, 1)
    if "word" in parts:
        return date(year, months.number(parts["word"]), int(parts["day"]))
    if "first" in parts:
        return date(year, *_month_and_day(parts, order))
    month = parts["month"] or parts["month2"]
    return date(year, int(month), int(parts.get("day", "1")))


def _month_and_day(parts: dict[str, str], order: str) -> Sequence[int]:
    """Return what is the month and what the day where the year comes last."""
    first, second = int(parts["first"]), int(parts["second"])
    # Between dots, the month never comes first.
    if parts["mark"] == "." or first > 12 or first == second or order == "day-month":
        return second, first
    if second > 12 or order == "month-day":
        return first, second
    raise ValueError(parts)
