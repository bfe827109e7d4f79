"""How much of a question stands in each part of a text: words in common, by rarity. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from assistant import lexical

ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|es|ed|s)$")
"""Endings of English that are dropped, so that ``installing`` meets ``install``."""


def shared_weights(parts: Sequence[str], terms: Iterable[str]) -> list[float]:
    """Return for each part the summed weight of the question's terms that it holds.

    The weight of a term is ``log(1 + n / n_t)``: inverse document frequency (Spärck Jones 1972)
    with the n parts as documents, n_t of which hold the term. What every part repeats, such as the
    subject that the heading names, then tells little, and no statistics of the index are needed.

    Args:
        parts: Texts to compare with each other.
        terms: Of the question, as ``lexical.query_terms`` returns them.
    """
    asked = {_stem(term) for term in terms}
    held = [asked.intersection(map(_stem, lexical.terms(part))) for part in parts]
    counts = {term: sum(term in part for part in held) for term in asked}
    return [sum(math.log(1 + len(parts) / counts[term]) for term in sorted(part)) for part in held]


def _stem(term: str) -> str:
    return ENDING.sub("", term)
