"""What an index says of a question: what its ``features`` are made of.

The nearest entries are those by the model's vectors alone, whatever ranks the results, so that
a calibration stays good when the ranking changes, and so that a build can ask hundreds of
questions in well under a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from assistant.answering.features import Features, Flags, Word, measure, words
from assistant.embedding import Vectors, maxsim
from assistant.store import Snapshot

NEAR = 50
"""Nearest chunks that are looked at; three entries rarely have more."""

PASSAGES = 3
"""Nearest entries whose words are looked at."""

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


def matcher(snapshot: Snapshot, question: Vectors) -> Matches:
    """Return late interaction with the states of a question, as ``maxsim.project`` gives them.

    It gives None where the index keeps no token states.
    """

    def matches(chunks: Sequence[int]) -> Vectors | None:
        kept = snapshot.states(chunks)
        return maxsim.best(question, [kept[row] for row in chunks if row in kept]) if kept else None

    return matches


class Evidence:
    """Measures questions against one index."""

    def __init__(self, snapshot: Snapshot, chunks: int) -> None:
        """Measure against the index of a reader, which has so many chunks."""
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
        return measure(
            next(iter(cosines.values()), 0.0),
            asked,
            [self._count(word, left_out) for word in asked],
            self._chunks - len(left_out),
            self._held(asked, nearest) if find_missing or found is None else None,
            found,
            pieces,
        )

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
