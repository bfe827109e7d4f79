"""Whether the best passage bears out what the verdict says of the notes as a whole. Pure.

Whether a question looks like the notes is calibrated on each index, and in a small one, or in one
of a language that its probes are not in, every question does. What is measured here means the same
in every index: how much of the question's wording the passage has, and how near it is word by word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assistant.answering import verdict
from assistant.results import Verdict

WEIGHTS = {
    "covered": 0.9,
    "known": 1.1,
    "matched": 3.0,
    "late": 6.0,
    "cosine": 0.7,
    "neither": -2.8,
}
"""Log odds of each measure, ``neither`` being the product of what is not covered and not known."""

BIAS = -6.5

USUAL = {"matched": 0.72, "late": 0.71}
"""What an index that keeps no token states is judged by: the means of the fit."""

OF_NOTES, OF_SUPPORT, OF_RESULT = 0.15, 0.4, 0.35
"""Weights of three log odds, that the notes answer, that the passage bears it out, and that this
result answers, in what decides whether anything is shown for an answer."""

DOUBT = 1.5
"""Log odds against it where the passage lacks what is named to the letter, or says nothing."""

LEAST_OF_SMALL, LEAST_OF_LARGE = -1.9, -0.7
"""Their sum below which nothing answers, in an index of up to 100 chunks and from 1,000 on: a small
one is worded in one way, and a question in other words looks like one that it does not answer."""

OWN = 0.5
"""Likelihood of a result from which on it can be what was found."""

SUPPORTED = 0.5
"""Support from which on a passage can be what was found."""

NAMED = 0.6
"""How well a question has to name a note for this to be support enough."""

MOST_SURE: dict[Verdict, float] = {"found": 1.0, "weak": 0.75, "none": 0.3}
"""How sure a passage can be at most: none is "very likely" where the verdict says "perhaps"."""

UNREADABLE, HELD = 0.5, 0.5
"""Share of a question that the model cannot read, from which on it has found nothing, unless the
passage has so much of its wording: names of functions are cut into many pieces, too."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What speaks for the best passage of a question, and what against."""

    covered: float
    """Share of the question's words that it has, by rarity; its headings and names count."""
    known: float
    """Share that the notes have at all."""
    matched: float | None
    """How well the nearest chunks have them in meaning; None without late interaction."""
    late: float | None
    """Late interaction of the passage; None likewise."""
    cosine: float
    named: float
    """How well the question names its note, see ``names.fit``."""
    unread: float
    """How little of the question the model can read, in 0..1."""
    asks_date: bool = False
    is_dated: bool = False
    """Whether it is of a date that the question asks for."""
    is_to_letter: bool = False
    """Whether it has the signs that the question asks for, such as ``:=``."""
    is_empty: bool = False
    """Whether it is a heading with nothing below, or stands in for such an one."""
    is_opposite: bool = False
    """Whether its heading says the opposite of what is asked."""
    lacking: tuple[str, ...] = ()
    """What the question names to the letter and the passage does not have, see ``specifics``."""

    @property
    def of_another_date(self) -> bool:
        """Whether the question asks for a date, and the passage is of none such."""
        return self.asks_date and not self.is_dated


def support(grounds: Grounds) -> float:
    """Return how far a passage bears an answer out, in 0..1.

    A logistic regression over answered questions and such as their notes do not answer, in the
    tuning halves of the sets, over the notes that ship and over one long note. There, its AUC is
    .932 where the verdict alone has .763. `benchmarks/grounding.py` fits it anew, to .936, and to
    .918 where each set is left out in turn: the measures overlap, and other weights do as well.
    """
    odds = BIAS + sum(WEIGHTS[name] * value for name, value in measures(grounds).items())
    return 1 / (1 + math.exp(-odds))


def measures(grounds: Grounds) -> dict[str, float]:
    """Return what ``WEIGHTS`` are of."""
    return {
        "covered": grounds.covered,
        "known": grounds.known,
        "matched": USUAL["matched"] if grounds.matched is None else grounds.matched,
        "late": USUAL["late"] if grounds.late is None else grounds.late,
        "cosine": grounds.cosine,
        "neither": (1 - grounds.covered) * (1 - grounds.known),
    }


def careful(found: Verdict, grounds: Grounds) -> Verdict:
    """Return a verdict that rests on other figures than the fit's, with what tells against it."""
    if grounds.of_another_date:
        return "weak" if found == "found" else "none"
    told = grounds.is_empty or grounds.is_opposite or grounds.lacking
    return "weak" if told and found == "found" else found


def judged(notes: float, own: float, chunks: int, grounds: Grounds) -> Verdict:
    """Return the verdict.

    Args:
        notes: How likely the notes answer, see ``verdict.probability``.
        own: How likely the first result does, see ``likelihood``.
        chunks: Of the index.
        grounds: What speaks for the first passage.
    """
    borne = support(grounds)
    if grounds.of_another_date and borne < SUPPORTED:
        return "none"
    is_asked_for = grounds.is_dated or grounds.is_to_letter
    if _together(notes, own, borne, grounds) < _least(chunks) and not is_asked_for:
        return "none"
    borne_out = borne >= SUPPORTED or grounds.named >= NAMED or is_asked_for
    unread = grounds.unread >= UNREADABLE and grounds.covered < HELD
    told = grounds.is_empty or grounds.is_opposite or grounds.lacking or grounds.of_another_date
    is_sure = verdict.verdict(notes) == "found" and own >= OWN
    return "found" if is_sure and borne_out and not (unread or told) else "weak"


def _together(notes: float, own: float, borne: float, grounds: Grounds) -> float:
    """Return the log odds that there is an answer, by all that is known of it."""
    doubts = bool(grounds.lacking) + grounds.is_empty
    return (
        OF_NOTES * _odds(notes)
        + OF_SUPPORT * _odds(borne)
        + OF_RESULT * _odds(own)
        - DOUBT * doubts
    )


def _least(chunks: int) -> float:
    share = min(1.0, max(0.0, math.log10(max(chunks, 1)) - 2))
    return LEAST_OF_SMALL + (LEAST_OF_LARGE - LEAST_OF_SMALL) * share


def _odds(probability: float) -> float:
    """Return log odds, those of a million to one being the most."""
    inside = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))
