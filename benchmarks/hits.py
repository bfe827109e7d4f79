"""Whether a passage is where the answer stands, judged alike for every program that found it.

A passage is looked up in its note, white space aside, whatever its program cut or joined. It is a
hit when at least half of its lines lie in an entry that answers, so that neither a short piece of
that entry nor one with its neighbour's first lines is turned down; and it bears the answer when it
also holds what the question's ``must_contain`` says.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

RANKS = 10
"""Results that count."""

Lines = tuple[int, int]
"""First and last line, 1-based, inclusive."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that the notes answer."""

    text: str
    gold: Mapping[str, Sequence[Lines]]
    """Lines of the entries that answer, by note."""
    heart: str = ""
    """What the answer says, as the note has it; empty where nobody has noted it."""


class Passage(NamedTuple):
    """A result of some program."""

    note: str
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """How one question was answered."""

    rank: int | None
    """Of the first hit, from 1; None without one among ``RANKS``."""
    bears: bool | None
    """Whether a hit among the first three holds the heart; None if nobody has noted it."""
    length: int
    """Characters of the first three passages, which a person would read."""


class Note:
    """A note in which passages are looked up."""

    def __init__(self, text: str) -> None:
        lines = [fold(line) for line in text.split("\n")]
        self._folded = "".join(lines)
        self._starts = [0]
        for line in lines[:-1]:
            self._starts.append(self._starts[-1] + len(line))

    def places(self, passage: str) -> list[Lines]:
        """Return all lines where a passage stands, white space aside; none if it nowhere does."""
        wanted, found = fold(passage), []
        at = self._folded.find(wanted) if wanted else -1
        while at >= 0:
            found.append((self._line(at), self._line(at + len(wanted) - 1)))
            at = self._folded.find(wanted, at + 1)
        return found

    def _line(self, offset: int) -> int:
        """Return the line of a character; blank lines before it start where it does."""
        return bisect_right(self._starts, offset)


def fold(text: str) -> str:
    """Return a text without white space, and without what cannot be printed: splitters drop it."""
    return "".join(sign for sign in text if sign.isprintable() and not sign.isspace())


def is_within(lines: Lines, gold: Sequence[Lines]) -> bool:
    """Return whether at least half of the lines lie in one of the entries."""
    first, last = lines
    return any(2 * (min(last, b) - max(first, a) + 1) >= last - first + 1 for a, b in gold)


def score(asked: Asked, passages: Sequence[Passage], notes: Mapping[str, Note]) -> Score:
    """Judge the passages that were found for a question, best first."""
    hits = [
        any(
            is_within(lines, asked.gold.get(passage.note, ()))
            for lines in notes[passage.note].places(passage.text)
        )
        for passage in passages[:RANKS]
    ]
    rank = next((rank for rank, hit in enumerate(hits, 1) if hit), None)
    near = list(zip(hits[:3], passages[:3], strict=True))
    heart = fold(asked.heart)
    bears = any(hit and heart in fold(passage.text) for hit, passage in near) if heart else None
    return Score(rank, bears, sum(len(passage.text) for _, passage in near))


def summary(scores: Sequence[Score]) -> dict[str, float]:
    """Return the shares and means over at least one question."""
    ranks = [found.rank for found in scores]
    bears = [found.bears for found in scores if found.bears is not None]
    count = len(scores)
    return {
        "hit@1": sum(rank == 1 for rank in ranks) / count,
        "hit@3": sum(rank is not None and rank <= 3 for rank in ranks) / count,
        "mrr": sum(1 / rank for rank in ranks if rank) / count,
        "answer@3": sum(bears) / len(bears) if bears else float("nan"),
        "characters": sum(found.length for found in scores) / count,
    }
