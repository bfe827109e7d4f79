"""Dates in a question, and whether a note or a heading is of one of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from assistant import months

_MONTH = rf"(?P<month>{months.PATTERN})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?"
_FORMS = (
    # 2026-05-11, 2026/5/11, 2026_05_11, 20260511, 2026年5月11日
    r"(?P<year>(?:19|20)\d\d)(?P<sep>[-/._])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})",
    r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])",
    r"(?:(?P<year>\d{4}) ?年 ?)?(?P<month>\d{1,2}) ?月(?: ?(?P<day>\d{1,2}) ?[日号號])?",
    # 11.05.2026; between slashes only where one of the two can be no month
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>(?:19|20)\d\d)",
    r"(?P<day>1[3-9]|2\d|3[01])[/-](?P<month>\d{1,2})[/-](?P<year>(?:19|20)\d\d)",
    r"(?P<month>\d{1,2})[/-](?P<day>1[3-9]|2\d|3[01])[/-](?P<year>(?:19|20)\d\d)",
    # 11 May 2026, 11th of May, May 11th, 2026, May 2026
    rf"{_DAY} (?:of )?{_MONTH}(?:,? (?P<year>(?:19|20)\d\d))?",
    rf"\b{_MONTH} {_DAY}(?:,? (?P<year>(?:19|20)\d\d))?",
    rf"\b{_MONTH},? (?P<year>(?:19|20)\d\d)",
    r"(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])",
)

_RELATIVE = re.compile(
    r"\b(?P<en>today|yesterday|this week|last week|this month|last month)\b"
    r"|(?P<zh>今天|昨天|这周|本周|上周|这个月|本月|上个月|上月)",
    re.IGNORECASE,
)
_MEANT = {
    **dict.fromkeys(("today", "今天"), ("day", 0)),
    **dict.fromkeys(("yesterday", "昨天"), ("day", 1)),
    **dict.fromkeys(("this week", "这周", "本周"), ("week", 0)),
    **dict.fromkeys(("last week", "上周"), ("week", 1)),
    **dict.fromkeys(("this month", "这个月", "本月"), ("month", 0)),
    **dict.fromkeys(("last month", "上个月", "上月"), ("month", 1)),
}


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it is written; 0 for what is left open, so that it may also be a month."""

    year: int
    month: int
    day: int

    def fits(self, other: Day) -> bool:
        """Return whether two may be the same: what both say is equal, the month among it."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return bool(self.month and other.month) and all(a == b or not (a and b) for a, b in pairs)


@dataclass(frozen=True, slots=True)
class Asked:
    """The dates of a question."""

    days: tuple[Day, ...]
    spans: tuple[tuple[int, int], ...]
    """Where they stand in it, as [start, end)."""

    def is_met(self, days: Iterable[Day]) -> bool:
        """Return whether any of some days is one that the question asks for."""
        return any(asked.fits(day) for day in days for asked in self.days)

    def stands_in(self, text: str) -> bool:
        """Return whether a text has any of them."""
        return bool(self.days) and self.is_met(of_text(text))


def asked(question: str, today: date) -> Asked:
    """Return the dates that a question asks for.

    Args:
        question: As the user wrote it.
        today: What "yesterday" and "last week" are counted from.
    """
    found = [(match.span(), [day]) for match, day in _found(question)]
    for match in _RELATIVE.finditer(question):
        kind, back = _MEANT[match[0].lower()]
        found.append((match.span(), list(_relative(kind, back, today))))
    return Asked(tuple(day for _, days in found for day in days), tuple(span for span, _ in found))


def of_text(text: str) -> list[Day]:
    """Return the dates in a heading or in the name of a note."""
    return [day for _, day in _found(text)]


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    """Return the forms, which take longer to compile than most questions have use for."""
    return tuple(re.compile(rf"(?<!\d)(?:{form})(?!\d)", re.IGNORECASE) for form in _FORMS)


def _found(text: str) -> Iterator[tuple[re.Match[str], Day]]:
    if not any(map(str.isdigit, text)):
        return
    taken: list[tuple[int, int]] = []
    for form in _forms():
        for match in form.finditer(text):
            low, high = match.span()
            if any(low < end and begin < high for begin, end in taken):
                continue
            day = _day(match.groupdict())
            if day:
                taken.append((low, high))
                yield match, day


def _day(parts: dict[str, str | None]) -> Day | None:
    """Return the day of the parts of a date, None where there is no such day."""
    word = parts["month"] or ""
    month = int(word) if word.isdigit() else months.number(word)
    year, day = int(parts.get("year") or 0), int(parts.get("day") or 0)
    try:
        date(year or 2000, month, day or 1)
    except ValueError:
        return None
    return Day(year, month, day)


def _relative(kind: str, back: int, today: date) -> Iterator[Day]:
    """Yield the days that a word such as "last week" means."""
    if kind == "month":
        count = 12 * today.year + today.month - 1 - back
        yield Day(count // 12, count % 12 + 1, 0)
        return
    first = today - timedelta(days=back if kind == "day" else today.weekday() + 7 * back)
    for offset in range(1 if kind == "day" else 7):
        day = first + timedelta(days=offset)
        yield Day(day.year, day.month, day.day)
