"""The sentence of a passage that answers. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from itertools import accumulate

from assistant.answering.term_overlap import shared_weights
from assistant.markdown import sentences
from assistant.records import Span
from assistant.search import scaled

LEADS = re.compile(r"[:：][ *_`]*$|^(?P<strong>\*\*|__)[^*_]+(?P=strong)$")
"""What only leads to the next sentence: one that ends in a colon, a line that is all bold."""

COMMENT = re.compile(r"(?:>>> )?(?:#|//)")
"""A line of code that says what the next one does."""

IMPORT = re.compile(r"(?:>>> )?(?:import|from)\s+\w")
"""A line of code that names much of a question and answers little."""

HALF = 0.5
"""What a lead or an import keeps of its worth; what the next line gets of a lead or a comment."""

NEIGHBOUR = 0.25
"""Share of the worth of the sentences beside it that each is given: an answer is seldom one."""


PRIOR_PIECES = 8
"""Pieces of average score that each sentence is given, so that one of two pieces proves little."""

PRIOR_CHARACTERS = 40
"""The same for the words in common: length added before a sentence's is held against it."""

SHARE_WEIGHT = 0.5
"""Weight of the model's share beside that of the words in common."""


def best_sentence(
    text: str,
    within: Span,
    terms: Collection[str],
    spans: Sequence[Span] = (),
    scores: Sequence[float] = (),
) -> Span:
    """Return the sentence of a passage that answers best, the first of equals; see ``weighed``."""
    found = weighed(text, within, terms, spans, scores)
    return max(found, key=found.__getitem__, default=within)


def weighed(
    text: str,
    within: Span,
    terms: Collection[str],
    spans: Sequence[Span] = (),
    scores: Sequence[float] = (),
) -> dict[Span, float]:
    """Return the sentences of a passage, in order, with how well each answers.

    With mean pooling the vector of a chunk is ``p = m / |m|``, ``m = (h_1 + ... + h_n) / n`` over
    the states of its n word pieces, so that ``cos(q, p) = (q.h_1 + ... + q.h_n) / (n |m|)``: each
    piece has its exact share, and a sentence the sum of its pieces'. That sum favours long
    sentences, the mean short ones; taken is the mean shrunk towards the passage's own,
    ``(S + k M) / (n_s + k)`` for a sentence of n_s pieces with sum S, the mean M of the passage's
    pieces, and k = ``PRIOR_PIECES``. The split into shares is exact for states as the model gives
    them, and approximate for states kept in fewer bits or dimensions. What a share means is
    approximate in any case: a state has seen the whole chunk, and the heading's share is left out.

    The shares alone find the heart of an answer less often than words in common do, and both
    together most often, so the two are scaled to 0..1 over the passage and added. The words in
    common count by ``shared_weights``, over the square root of the length. At last each sentence is
    weighed with those beside it, see ``_in_context``.

    Args:
        text: The entry.
        within: The passage in it, as [start, end).
        terms: Of the question, as ``analyzer.query_terms`` returns them.
        spans: Where word pieces stand in ``text``; none when no states are at hand.
        scores: Of each piece ``q.h_i / |m|`` of its chunk, or any score to be averaged.

    Returns:
        Each as [start, end) in ``text``, inside the passage, and its worth, 0 for one that says
        nothing.
    """
    found = sentences(text, within)
    if not found:
        return {}
    shared = shared_weights(text, found, terms)
    lengths = [(end - start + PRIOR_CHARACTERS) ** 0.5 for start, end in found]
    # What tells no sentence from another must not speak for those beside a lead either: 0, not 1.
    words = scaled([weight / length for weight, length in zip(shared, lengths, strict=True)], 0.0)
    shares = scaled(_mean_scores(found, spans, scores), 0.0)
    alone = [word + SHARE_WEIGHT * share for word, share in zip(words, shares, strict=True)]
    total = _in_context([text[start:end] for start, end in found], alone)
    return dict(zip(found, total, strict=True))


def _in_context(texts: Sequence[str], worth: Sequence[float]) -> list[float]:
    """Return what each sentence is worth beside the others.

    "To free memory, you can use:" repeats the question, and the answer is the line after it.
    """
    leads = [bool(LEADS.search(text)) for text in texts]
    own = [
        value * HALF if lead or IMPORT.match(text) else value
        for text, lead, value in zip(texts, leads, worth, strict=True)
    ]
    total = []
    for i, value in enumerate(own):
        beside = NEIGHBOUR * sum(own[max(i - 1, 0) : i] + own[i + 1 : i + 2])
        led = i > 0 and (leads[i - 1] or COMMENT.match(texts[i - 1]))
        total.append(value + beside + (HALF * own[i - 1] if led else 0.0))
    return total


def _mean_scores(
    found: Sequence[Span], spans: Sequence[Span], scores: Sequence[float]
) -> list[float]:
    """Return the mean score of the pieces of each sentence, shrunk towards the mean of all."""
    pieces = sorted(zip((start for start, _ in spans), map(float, scores), strict=False))
    starts = [start for start, _ in pieces]
    sums = [0.0, *accumulate(score for _, score in pieces)]
    ranges = [(bisect_left(starts, low), bisect_left(starts, high)) for low, high in found]
    count = sum(high - low for low, high in ranges)
    mean = sum(sums[high] - sums[low] for low, high in ranges) / max(count, 1)
    return [
        (sums[high] - sums[low] + PRIOR_PIECES * mean) / (high - low + PRIOR_PIECES)
        for low, high in ranges
    ]
