"""Words that mean the opposite of each other: what a question asks for the other way round.

An embedding has "mount" and "unmount", "with" and "without" next to each other, since they stand in
the same sentences. So they are looked up, in a table, and only in headings: in running text both
sides of most pairs occur.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("data") / "opposites.tsv"
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_STATE = re.compile(r"\b(?:an?|the|my|our|this|that|some|all|is|are|was|were) (\w+ed)\b")
"""A state that something is in, and not what is to be done: who has an encrypted file wants it
decrypted."""

_WAY = re.compile(r"\b(?:to|into|as)\b|->|→")
_FROM = re.compile(r"\bfrom\b")
_REST = 3
"""Words on each side of "to" that may say from where to where."""


@dataclass(frozen=True, slots=True)
class Opposition:
    """Words of a question, or such as may stand for them, and what means the opposite."""

    own: frozenset[str]
    others: frozenset[str]


def of_question(question: str) -> tuple[Opposition, ...]:
    """Return what in a question has an opposite; what it has both sides of says nothing."""
    asked = frozenset(_words(_STATE.sub(" ", question.lower())))
    found = []
    for row in sorted({row for word in asked for row in _by_word().get(word, ())}):
        left, right = _table()[row]
        has_left, has_right = not left.isdisjoint(asked), not right.isdisjoint(asked)
        if has_left != has_right:
            found.append(Opposition(left, right) if has_left else Opposition(right, left))
    return tuple(found)


def is_opposite(question: str, asked: Iterable[Opposition], heading: str) -> bool:
    """Return whether a heading says the opposite of what is asked, and not also the same.

    Args:
        question: As the user wrote it, for from where to where it goes.
        asked: From ``of_question``.
        heading: The last one of an entry.
    """
    told = frozenset(_words(heading.lower()))
    return any(
        one.own.isdisjoint(told) and not one.others.isdisjoint(told) for one in asked
    ) or _is_way_back(question, heading)


def _is_way_back(question: str, heading: str) -> bool:
    """Return whether a heading goes from B to A where the question goes from A to B."""
    asked, told = _way(question), _way(heading)
    if asked is None or told is None:
        return False
    same = (asked[0] & told[0]) | (asked[1] & told[1])
    return not same and bool(asked[0] & told[1]) and bool(asked[1] & told[0])


def _way(text: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the words before and behind a "to"; None for a text without one, or with several."""
    before, *behind = _WAY.split(text.lower())
    if len(behind) != 1:
        return None
    begin = _words(_FROM.split(before)[-1])
    return frozenset(begin[-_REST:]), frozenset(_words(behind[0])[:_REST])


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


@cache
def _table() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    return tuple(_rows(_FILE.read_text(encoding="utf-8").splitlines()))


@cache
def _by_word() -> dict[str, list[int]]:
    """Return in which rows of the table each word is."""
    found: dict[str, list[int]] = {}
    for row, (left, right) in enumerate(_table()):
        for word in left | right:
            found.setdefault(word, []).append(row)
    return found


def _rows(lines: Iterable[str]) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    for line in lines:
        if not line.startswith("#"):
            left, right = line.split("\t")
            yield frozenset(left.split()), frozenset(right.split())
