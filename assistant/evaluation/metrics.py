"""Measures of a ranking, and how far chance may have moved them. Pure.

A *rank* is that of the first right result, from 1; 0 stands for none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

RESAMPLES = 2000
LEVEL = 0.95
SEED = 0
_CELLS = 1 << 20
"""Values drawn at once: 8 MB."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and the bounds that it stays within at ``LEVEL`` when the questions are redrawn."""

    value: float
    low: float
    high: float


def first_hit(hits: Iterable[bool]) -> int:
    """Return the rank of the first hit, 0 when there is none."""
    return next((rank for rank, hit in enumerate(hits, 1) if hit), 0)


def hit_at(rank: int, count: int) -> float:
    """Return 1 when the first hit is among the first ``count`` results, else 0."""
    return float(1 <= rank <= count)


def reciprocal_rank(rank: int) -> float:
    """Return 1 / rank, 0 for no hit; its mean over questions is the MRR."""
    return 1 / rank if rank else 0.0


def ndcg(notes: Iterable[str], right: Collection[str], count: int) -> float:
    """Return nDCG by note: a note counts where it first stands, and is right or is not.

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 20(4), 2002,
    with the discount 1 / log2(rank + 1).

    Args:
        notes: Of the results, best first; repeats are passed over.
        right: Notes that answer; at least one.
        count: Distinct notes that are looked at.
    """
    ranked = list(dict.fromkeys(notes))[:count]
    wanted = set(right)
    gained = sum(1 / log2(rank + 1) for rank, note in enumerate(ranked, 1) if note in wanted)
    most = sum(1 / log2(rank + 1) for rank in range(1, min(len(wanted), count) + 1))
    return gained / most


def bootstrap(values: Sequence[float], *, resamples: int = RESAMPLES) -> Interval:
    """Return the mean of values, one a question, with its percentile interval.

    Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7(1), 1979. The
    draws depend on the number of values alone, so that two lists over the same
    questions are redrawn alike.

    Raises:
        ValueError: There are no values.
    """
    if not len(values):
        raise ValueError("no values to resample")
    array = np.asarray(values, np.float64)
    random = np.random.default_rng(SEED)
    means = np.empty(resamples)
    step = max(1, _CELLS // len(array))
    for begin in range(0, resamples, step):
        rows = min(step, resamples - begin)
        drawn = random.integers(0, len(array), (rows, len(array)))
        means[begin : begin + rows] = array[drawn].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(array.mean()), float(low), float(high))


def paired_difference(first: Sequence[float], second: Sequence[float]) -> Interval:
    """Return how much the first mean exceeds the second, question by question.

    Redrawing the differences leaves out what makes a question hard for both, so the interval is
    narrower than those of the two means suggest.

    Raises:
        ValueError: The lists are empty or differ in length.
    """
    return bootstrap([a - b for a, b in zip(first, second, strict=True)])
