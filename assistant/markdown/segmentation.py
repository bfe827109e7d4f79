"""The sentences of a Markdown text, in English and Chinese. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from assistant.markdown.leaf_blocks import Leaf, leaves, line_starts
from assistant.markdown.slices import LIST_MARK
from assistant.records import Span

MARKER = re.compile(rf"(?:[ \t>]*{LIST_MARK}(?=[ \t]))*[ \t>]*(?:\[[ xX]\][ \t]+)?")
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


WRAPPED_COLUMNS = 60
"""A shorter line was ended by its writer, a longer one may be wrapped and go on."""


def sentences(text: str, within: Span | None = None) -> list[Span]:
    """Return the spans that may be highlighted, in order and disjoint.

    A sentence of prose, in English or Chinese, a list item, a row of a table, a line of code, a
    displayed formula, a definition. Fence markers, headings, the first row of a table and blank
    lines are none, unless there is nothing else.

    Args:
        text: The entry.
        within: Only what lies in this part of it, cut at its ends; None for all.
    """
    low, high = within or (0, len(text))
    starts = line_starts(text)
    parts = [p for p in leaves(text) if starts[p.after] > low and starts[p.first] < high]
    for kinds in (
        ("prose", "row", "fence", "code", "html", "math", "definition"),
        ("head", "heading"),
    ):
        spans = (s for part in parts if part.kind in kinds for s in _of_leaf(text, starts, part))
        found = [(max(start, low), min(end, high)) for start, end in spans]
        if found := [(start, end) for start, end in found if start < end]:
            return found
    return list(_trimmed(text, low, high))


def _of_leaf(text: str, starts: Sequence[int], leaf: Leaf) -> Iterator[Span]:
    """Yield the sentences of one block."""
    if leaf.kind == "math":
        yield from _trimmed(text, starts[leaf.first], starts[leaf.after] - 1)
    elif leaf.kind in ("prose", "definition"):
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
