"""The sentences of a Markdown text, in English and Chinese. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from assistant.markdown import plain_text
from assistant.markdown.leaf_blocks import Leaf, leaves, line_starts
from assistant.markdown.slices import LIST_MARK
from assistant.markdown.statements import statements
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
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|incl|al|mr|mrs|ms|dr|prof|st|inc|ltd"
    r"|bzw|ggf|evtl|usw|vgl|inkl|exkl|zzgl|bspw|sog|mio|mrd|p\.? ?e[xj]|c\.-à-d|mme|aprox|sra?"
    r"|напр|тел|ул|им|[^\W\d_])|^\s*\d+)\.$",
    re.IGNORECASE,
)
"""Ends that a full stop does not end; a single letter is an initial, or one of z. B. and т. е."""

BEFORE_NUMBER = re.compile(
    r"\b(?:fig|eq|sec|ch|no|vol|pp?|nos?|art|nr|ca|abb|kap|abs|env|núm|pág|рис|стр|гл)\.$",
    re.IGNORECASE,
)
"""The same where a number follows: elsewhere "no." is an answer."""

LINK = re.compile(r"!?\[[^\]\[]*\](?:\([^()]*\)|\[[^\]\[]*\])|\[\[[^\]\[]*\]\]")
"""What no sentence ends in, even if its words do."""

UNTOLD = re.compile(
    r"!\[[^\]\[]*\]\([^()]*\)|!\[\[[^\]\[]*\]\]|<summary[^>]*>.*?</summary>", re.DOTALL
)
"""What stands for something else: a picture, a note, what opens when one clicks on it."""


DEFINED = re.compile(r"[ \t]*\n[ \t]*:[ \t]+\S")
"""What follows the term of a definition list."""

WRAPPED_COLUMNS = 60
"""A shorter line was ended by its writer, a longer one may be wrapped and go on."""


def sentences(text: str, within: Span | None = None) -> list[Span]:
    """Return the spans that may be highlighted, in order and disjoint; see ``placed_sentences``."""
    return [span for span, _ in placed_sentences(text, within)]


def placed_sentences(text: str, within: Span | None = None) -> list[tuple[Span, int]]:
    """Return the spans that may be highlighted, in order and disjoint, each with its block.

    A sentence of prose, a list item, a row of a table, a statement of code, a displayed formula, a
    definition. Fence markers, headings, the first row of a table, blank lines, the term above a
    definition, and what no reader sees or what stands for something else, such as comments,
    shortcodes and pictures, are none, unless there is nothing else.

    Args:
        text: The entry.
        within: Only what lies in this part of it, cut at its ends; None for all.

    Returns:
        The block is an index into ``leaves(text)``; of text outside of blocks it is -1.
    """
    low, high = within or (0, len(text))
    starts = line_starts(text)
    parts = [
        (at, leaf)
        for at, leaf in enumerate(leaves(text))
        if starts[leaf.after] > low and starts[leaf.first] < high
    ]
    untold: list[tuple[Span, int]] = []
    for kinds in (
        ("prose", "row", "fence", "code", "html", "math", "definition"),
        ("head", "heading"),
    ):
        spans = (
            ((max(start, low), min(end, high)), at)
            for at, leaf in parts
            if leaf.kind in kinds
            for start, end in _of_leaf(text, starts, leaf)
        )
        found = [(span, at) for span, at in spans if span[0] < span[1]]
        if told := [(span, at) for span, at in found if _tells(text, span)]:
            return told
        untold = untold or found
    return untold or [(span, -1) for span in _trimmed(text, low, high)]


def _tells(text: str, span: Span) -> bool:
    """Return whether a reader sees anything of a sentence that is its own, and no mere term."""
    start, end = span
    if DEFINED.match(text, end):
        return False
    own = UNTOLD.sub("", text[start:end])
    return any(map(str.isalnum, own)) and any(map(str.isalnum, plain_text.shown(text, start, end)))


def _of_leaf(text: str, starts: Sequence[int], leaf: Leaf) -> Iterator[Span]:
    """Yield the sentences of one block."""
    if leaf.kind == "math":
        yield from _trimmed(text, starts[leaf.first], starts[leaf.after] - 1)
    elif leaf.kind in ("prose", "definition"):
        yield from _prose(text, starts, leaf)
    elif leaf.kind == "fence":
        yield from statements(text, starts, leaf.first + 1, leaf.after - leaf.closed)
    elif leaf.kind == "code":
        yield from statements(text, starts, leaf.first, leaf.after)
    else:
        yield from _lines(text, starts, leaf.first, leaf.after)


def _lines(text: str, starts: Sequence[int], first: int, after: int) -> Iterator[Span]:
    """Yield the lines that are not blank, without the white space around them."""
    for line in range(first, after):
        yield from _trimmed(text, starts[line], starts[line + 1] - 1)


def _prose(text: str, starts: Sequence[int], leaf: Leaf) -> Iterator[Span]:
    """Yield the sentences of a paragraph; they run over its line ends where it is wrapped."""
    begin = -1
    links = [m.span() for m in LINK.finditer(text, starts[leaf.first], starts[leaf.after] - 1)]
    for line in range(leaf.first, leaf.after):
        low, high = starts[line], starts[line + 1] - 1
        marker = MARKER.match(text, low, high)
        low = marker.end() if marker else low
        begin = low if begin < 0 else begin
        for stop in _stops(text, low, high):
            if not _within(links, stop):
                yield from _trimmed(text, begin, stop)
                begin = stop
        if not _within(links, high) and (
            _columns(text[low:high]) < WRAPPED_COLUMNS
            or text[low:high].endswith(("  ", "\\", "：", ":"))
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
    next_sign = following[1] if following else ""
    before = text[max(low, stop - 12) : stop]
    return (
        next_sign.islower()
        or bool(ABBREVIATION.search(before))
        or (next_sign.isdigit() and bool(BEFORE_NUMBER.search(before)))
    )


def _within(links: Sequence[Span], at: int) -> bool:
    """Return whether a place lies inside one of some links."""
    return any(start < at < end for start, end in links)


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
