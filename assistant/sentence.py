"""The sentences of a Markdown text, and the one that answers. Pure."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate

from assistant.outline import Leaf, leaves, line_starts
from assistant.overlap import shared_weights

Span = tuple[int, int]

MARKER = re.compile(r"(?:[ \t>]*(?:[-*+]|\d{1,9}[.)])(?=[ \t]))*[ \t>]*(?:\[[ xX]\][ \t]+)?")
"""What opens a line of a list or quote and is not part of its words."""

STOP = re.compile(r"`+|[。！？；…]+[”’」』）)\"']*|(?<![.!?])[.!?]++[*_\"'”’)\]]*+(?=\s|$)")
"""A code span's marks, a full stop of Chinese, one of English before white space.

A run of stops is tried once, as a whole: none of its parts stands before white space.
"""

FOLLOWING = re.compile(r"\s*(\S?)")
"""The first character of the next sentence."""

ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|incl|fig|eq|sec|ch|no|vol|pp?|al|mr|mrs|ms|dr|prof"
    r"|st|inc|ltd|[^\W\d_])|^\s*\d+)\.$",
    re.IGNORECASE,
)
"""Ends that a full stop does not end; a single letter is an initial."""

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

WRAPPED_COLUMNS = 60
"""A shorter line was ended by its writer, a longer one may be wrapped and go on."""

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
    """Return the sentence of a passage that answers best, the first of equals.

    With mean pooling the vector of a window is ``p = m / |m|``, ``m = (h_1 + ... + h_n) / n`` over
    the states of its n word pieces, so that ``cos(q, p) = (q.h_1 + ... + q.h_n) / (n |m|)``: each
    piece has its exact share, and a sentence the sum of its pieces'. That sum favours long
    sentences, the mean short ones; taken is the mean shrunk towards the passage's own,
    ``(S + k M) / (n_s + k)`` for a sentence of n_s pieces with sum S, the mean M of the passage's
    pieces, and k = ``PRIOR_PIECES``. The split into shares is exact for states as the model gives
    them, and approximate for states kept in fewer bits or dimensions. What a share means is
    approximate in any case: a state has seen the whole window, and the heading's share is left out.

    The shares alone find the heart of an answer less often than words in common do, and both
    together most often, so the two are scaled to 0..1 over the passage and added. The words in
    common count by ``shared_weights``, over the square root of the length. At last each sentence is
    weighed with those beside it, see ``_in_context``.

    Args:
        text: The entry.
        within: The passage in it, as [start, end).
        terms: Of the question, as ``lexical.query_terms`` returns them.
        spans: Where word pieces stand in ``text``; none when no states are at hand.
        scores: Of each piece ``q.h_i / |m|`` of its window, or any score to be averaged.

    Returns:
        [start, end) in ``text``, inside the passage.
    """
    found = sentences(text, within)
    if not found:
        return within
    shared = shared_weights(text, found, terms)
    lengths = [(end - start + PRIOR_CHARACTERS) ** 0.5 for start, end in found]
    words = _scaled([weight / length for weight, length in zip(shared, lengths, strict=True)])
    shares = _scaled(_mean_scores(found, spans, scores))
    alone = [word + SHARE_WEIGHT * share for word, share in zip(words, shares, strict=True)]
    total = _in_context([text[start:end] for start, end in found], alone)
    return found[total.index(max(total))]


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


def _scaled(values: Sequence[float]) -> list[float]:
    """Return values scaled to 0..1; all 0 when they are equal."""
    low, high = min(values), max(values)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]


def sentences(text: str, within: Span | None = None) -> list[Span]:
    """Return the spans that may be highlighted, in order and disjoint.

    A sentence of prose, in English or Chinese, a list item, a row of a table, a line of code. Fence
    markers, headings, the first row of a table and blank lines are none, unless there is nothing
    else.

    Args:
        text: The entry.
        within: Only what lies in this part of it, cut at its ends; None for all.
    """
    low, high = within or (0, len(text))
    starts = line_starts(text)
    parts = [p for p in leaves(text) if starts[p.after] > low and starts[p.first] < high]
    for kinds in (("prose", "row", "fence", "code", "html"), ("head", "heading")):
        spans = (s for part in parts if part.kind in kinds for s in _of_leaf(text, starts, part))
        found = [(max(start, low), min(end, high)) for start, end in spans]
        if found := [(start, end) for start, end in found if start < end]:
            return found
    return list(_trimmed(text, low, high))


def _of_leaf(text: str, starts: Sequence[int], leaf: Leaf) -> Iterator[Span]:
    """Yield the sentences of one block."""
    if leaf.kind == "prose":
        yield from _prose(text, starts, leaf)
    elif leaf.kind == "fence":
        yield from _lines(text, starts, leaf.first + 1, leaf.after - leaf.closed)
    else:
        yield from _lines(text, starts, leaf.first, leaf.after)


def _lines(text: str, starts: Sequence[int], first: int, after: int) -> Iterator[Span]:
    """Yield the lines that are not blank, without the white space around them."""
    for line in range(first, after):
        yield from _trimmed(text, starts[line], starts[line + 1] - 1)


def _prose(text: str, starts: Sequence[int], leaf: Leaf) -> Iterator[Span]:
    """Yield the sentences of a paragraph; they run over its line ends where it is wrapped."""
    begin = -1
    for line in range(leaf.first, leaf.after):
        low, high = starts[line], starts[line + 1] - 1
        marker = MARKER.match(text, low, high)
        low = marker.end() if marker else low
        begin = low if begin < 0 else begin
        for stop in _stops(text, low, high):
            yield from _trimmed(text, begin, stop)
            begin = stop
        if _columns(text[low:high]) < WRAPPED_COLUMNS or text[low:high].endswith(
            ("  ", "\\", "：", ":")
        ):
            yield from _trimmed(text, begin, high)
            begin = -1
    if begin >= 0:
        yield from _trimmed(text, begin, starts[leaf.after] - 1)


def _stops(text: str, low: int, high: int) -> Iterator[int]:
    """Yield the offsets at which a sentence ends within a line."""
    code = ""
    for match in STOP.finditer(text, low, high):
        if match[0][0] == "`":
            code = "" if code == match[0] else code or match[0]
            # A mark that nothing closes opens no code span.
            code = code if code and text.find(code, match.end(), high) >= 0 else ""
        elif not code and not _goes_on(text, low, match.end(), high):
            yield match.end()


def _goes_on(text: str, low: int, stop: int, high: int) -> bool:
    """Return whether a full stop belongs to an abbreviation, or a small letter follows it."""
    if text[stop - 1] != ".":
        return False
    following = FOLLOWING.match(text, stop, high)
    return bool(ABBREVIATION.search(text[max(low, stop - 12) : stop])) or bool(
        following and following[1].islower()
    )


def _columns(line: str) -> int:
    """Return the width of a line, wide characters counted as two."""
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _trimmed(text: str, low: int, high: int) -> Iterator[Span]:
    """Yield a span without the white space at its ends, unless nothing is left."""
    inner = text[low:high].strip()
    if inner:
        start = text.index(inner, low)
        yield start, start + len(inner)
