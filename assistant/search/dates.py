"""Dates in a question, and whether a note or a heading is of one of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from assistant import months
from assistant.records import Span
from assistant.search import calendar_words
from assistant.search.calendar_words import Day

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?P<month>[^\W\d_]{3,11})\b\.?"  # any word: all names would take long to compile
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª)?\.?"
_ORDINAL = rf"(?P<day>{calendar_words.ORDINAL})"
_OF_YEAR = rf"(?:(?:,? | of | de | del | do ){_YEAR})"
_NUMERIC = (
    # 2026-05-11, 2026/5/11, 2026_05_11, 20260511, 2026年5月11日
    rf"{_YEAR}(?P<sep>[-/._])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})",
    rf"{_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])",
    r"(?:(?P<year>\d{4}) ?年 ?)?(?P<month>\d{1,2}) ?月(?: ?(?P<day>\d{1,2}) ?[日号號])?",
    r"(?P<month>\d{1,2}) ?月(?P<day>\d{1,2}) ?[日号號],? ?(?P<year>\d{4}) ?年",
    # 11.05.2026; between slashes either may be the month
    rf"(?P<day>\d{{1,2}})\. ?(?P<month>\d{{1,2}})\. ?{_YEAR}",
    rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/{_YEAR}",
    rf"(?P<day>1[3-9]|2\d|3[01])-(?P<month>\d{{1,2}})-{_YEAR}",
    rf"(?P<month>\d{{1,2}})-(?P<day>1[3-9]|2\d|3[01])-{_YEAR}",
    # am 11.5., den 11.05.
    r"(?:(?<=\bam )|(?<=\bvom )|(?<=\bden )|(?<=\bdem )|(?<=\bbis )|(?<=\bzum ))"
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?! ?\d)",
    # 2026-05
    rf"{_YEAR}-(?P<month>0[1-9]|1[0-2])",
)
_WORDED = (
    # 11 May 2026, 11th of May, 11 de mayo de 2026, May 11th, 2026, May 2026
    rf"{_DAY} (?:of |de |di )?{_MONTH}{_OF_YEAR}?",
    rf"\b{_MONTH} (?:the )?{_DAY}{_OF_YEAR}?",
    rf"\b{_MONTH}{_OF_YEAR}",
)
_IN_ORDINALS = (
    # third of May, third May 2026, May the third
    rf"\b{_ORDINAL} of {_MONTH}{_OF_YEAR}?",
    rf"\b{_ORDINAL} {_MONTH}{_OF_YEAR}",
    rf"\b{_MONTH} (?:the )?{_ORDINAL}{_OF_YEAR}",
    rf"\b{_MONTH} the {_ORDINAL}",
)
_WEEKS = (
    # 2026-W12, week 12 of 2026, KW 12 2026, W12 2026
    rf"{_YEAR}-?W(?P<week>\d{{1,2}})",
    rf"\b(?:calendar week|week|wk|kw|w|semaine|semana|settimana|неделя)[ .]?(?P<week>\d{{1,2}})"
    rf"(?:,? |/|-| of | in | de )+{_YEAR}",
    rf"{_YEAR} ?年?第 ?(?P<week>\d{{1,2}}) ?[周週]",
)
_LOOKS_NUMERIC = re.compile(r"\d ?[-/._年月]|\d{8}")
_LOOKS_LIKE_WEEK = re.compile(r"\d-?[wW]\d|[wW][kK]?[ .]?\d|[kK] \d|第|sem|sett|нед")

_TO = r"\s?(?:[-–—]|(?:to|until|till|through|bis|au|al|a|até|по|到|至)\s?)"
_AND = r"\s?(?:and|und|et|y|e|и|和)\s?"
_LEAD = r"\b(?P<lead>from|between|vom|von|zwischen|du|entre|del|dal|de|с)\b"
_BEGIN = (
    rf"(?:{_LEAD}[\w\s]{{0,9}}?)?(?<![\d./-])(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?"
    rf"(?:(?P<to>{_TO})|{_AND})\Z"
)
"""What stands before "12 May" in "9 to 12 May"."""

_END = (
    rf"{_TO}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>(?:19|20)\d\d))?"
    r"(?=\s*(?:\Z|[?!,;)]))"
)
"""What stands behind "May 9" in "May 9-12"."""

_JOINT = rf"(?:(?P<to>{_TO})|{_AND})(?:the )?"
"""What stands between the two ends of a stretch of time."""

_LEADS = rf"{_LEAD}(?: the)? ?\Z"

Found = tuple[Span, list[Day]]
"""Where a date stands, and the days that it may be."""

_SLASHED = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")

LONGEST = 100
"""Days of a stretch of time that is asked for by its two ends; a longer one is none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The dates of a question."""

    days: tuple[Day, ...]
    spans: tuple[Span, ...]
    """Where they stand in it, as [start, end)."""
    is_firm: bool = False
    """Whether what is of another date is no answer: not so for "in June" or a "how do I" with
    "today", which may be meant otherwise."""

    def is_met(self, days: Iterable[Day]) -> bool:
        """Return whether any of some days is one that the question asks for."""
        return any(asked.fits(day) for day in days for asked in self.days)

    def stands_in(self, text: str) -> bool:
        """Return whether a text has any of them."""
        return bool(self.days) and self.is_met(of_text(text))

    @property
    def whole_days(self) -> tuple[date, ...]:
        """Those that are one day of one year."""
        return tuple(
            date(day.year, day.month, day.day) for day in self.days if day.year and day.day
        )


LONGEST = 2000
"""Characters of a question in which it may ask for a date: a longer one is pasted text."""


def asked(question: str, today: date) -> Asked:
    """Return the dates that a question asks for.

    Args:
        question: As the user wrote it.
        today: What "yesterday" and "last week" are counted from.
    """
    question = question[:LONGEST]
    found = list(_stretches(question, _found(question)))
    firm = any(day.year or day.day for _, days in found for day in days)
    taken = [span for span, _ in found]
    for span, days, is_firm in calendar_words.found(question, today):
        if not any(span[0] < high and low < span[1] for low, high in taken):
            found.append((span, days))
            firm = firm or is_firm
    every = dict.fromkeys(day for _, days in found for day in days)
    return Asked(tuple(every), tuple(span for span, _ in found), firm)


def of_text(text: str) -> list[Day]:
    """Return the dates in a heading or in the name of a note."""
    alone = calendar_words.month_alone(text)
    return [alone] if alone else [day for _, days in _found(text) for day in days]


def _forms(text: str) -> Iterator[str]:
    """Yield the forms that a text may have: to compile one takes longer than to see that."""
    has_digits = any(map(str.isdigit, text))
    has_month = not months.NAMES.isdisjoint(calendar_words.words(text))
    if has_digits and _LOOKS_NUMERIC.search(text):
        yield from _NUMERIC
    if has_month and not calendar_words.ORDINAL_WORDS.isdisjoint(calendar_words.words(text)):
        yield from _IN_ORDINALS
    if has_month and has_digits:
        yield from _WORDED
    if has_digits and _LOOKS_LIKE_WEEK.search(text):
        yield from _WEEKS


def _found(text: str) -> Iterator[Found]:
    """Yield where each date stands and the days that it may be, in order of the forms."""
    taken: list[Span] = []
    for form in _forms(text):
        for match in re.finditer(rf"(?<!\d)(?:{form})(?!\d)", text, re.IGNORECASE):
            low, high = match.span()
            if any(low < end and begin < high for begin, end in taken):
                continue
            days = _days(match.groupdict(), match[0])
            if days:
                taken.append((low, high))
                yield (low, high), days


def _days(parts: dict[str, str | None], text: str) -> list[Day]:
    """Return the days of the parts of a date, none where there is no such day."""
    year, week = int(parts.get("year") or 0), parts.get("week")
    if week:
        return calendar_words.days_of_week(year, int(week))
    word, told = parts["month"] or "", parts.get("day") or "0"
    if not word.isdecimal() and word.lower() not in months.NAMES:
        return []
    month = int(word) if word.isdecimal() else months.number(word)
    day = int(told) if told.isdecimal() else calendar_words.ordinal(told)
    # Between slashes, some write the month first and some the day.
    both = [(month, day), (day, month)] if _SLASHED.fullmatch(text) else [(month, day)]
    return list(dict.fromkeys(Day(year, m, d) for m, d in both if _is_day(year, m, d)))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year or 2000, month, day or 1)
    except ValueError:
        return False
    return True


def _stretches(text: str, dates: Iterable[Found]) -> Iterator[Found]:
    """Yield dates as they stand, the two ends of a stretch of time as one with all days of it."""
    ordered = sorted(dates, key=lambda one: one[0])
    while ordered:
        one, *rest = ordered
        joined = _with_next(text, one, rest[0]) if rest else None
        ordered = rest[1:] if joined else rest
        yield joined or _with_number(text, one, rest[0][0][0] if rest else len(text)) or one


def _with_next(text: str, one: Found, other: Found) -> Found | None:
    """Return two dates as one stretch of time, None where they are not its ends."""
    ((low, high), days), ((start, stop), others) = one, other
    joint = re.fullmatch(_JOINT, text[high:start], re.IGNORECASE)
    told = joint and (joint["to"] or re.search(_LEADS, text[:low], re.IGNORECASE))
    if not told or len(days) != 1 or len(others) != 1 or not (days[0].day and others[0].day):
        return None
    between = _between(days[0], others[0])
    return ((low, stop), between) if between else None


def _with_number(text: str, one: Found, before: int) -> Found | None:
    """Return a date with the number before or behind it that makes it several days, if any does.

    Args:
        text: The text.
        one: The date.
        before: Where the next one begins.
    """
    (low, high), days = one
    if len(days) != 1 or not days[0].day:
        return None
    (day,) = days
    begin = re.search(_BEGIN, text[:low], re.IGNORECASE)
    if begin and 0 < int(begin["day"]) < day.day:
        first = int(begin["day"])
        whole = range(first, day.day + 1) if begin["to"] or begin["lead"] else (first, day.day)
        return (begin.start("day"), high), _of_month(day, whole)
    end = re.match(_END, text[high:before], re.IGNORECASE)
    if end and int(end["day"]) > day.day:
        dated = Day(day.year or int(end["year"] or 0), day.month, day.day)
        return (low, high + end.end()), _of_month(dated, range(day.day, int(end["day"]) + 1))
    return None


def _of_month(day: Day, numbers: Iterable[int]) -> list[Day]:
    return [Day(day.year, day.month, n) for n in numbers if _is_day(day.year, day.month, n)]


def _between(first: Day, last: Day) -> list[Day]:
    """Return all days from one to another, none if they are in no order or too many."""
    begin = date(first.year or last.year or 2000, first.month, first.day)
    end = date(last.year or begin.year, last.month, last.day)
    count = (end - begin).days
    if not 0 <= count <= LONGEST:
        return []
    has_year = bool(first.year or last.year)
    every = (begin + timedelta(days=n) for n in range(count + 1))
    return [Day(day.year if has_year else 0, day.month, day.day) for day in every]
