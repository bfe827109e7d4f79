"""The scores of several searches, and what else speaks for a chunk, to one score. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

DENSE, NOTE, LEXICAL, LATE = 0.3, 0.15, 0.1, 0.6
"""Weights of the legs: cosine of the chunk, cosine of its note, BM25 (0 where no word matches) and
late interaction, each for every chunk that the dense or the lexical search found."""

COSINES_APART, LATE_APART = 0.5, 0.4
"""What counts as 1 at least of the cosines and of late interaction, see ``Leg.span``."""

UNREAD = 0.4
"""What BM25 weighs on top where the model cannot read the question; all legs then weigh half."""

NAMED, COVERED, OF_NOTE, DATED, NUMBERED, SIGNED = 0.2, 0.03, 0.1, 0.4, 0.6, 0.6
"""Weights of what else speaks for a chunk, see ``Signs``."""

POOL = 75
"""Chunks that each of the two searches gives; more change nothing, fewer lose answers."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a chunk beside the searches, each in 0..1."""

    named: float = 0.0
    """How well the question names its note, see ``names.fit``."""
    covered: float = 0.0
    """Share of the question's words that it has, rare ones counting more."""
    of_note: float = 0.0
    """Highest BM25 of its note, of the highest of all."""
    dated: float = 0.0
    """Whether its note or heading is of a date that the question asks for."""
    numbered: float = 0.0
    """Whether its heading has a number that the question asks for."""
    signed: float = 0.0
    """Whether its heading has a sign that the question asks for."""

    @property
    def total(self) -> float:
        """Their weighted sum."""
        return (
            NAMED * self.named
            + COVERED * self.covered
            + OF_NOTE * self.of_note
            + DATED * self.dated
            + NUMBERED * self.numbered
            + SIGNED * self.signed
        )


@dataclass(frozen=True, slots=True)
class Leg:
    """One way of searching, with its scores."""

    weight: float
    scores: Mapping[int, float]
    """By chunk, higher being better. A chunk that is not there counts as the least."""
    span: float = 0.0
    """The difference that counts as 1 at least: in a small index the best and the worst chunk
    differ by little, which is noise and not to be blown up to the whole of 0..1."""


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


def legs(
    cosines: Mapping[int, float],
    of_notes: Mapping[int, float],
    bm25: Mapping[int, float],
    late: Mapping[int, float],
    unread: float = 0.0,
) -> list[Leg]:
    """Return the searches by what each counts for one question.

    Args:
        cosines: Of the chunks with the question.
        of_notes: Of the notes of the chunks, by chunk.
        bm25: Of the chunks that the lexical search gave.
        late: Late interaction; empty where the index keeps no token states.
        unread: How little the model can read of the question, in 0..1.
    """
    read = 1 - unread / 2
    return [
        Leg(DENSE * read, cosines, COSINES_APART),
        Leg(NOTE * read, of_notes, COSINES_APART),
        Leg(LEXICAL * read + UNREAD * unread, bm25),
        Leg(LATE * read, late, LATE_APART),
    ]


def fused(legs: Iterable[Leg], signs: Mapping[int, Signs]) -> dict[int, float]:
    """Return the score of each chunk.

    It is the convex combination of Bruch, Gai and Ingber, "An analysis of fusion functions for
    hybrid retrieval", TOIS 2023, with a floor on the span of each leg, and the signs on top.

    Args:
        legs: The searches.
        signs: Of every chunk.
    """
    totals = {chunk: sign.total for chunk, sign in signs.items()}
    for leg in legs:
        if not leg.scores:
            continue
        low, high = min(leg.scores.values()), max(leg.scores.values())
        whole = max(high - low, leg.span) or 1.0
        for chunk in totals:
            totals[chunk] += leg.weight * (1 + (leg.scores.get(chunk, low) - high) / whole)
    return totals
