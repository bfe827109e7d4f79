"""How much of a question stands in each part of a text: words in common, by rarity. Pure."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from assistant.language import analyzer

REST = re.compile(r"(?:ing|ies|ied|es|ed|s|y|e)?(?![a-z])")
"""What may follow where a word without its ending is found."""


def shared_weights(
    text: str, spans: Sequence[tuple[int, int]], terms: Iterable[str]
) -> list[float]:
    """Return for each part of a text the summed weight of the question's terms that it holds.

    The weight of a term is ``log(1 + n / n_t)``: inverse document frequency (Spärck Jones 1972)
    with the n parts as documents, n_t of which hold the term. What every part repeats, such as the
    subject that the heading names, then tells little, and no statistics of the index are needed.

    The terms are searched in the text: cutting the text into terms takes ten times as long.

    Args:
        text: The text.
        spans: Its parts as [start, end), in order and disjoint.
        terms: Of the question, as ``analyzer.query_terms`` returns them.
    """
    if not spans:
        return []
    starts = [start for start, _ in spans]
    weights = [0.0] * len(spans)
    lowered = _lowered(text)
    for term in sorted({analyzer.stem(term) for term in terms} - {""}):
        holding = set()
        for at in _occurrences(text, lowered, term, starts[0], spans[-1][1]):
            part = bisect_right(starts, at) - 1
            if at + len(term) <= spans[part][1]:
                holding.add(part)
        for part in holding:
            weights[part] += math.log(1 + len(spans) / len(holding))
    return weights


def _occurrences(text: str, lowered: str, term: str, low: int, high: int) -> Iterator[int]:
    """Yield where a term stands as a word or in a name, such as ``norm`` in ``BatchNorm``."""
    at = lowered.find(term, low, high)
    while at >= 0:
        after = at + len(term)
        begins = not (
            term[0].isascii() and at and text[at - 1].isascii() and text[at - 1].isalnum()
        )
        begins = begins or (text[at].isupper() and not text[at - 1].isupper())
        if begins and (not term[-1].isascii() or REST.match(text, after)):
            yield at
        at = lowered.find(term, at + 1, high)


def _lowered(text: str) -> str:
    """Return a text in lower case with every character in its place."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
