"""What a question is narrowed by, and what comes of it: passages, an answer, its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.records import DateFrom, Span

Verdict = Literal["found", "weak", "none"]
"""How far the notes answer: they do, perhaps they do, they do not."""

VERDICT_WORDS: dict[Verdict, str] = {
    "found": "the notes answer this",
    "weak": "the notes may answer this",
    "none": "the notes do not answer this",
}
"""The verdicts as people and agents read them, wherever they are told."""

Hindered = Literal["", "encoder", "notes"]
"""What keeps a question in another language than English and Chinese from being read by meaning:
there is no encoder that reads it, or some notes are not read by that one yet; or nothing does."""

ReadBy = Literal["model", "multilingual", "both"]
"""Which encoder read a question: the index's model, the one of other languages, or both, where it
is not sure which language the question is in."""

ResultDateFrom = DateFrom | Literal["heading"]
"""What told the date of a result: as of a note, or its heading."""

"""Of a passage; empty for any."""

DUPLICATE_THRESHOLD = 0.73
"""Cosine of two entries from which they may say the same, unless another is asked for; that is for
those whose headings name the same, see docs/quality.md."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What narrows a search; empty is no limit."""

    note: str = ""
    """Path of a note, a folder with a slash at its end, or a glob."""
    tags: tuple[str, ...] = ()
    """Tags that the note has, all of them; ``a`` is also ``a/b``. Case and a # are no matter."""
    language: str = ""
    """Of the passage, by its code in ISO 639-1 or its English name: Chinese by the characters, any
    other by what the note is in."""
    since: str = ""
    """Date of the note at least: a day, month or year as ISO 8601 writes it."""
    until: str = ""
    """Date of the note at most; the month or year is included."""


@dataclass(frozen=True, slots=True)
class Code:
    """A fenced block of an entry."""

    language: str
    text: str
    output: bool = False
    """Whether it is what a program printed: results, a log, a traceback."""
    destroys: bool = False
    """Whether running it deletes or overwrites something."""

    def to_record(self) -> dict[str, str | bool]:
        """Return it as JSON shows it."""
        signs = {"output": self.output, "destroys": self.destroys}
        told = {name: True for name, holds in signs.items() if holds}
        return {"language": self.language, "text": self.text, **told}


@dataclass(frozen=True, slots=True)
class Result:
    """One passage of the notes, ready to show."""

    rank: int
    """From 1."""
    score: float
    """How sure it is that this passage answers, in 0..1, falling with rank."""
    note: str
    """Path of the note below its notes folder."""
    absolute: Path
    """The file on disk, for links and editors."""
    headings: tuple[str, ...]
    lines: tuple[int, int]
    """First and last line of the snippet in the note, 1-based, inclusive."""
    snippet: str
    highlight: tuple[int, int]
    """The best sentence as [start, end) in ``snippet``."""
    code: tuple[Code, ...] = ()
    """Fenced blocks of the entry, the one that answers best first, output last."""
    why: tuple[str, ...] = ()
    """What speaks for this passage, in figures, one line each."""
    reasons: tuple[str, ...] = ()
    """The same in words for people: where the words of the question stand, and how near it is."""
    date: str = ""
    """Of its heading, if that is a day, else of the note: ISO 8601."""
    date_from: ResultDateFrom = "file"
    is_older: bool = False
    """Whether another result says nearly the same and is newer."""
    also: tuple[str, ...] = ()
    """Other notes, by path, in which the same text stands under its heading."""
    parts: tuple[tuple[Span, ...], ...] = ()
    """What to show of ``snippet`` where there is no room for all, the most telling first: of each
    the [start, end) that go together."""

    @property
    def sentence(self) -> str:
        """The sentence of the passage that answers best."""
        return self.snippet[slice(*self.highlight)].strip()

    @property
    def cite(self) -> str:
        """How to cite the passage: ``note:first-last``."""
        return f"{self.note}:{self.lines[0]}-{self.lines[1]}"

    @property
    def line(self) -> int:
        """The line of the note that the best sentence begins in, from 1."""
        return self.lines[0] + self.snippet.count("\n", 0, self.highlight[0])

    def _repr_markdown_(self) -> str:
        """Return the passage with its heading and source, as notebooks show it."""
        title = f"**{self.headings[-1]}**\n\n" if self.headings else ""
        return f"{title}{self.snippet}\n\n*{self.cite}*"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the notes say to one question."""

    question: str
    verdict: Verdict
    results: tuple[Result, ...]
    """Best first; the nearest passages even when the verdict is ``none``."""
    searched_for: str = ""
    """The question after spelling repair, empty when nothing was repaired."""
    lacking: tuple[str, ...] = ()
    """What the question names to the letter and the first passage does not have, where this is why
    the verdict is not ``found``."""
    unknown: tuple[str, ...] = ()
    """Words of the question that the notes do not have, where the verdict is ``none``."""
    read: float = 1.0
    """Share of the chunks that are read by meaning, in 0..1; the others are found by their words
    alone, until a build has come to them."""
    language: str = ""
    """Of the question, as in ISO 639-1; empty where that is not sure."""
    read_by: ReadBy = "model"
    hindered: Hindered = ""
    newer_notes: int = 0
    """Notes that are new or changed since the index was built and not taken in."""
    gone_notes: int = 0
    """Notes that are no longer there, and not taken out."""
    unreadable: str = ""
    """Why the notes could not be looked at, so that the answer is from the index alone."""
    unfollowed: bool = False
    """Whether the index follows no notes, since nobody here has said which."""
    built_otherwise: bool = False
    """Whether texts of the index were cut or glossed by other rules than today's: it answers, and
    after a build it does so better."""

    @property
    def best(self) -> Result | None:
        """The first passage, where the notes answer or may answer; else None."""
        return self.results[0] if self else None

    def __bool__(self) -> bool:
        """Return whether the notes answer, or may answer."""
        return self.verdict != "none" and bool(self.results)

    def __len__(self) -> int:
        """Return how many passages there are, also where they are only the nearest."""
        return len(self.results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def _repr_markdown_(self) -> str:
        """Return the verdict and the passages, as notebooks show them."""
        words = VERDICT_WORDS[self.verdict].capitalize()
        parts = [f"{words}.", *(result._repr_markdown_() for result in self.results)]
        return "\n\n---\n\n".join(parts)
