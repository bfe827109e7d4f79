"""Whether the best passage bears out what the verdict says of the notes as a whole. Pure.

The verdict is calibrated on each index, and in a small one, or in one of a language that its probes
are not in, every question looks like the notes. What is measured here means the same in every
index: how much of the question's wording the passage has, and how near it is word by word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

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

AT_LEAST = 0.03
"""Support without which a passage does not answer."""

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
    by_other: bool = False
    """Whether the encoder of other languages read the question, whose figures the fit is not of."""
    is_empty: bool = False
    """Whether it is a heading with nothing below, or stands in for such an one."""
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


def judged(verdict: Verdict, grounds: Grounds) -> Verdict:
    """Return the verdict with what the best passage says to it: it can only become more careful."""
    borne = SUPPORTED if grounds.by_other else support(grounds)
    if (borne < AT_LEAST and not grounds.is_dated) or (
        grounds.of_another_date and borne < SUPPORTED
    ):
        return "none"
    borne_out = borne >= SUPPORTED or grounds.named >= NAMED or grounds.is_dated
    unread = grounds.unread >= UNREADABLE and grounds.covered < HELD
    doubtful = unread or grounds.is_empty or grounds.lacking or grounds.of_another_date
    return "weak" if verdict == "found" and (doubtful or not borne_out) else verdict
