"""Ranked lists to one list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

RANK_OFFSET = 5
"""The k of reciprocal rank fusion; small, so that the top of each list counts."""


def reciprocal_rank(lists: Iterable[Sequence[int]], offset: int = RANK_OFFSET) -> dict[int, float]:
    """Return the fused score of each id: the sum of 1 / (k + rank) over the lists that have it.

    Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank
    learning methods", SIGIR 2009.
    """
    scores: dict[int, float] = {}
    for ranked in lists:
        for rank, item in enumerate(ranked, 1):
            scores[item] = scores.get(item, 0.0) + 1 / (offset + rank)
    return scores
