"""What speaks for the notes answering a question: the features that its verdict rests on.

The nearest entries are those by the model's vectors alone, whatever ranks the results, so that
a calibration stays good when the ranking changes, and so that a build can ask hundreds of
questions in well under a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from assistant.answering.question_words import Word, rarity, words
from assistant.embedding import Vectors, maxsim
from assistant.store import Snapshot

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEAR = 50
"""Nearest chunks that are looked at; three entries rarely have more."""

PASSAGES = 3
"""Nearest entries whose words are looked at."""

OTHERS = 5
"""Entries that the nearest one is compared with."""

MOST_WORDS = 32
"""Words of a question that are looked up; more say nothing more and cost time."""

COUNTED = 10_000
"""Chunks with a word that are counted at most: a word that common tells nothing in any index."""

MATCHED = 5
"""Nearest chunks that are compared with a question word piece by word piece.

Figures with 10 and 20 were within the noise, and a build asks hundreds of questions.
"""

Matches = Callable[[Sequence[int]], Vectors | None]
"""From rows of chunks to the best cosine of each word piece of a question in each of them."""


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for the notes answering a question; higher is better."""

    similarity: float
    """Cosine of the nearest entry."""
    known: float
    """Share of the question's words that the notes have at all, rare words counting more."""
    cover: float | None = None
    """Share of them that one of the nearest entries has; None where that was not looked up."""
    matched: float | None = None
    """How well one of the nearest chunks has them in meaning, rare words counting more: cosine.

    None without late interaction.
    """
    margin: float = 0.0
    """By how much that cosine exceeds the mean of the next entries'."""
    unknown: tuple[str, ...] = ()
    """Words that the notes do not have."""
    missing: tuple[str, ...] = ()
    """Words that the notes have but none of the nearest entries."""


def matcher(snapshot: Snapshot, question: Vectors) -> Matches:
    """Return late interaction with the states of a question, as ``maxsim.project`` gives them.

    It gives None where the index keeps no token states.
    """

    def matches(chunks: Sequence[int]) -> Vectors | None:
        kept = snapshot.states(chunks)
        return maxsim.best(question, [kept[row] for row in chunks if row in kept]) if kept else None

    return matches


class Measurer:
    """Measures questions against one index."""

    def __init__(self, snapshot: Snapshot, chunks: int) -> None:
        """Measure against the index of a snapshot, which has so many chunks."""
        self._engine = snapshot.engine
        self._chunks = chunks

    def features(
        self,
        question: str,
        near: Sequence[tuple[int, float]],
        entries: Mapping[int, int],
        left_out: AbstractSet[int] = frozenset(),
        matches: Matches | None = None,
        pieces: Sequence[tuple[int, int]] = (),
        *,
        find_missing: bool = True,
    ) -> Features:
        """Return the features of a question.

        Args:
            question: As it was written, save for Chinese, which is in English already. A misspelt
                word counts as unknown unless the caller gives the repaired question.
            near: Rows and cosines of the nearest chunks, best first.
            entries: The entry of each chunk in ``near``.
            left_out: Chunks that count as not there.
            matches: Late interaction, where the index has it.
            pieces: Where the word pieces of the question stand in it, as [start, end).
            find_missing: Find out which words the nearest entries lack even where late interaction
                makes that no measure; a build, which tells nobody, does without.
        """
        asked = words(question)[:MOST_WORDS]
        rows: dict[int, list[int]] = {}
        cosines: dict[int, float] = {}
        for row, cosine in near:
            if row not in left_out:
                entry = entries[row]
                rows.setdefault(entry, []).append(row)
                cosines.setdefault(entry, cosine)
        nearest = [rows[entry] for entry in list(cosines)[:PASSAGES]]
        chunks = [row for row, _ in near if row not in left_out][:MATCHED]
        found = matches(chunks) if matches else None
        measured = measure(
            next(iter(cosines.values()), 0.0),
            asked,
            [self._count(word, left_out) for word in asked],
            self._chunks - len(left_out),
            self._held(asked, nearest) if find_missing or found is None else None,
            found,
            pieces,
        )
        return replace(measured, margin=_margin(list(cosines.values())))

    def _count(self, word: Word, left_out: AbstractSet[int]) -> int:
        """Return how many chunks hold a word, those left out aside."""
        count = self._engine.count(word.alternatives, COUNTED)
        if not count or not left_out:
            return count
        return max(0, count - len(self._engine.holding(word.alternatives, left_out)))

    def _held(self, asked: Sequence[Word], nearest: Sequence[Sequence[int]]) -> Flags:
        """Return whether each entry, given by its chunks, holds each word."""
        every = [row for rows in nearest for row in rows]
        found = np.zeros((len(nearest), len(asked)), bool)
        for j, word in enumerate(asked):
            if every and self._engine.count(word.alternatives, COUNTED):
                holding = self._engine.holding(word.alternatives, every)
                found[:, j] = [not holding.isdisjoint(rows) for rows in nearest]
        return found


def _margin(cosines: Sequence[float]) -> float:
    """Return by how much the first of some cosines exceeds the mean of the next ones."""
    others = cosines[1 : 1 + OTHERS]
    return cosines[0] - sum(others) / len(others) if others else 0.0


def measure(
    similarity: float,
    asked: Sequence[Word],
    counts: Sequence[int],
    chunks: int,
    held: Flags | None,
    matches: Vectors | None = None,
    pieces: Sequence[tuple[int, int]] = (),
) -> Features:
    """Return the features of a question.

    Args:
        similarity: Cosine of the nearest entry.
        asked: Its words, from ``words``.
        counts: Chunks that hold each word.
        chunks: Chunks of the index.
        held: Shape (passages, words): whether a nearest entry holds a word; None where that was
            not looked up.
        matches: Shape (chunks, word pieces): the best cosine of each word piece of the question
            with one of each nearest chunk, see ``maxsim.best``; None without late interaction.
        pieces: Where the word pieces of the question stand in it, as [start, end).
    """
    weights = rarity(counts, chunks)
    total = float(weights.sum()) or 1.0
    has: Flags = np.array(counts, int) > 0
    here = [True] * len(asked) if held is None else [bool(column.any()) for column in held.T]
    return Features(
        similarity=similarity,
        known=float((has * weights).sum() / total),
        cover=None if held is None else float((held @ weights / total).max(initial=0.0)),
        matched=None if matches is None else _matched(matches, asked, weights, pieces),
        unknown=tuple(w.text for w, known in zip(asked, has, strict=True) if not known),
        missing=tuple(
            w.text for w, known, near in zip(asked, has, here, strict=True) if known and not near
        ),
    )


def _matched(
    matches: Vectors, asked: Sequence[Word], weights: Array, pieces: Sequence[tuple[int, int]]
) -> float:
    """Return how well the best chunk has the words, each by its rarity; 0 where none has any.

    A word is as well matched as its word pieces are on average. What a question has no pieces of,
    as beyond what the model reads, does not count.
    """
    begins, ends = np.array(pieces[: matches.shape[1]], int).reshape(-1, 2).T
    inside = np.array([(begins < word.end) & (ends > word.start) for word in asked], float)
    if not inside.size or not len(matches):
        return 0.0
    sizes = inside.sum(axis=1)
    weights = weights * (sizes > 0)
    if not weights.sum():
        return 0.0
    each = matches[:, : len(begins)] @ (inside / np.maximum(sizes, 1.0)[:, None]).T
    return float((each @ weights / weights.sum()).max())
