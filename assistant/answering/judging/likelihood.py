"""How likely a result answers, by its own matches. Pure.

The verdict is of the question and the notes as a whole; of ten recipes that all have "guacamole" it
says the same. What is measured here tells one result from the next: how far it is ahead of them,
and what it has that they do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WEIGHTS = {
    "lead": 5.1,
    "late_lead": 5.7,
    "late_above": 2.5,
    "cosine": 4.4,
    "neither": -0.7,
    "to_letter": 2.0,
    "lacking": -1.4,
    "of_another_date": -3.3,
    "is_opposite": -1.4,
    "is_first": 0.9,
    "size": 2.3,
}
"""Log odds of each measure, ``neither`` being the product of what is not covered and not known."""

BIAS = -5.0

USUAL = {"late_lead": -0.07, "late_above": 0.17}
"""What an index that keeps no token states is judged by: the means of the fit."""

RIVALS = 5
"""First results that one is compared with."""

MOST_LEAD, MOST_BEHIND, MOST_LATE_LEAD = 0.5, 0.6, 0.2
"""Differences of scores beyond which a result is no surer, or less sure."""

MOST_SIZE = 0.8
"""A tenth of the logarithm of some 3,000 chunks: in a larger index a lead says no more."""


@dataclass(frozen=True, slots=True)
class Match:
    """What one result has of its own."""

    lead: float
    """Its score after fusion less the best of the others'."""
    late_lead: float | None
    """The same of late interaction; None without it."""
    late_above: float | None
    """Late interaction above the median of all chunks that the question found; None likewise."""
    cosine: float
    covered: float
    """Share of the question's words that it has, by rarity."""
    known: float
    """Share that the notes have at all."""
    to_letter: float
    """Whether it is of the date, number or sign that the question asks for, in 0..1."""
    is_lacking: bool
    """Whether it lacks what the question names to the letter, see ``specifics``."""
    of_another_date: bool
    is_opposite: bool
    """Whether its heading says the opposite of what is asked."""
    is_first: bool
    chunks: int
    """Of the index: in a small one, leads are large by chance."""


def probability(match: Match) -> float:
    """Return how likely a result answers, in 0..1.

    A logistic regression over the first results of the questions of all sets, no weight of which
    may count the other way: see `benchmarks/likelihood.py`, and docs/quality.md for its curve.
    """
    odds = BIAS + sum(WEIGHTS[name] * value for name, value in measures(match).items())
    return 1 / (1 + math.exp(-odds))


def measures(match: Match) -> dict[str, float]:
    """Return what ``WEIGHTS`` are of."""
    late_lead = USUAL["late_lead"] if match.late_lead is None else match.late_lead
    above = USUAL["late_above"] if match.late_above is None else match.late_above
    return {
        "lead": min(max(match.lead, -MOST_BEHIND), MOST_LEAD),
        "late_lead": min(max(late_lead, -MOST_LATE_LEAD), MOST_LATE_LEAD),
        "late_above": above,
        "cosine": match.cosine,
        "neither": (1 - match.covered) * (1 - match.known),
        "to_letter": match.to_letter,
        "lacking": float(match.is_lacking),
        "of_another_date": float(match.of_another_date),
        "is_opposite": float(match.is_opposite),
        "is_first": float(match.is_first),
        "size": min(math.log(max(match.chunks, 1)) / 10, MOST_SIZE),
    }


def lead(values: Sequence[float], at: int, alone: float) -> float:
    """Return how far one of some values is above the best of the others.

    Args:
        values: Of the results, in order.
        at: Which one it is.
        alone: What it is where there are no others.
    """
    others = [value for i, value in enumerate(values[:RIVALS]) if i != at]
    return values[at] - max(others) if others else alone
