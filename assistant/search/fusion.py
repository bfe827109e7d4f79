"""The scores of several searches to one score. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

DENSE, NOTE, LEXICAL, LATE = 0.3, 0.15, 0.1, 0.6
"""Weights of the legs: cosine of the chunk, cosine of its note, BM25 (0 where no word matches) and
late interaction, each for every chunk that the dense or the lexical search found. Half or twice of
any other than the note's moved mrr by at most .013 on the mean of four sets of questions over three
collections; that of the note was chosen over two manuals and the notes that ship, see
docs/quality.md."""

POOL = 75
"""Chunks that each of the two searches gives; more change nothing, fewer lose answers."""


def scaled(scores: Collection[float], equal: float = 1.0) -> list[float]:
    """Return scores on 0..1, the least as 0 and the greatest as 1.

    Args:
        scores: Of one kind, in any unit.
        equal: What all of them become when they are equal.
    """
    if not scores:
        return []
    low, high = min(scores), max(scores)
    return [(score - low) / (high - low) if high > low else equal for score in scores]


def weighted(legs: Iterable[tuple[float, Mapping[int, float]]]) -> dict[int, float]:
    """Return the fused score of each id: the sum over the legs of weight * scaled score.

    An id that a leg does not have counts there as its least. This is the convex combination of
    Bruch, Gai and Ingber, "An analysis of fusion functions for hybrid retrieval", TOIS 2023.

    Args:
        legs: Weight and scores of each way of searching, higher scores being better.
    """
    fused: dict[int, float] = {}
    for weight, scores in legs:
        for item, score in zip(scores, scaled(scores.values()), strict=True):
            fused[item] = fused.get(item, 0.0) + weight * score
    return fused
