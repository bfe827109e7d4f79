"""Words that mean days: ordinals, "last week", "on Friday", "in June". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from assistant import months
from assistant.records import Span


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


_ONES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = (
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth", "twentieth"),
)
_ORDINALS = {
    name: number
    for number, name in enumerate(
        (
            *_ONES,
            *_TEENS,
            *(f"twenty-{one}" for one in _ONES),
            *("thirtieth", "thirty-first"),
        ),
        1,
    )
}
ORDINAL = "|".join(name.replace("-", "[- ]") for name in sorted(_ORDINALS, key=len, reverse=True))
"""Of a regular expression that ignores case."""

ORDINAL_WORDS = frozenset(part for name in _ORDINALS for part in name.split("-"))
"""One of which stands in every text with an ordinal."""

_WORD = re.compile(r"[^\W\d_]+")

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNT = rf"(?P<count>\d{{1,3}}|an?|{'|'.join(_NUMBERS)}|(?:a )?couple of|a few)"
_UNITS = {"day": 1, "night": 1, "week": 7, "month": 30, "year": 365}

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_MEANT = {
    ("day", 0): "today|this (?:morning|afternoon|evening)|tonight|今天|今日|heute|aujourd.hui|hoy"
    "|oggi|hoje|vandaag|сегодня|きょう",
    ("day", 1): "yesterday|last night|昨天|昨日|昨晚|gestern|ayer|ieri|ontem|gisteren|вчера|きのう",
    ("day", 2): "(?:the )?day before yesterday|前天|一昨日|vorgestern|avant-hier|anteayer"
    "|позавчера|eergisteren",
    ("day", -1): "tomorrow|明天|明日|mañana(?! por)|domani|amanhã|завтра",
    ("week", 0): "this week|这周|本周|这个星期|今週|diese woche|cette semaine|esta semana"
    "|questa settimana|deze week|на этой неделе",
    ("week", 1): "(?:last|past|previous) week|上周|上个星期|上星期|先週|(?:letzte|vorige)n? woche"
    "|la semaine derni[eè]re|la semana pasada|la settimana scorsa|(?:vorige|afgelopen) week"
    "|на прошлой неделе|(?:na )?semana passada",
    ("week", -1): "next week|下周|下个星期|来週|nächste woche|la semaine prochaine"
    "|la próxima semana|на следующей неделе",
    ("weekend", 0): "(?:this|last|past|at the|on the|over the) weekend|周末|am wochenende"
    "|letztes wochenende|le week-?end(?: dernier)?|el fin de semana(?: pasado)?|на выходных",
    ("month", 0): "this month|这个月|本月|今月|diesen monat|ce mois-ci|este mes|questo mese"
    "|в этом месяце",
    ("month", 1): "(?:last|past|previous) month|上个月|上月|先月|(?:letzten|vorigen) monat"
    "|le mois dernier|el mes pasado|il mese scorso|vorige maand|в прошлом месяце",
    ("month", -1): "next month|下个月|来月|nächsten monat|le mois prochain|el próximo mes",
    ("year", 0): "this year|今年|dieses jahr|cette année|este año|quest.anno|в этом году",
    ("year", 1): "last year|去年|昨年|letztes jahr|l.an(?:née)? dernier|l.année dernière"
    "|el año pasado|l.anno scorso|vorig jaar|в прошлом году",
}

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_HINTS = (
    *("day", "night", "week", "month", "year", "ago", "morrow", "this ", "last ", "past "),
    *("heute", "gestern", "woche", "monat", "jahr", "semaine", "mois", "cette ", "aujourd", "l'an"),
    *("hoy", "ayer", "semana", " mes", "oggi", "ieri", "domani", "settimana", "anno", "mese"),
    *("kw ", "hoje", "ontem", "vandaag", "gisteren", "vorig", "hier"),
)
"""Of which a question in plain letters has one if any word of it means a day: the patterns take
longer to compile than most questions have use for."""

_SOFT = frozenset((("day", 0), ("year", 0), ("year", 1), ("weekend", 0)))
"""What may be said of any note: "today" of what holds still, a year of what goes on."""

_INSTRUCTION = re.compile(
    r"\A\W*how (?:do|to|can|should|would)\b|\bhow (?:do (?:i|you|we)|to|can i)\b"
    r"|怎么|如何|怎样|\A\W*wie (?:kann|muss|mache)\b|\bcomment\b",
    re.IGNORECASE,
)
_DATE_ITSELF = re.compile(r"(?:['’]s)? (?:date|timestamp)\b|的日期", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:did|was|were|had|happened|went|met|wrote|said|decided|made|saw|ate|bought)\b",
    re.IGNORECASE,
)
_IN = r"(?:in|during|of|since|until|by|early|late|mid|last|this|im|ab|seit|en|em|в)"
_AFTER = r"(?! \d|\w| (?:i|we|you|he|she|they|it|be)\b)"
WEEKS_BACK = 5
"""Years in which "week 12" may be."""


def ordinal(name: str) -> int:
    """Return the number of an ordinal that ``ORDINAL`` matches, 0 for any other word."""
    return _ORDINALS.get(name.lower().replace(" ", "-"), 0)


def words(text: str) -> list[str]:
    """Return the words of a text without digits, lower case."""
    return _WORD.findall(text.lower())


def month_alone(text: str) -> Day | None:
    """Return the month that is all of a text, such as of the heading "June"."""
    match = _month_only().fullmatch(text.strip()) if len(text) < 16 else None
    return Day(0, months.number(match[1]), 0) if match else None


def days_of_week(year: int, week: int) -> list[Day]:
    """Return the seven days of a week as ISO 8601 counts it, none where there is no such week."""
    try:
        first = date.fromisocalendar(year, week, 1)
    except ValueError:
        return []
    return _run(first, 7)


def found(question: str, today: date) -> Iterator[tuple[Span, list[Day], bool]]:
    """Yield where words stand that mean days, those days, and whether nothing else may be meant.

    Args:
        question: As the user wrote it.
        today: What they are counted from.
    """
    if not _may_mean_days(question.lower()):
        return
    asks_how = _INSTRUCTION.search(question) is not None
    taken: list[Span] = []
    for match, days, is_firm in _matches(question, today):
        low, high = match.span()
        if any(low < end and begin < high for begin, end in taken):
            continue
        if _DATE_ITSELF.match(question, high):
            continue  # "today's date" is what a program gives
        taken.append((low, high))
        yield (low, high), days, is_firm and not asks_how


def _may_mean_days(lowered: str) -> bool:
    return (
        not lowered.isascii()
        or any(hint in lowered for hint in _HINTS)
        or not months.NAMES.isdisjoint(words(lowered))
        or _YEAR.search(lowered) is not None
    )


def _matches(question: str, today: date) -> Iterator[tuple[re.Match[str], list[Day], bool]]:
    is_past = _PAST.search(question) is not None
    for kind, pattern in _patterns().items():
        for match in pattern.finditer(question):
            yield match, _relative(*kind, today), is_past or kind not in _SOFT
    for match in _ago().finditer(question):
        yield match, list(_counted(match, today)), True
    for match in _weekday().finditer(question):
        number = _WEEKDAYS.index(match["day"].lower())
        if match["last"] or (match["on"] and is_past):
            back = (today.weekday() - number - 1) % 7 + 1
            yield match, _run(today - timedelta(days=back), 1), bool(match["last"])
    for match in _week().finditer(question):
        years = range(today.year - WEEKS_BACK, today.year + 1)
        days = [day for year in years for day in days_of_week(year, int(match["week"]))]
        yield match, days, False
    for match in _month().finditer(question):
        yield match, [Day(0, months.number(match["month"]), 0)], False
    for match in _year().finditer(question):
        yield match, [Day(int(match["year"]), month, 0) for month in range(1, 13)], False


def _relative(kind: str, back: int, today: date) -> list[Day]:
    """Return the days that a word such as "last week" means."""
    if kind == "year":
        return [Day(today.year - back, month, 0) for month in range(1, 13)]
    if kind == "month":
        count = 12 * today.year + today.month - 1 - back
        return [Day(count // 12, count % 12 + 1, 0)]
    if kind == "day":
        return _run(today - timedelta(days=back), 1)
    monday = today - timedelta(days=today.weekday() + 7 * back)
    if kind == "week":
        return _run(monday, 7)
    begun = today.weekday() >= 5  # Saturday
    return _run(monday + timedelta(days=5 if begun else -2), 2)


def _counted(match: re.Match[str], today: date) -> Iterator[Day]:
    """Yield the days that "three days ago" or "the last two weeks" mean."""
    told = (match["count"] or match["of"]).lower()
    number = int(told) if told.isdecimal() else _word(told)
    unit = _UNITS[(match["unit"] or match["units"]).lower()]
    if match["units"]:  # all of it, up to today
        count = min(number * unit, 366)
        yield from _run(today - timedelta(days=count), count + 1)
        return
    # Who says "two weeks ago" has not counted the days.
    slack = {1: 0, 7: 3, 30: 15, 365: 60}[unit]
    yield from _run(today - timedelta(days=min(number * unit, 36_500) + slack), 2 * slack + 1)


def _word(name: str) -> int:
    if name in _NUMBERS:
        return _NUMBERS.index(name) + 1
    return {"a few": 3}.get(name, 2 if "couple" in name else 1)


def _run(first: date, count: int) -> list[Day]:
    every = (first + timedelta(days=n) for n in range(count))
    return [Day(day.year, day.month, day.day) for day in every]


@cache
def _patterns() -> dict[tuple[str, int], re.Pattern[str]]:
    """Return what to look for, the longer words first."""
    return {
        kind: re.compile(rf"(?<![a-zà-ÿа-я])(?:{words})(?![a-zà-ÿа-я])", re.IGNORECASE)
        for kind, words in sorted(_MEANT.items(), key=lambda one: one[0][1] != 2)
    }


@cache
def _ago() -> re.Pattern[str]:
    units = "|".join(_UNITS)
    of = _COUNT.replace("?P<count>", "?P<of>")
    return re.compile(
        rf"\b(?:{_COUNT} (?P<unit>{units})s? ago"
        rf"|the (?:last|past) {of} (?P<units>{units})s?)\b",
        re.IGNORECASE,
    )


@cache
def _weekday() -> re.Pattern[str]:
    return re.compile(
        rf"\b(?:(?P<last>last|this past) |(?P<on>on) )(?P<day>{'|'.join(_WEEKDAYS)})\b(?! \d)",
        re.IGNORECASE,
    )


@cache
def _week() -> re.Pattern[str]:
    return re.compile(r"\b(?:week|kw|semaine|semana) (?P<week>\d{1,2})\b", re.IGNORECASE)


@cache
def _month() -> re.Pattern[str]:
    return re.compile(rf"\b{_IN} (?P<month>{months.PATTERN})\b{_AFTER}", re.IGNORECASE)


@cache
def _year() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:in|during|of|since|for|im jahr|en|в) (?P<year>(?:19|20)\d\d)\b(?![-/.:]\d)",
        re.IGNORECASE,
    )


@cache
def _month_only() -> re.Pattern[str]:
    return re.compile(rf"({months.PATTERN})", re.IGNORECASE)
