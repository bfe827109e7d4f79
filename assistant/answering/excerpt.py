"""Which parts of a passage tell most: what to keep of it where there is no room for all. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from assistant.markdown import LIST_MARK, Leaf, leaves, line_starts
from assistant.records import Span

LONGEST = 8
"""Lines of a block that is kept whole with the best sentence."""

COLUMNS = 100
"""Characters of a line that are one row to read, as ``rendering.excerpts`` has it."""

DEFINES = re.compile(r"\s*(?:what(?:'s| is| are| does)\b|什么是|.*是什么)", re.IGNORECASE)
"""A question that wants to know what something is."""

_ITEM = re.compile(rf"[\s>]*{LIST_MARK}\s")

_Lines = tuple[int, int]


def parts(
    text: str, within: Span, best: Span, worth: Mapping[Span, float], question: str = ""
) -> tuple[tuple[Span, ...], ...]:
    """Return the parts of a passage, the most telling first.

    That is the best sentence; the first paragraph where it was asked what something is; what leads
    to the best sentence, the code nearest to it, and its block. Then come the sentences in the
    order of their worth for the rows that they take, each with the line that leads to the list,
    the table or the code that it begins in, and at last every line.

    Args:
        text: The entry.
        within: The passage in it, as [start, end).
        best: Its best sentence.
        worth: How likely each sentence answers, see ``best_sentence.weighed``.
        question: As the user wrote it.

    Returns:
        Of each the [start, end) in ``text`` that are shown together, whole lines of the passage;
        parts may overlap.
    """
    starts = line_starts(text)
    lines = text.split("\n")

    def line_at(offset: int) -> int:
        return min(bisect_right(starts, offset) - 1, len(lines) - 1)

    def touched(span: Span) -> _Lines:
        return line_at(span[0]), line_at(max(span[1] - 1, span[0])) + 1

    blocks = leaves(text)
    first, after = touched(within)
    sentence = touched(best)
    order = [[sentence]]
    if DEFINES.match(question):
        order += [[(block.first, block.after)] for block in blocks if _is_prose(block, lines)][:1]
    order += _beside(blocks, lines, sentence)
    for run in _by_density(lines, ((touched(span), value) for span, value in worth.items())):
        order.append([*_leading(blocks, lines, run[0]), run])
    order += [[(line, line + 1)] for line in range(first, after)]

    def within_passage(part: Sequence[_Lines]) -> tuple[Span, ...]:
        spans = ((max(starts[a], within[0]), min(starts[b] - 1, within[1])) for a, b in part)
        return tuple(span for span in spans if span[0] < span[1])

    return tuple(part for part in dict.fromkeys(map(within_passage, order)) if part)


def _beside(blocks: Sequence[Leaf], lines: Sequence[str], sentence: _Lines) -> list[list[_Lines]]:
    """Return what leads to the best sentence, the code nearest to it, and the rest of its block."""

    def distance(code: Leaf) -> float:
        below = code.first - sentence[1]
        return below if below >= 0 else 2.0 * max(sentence[0] - code.after, 0)

    found = [_leading(blocks, lines, sentence[0])]
    code = [b for b in blocks if b.kind in ("fence", "code", "math", "head")]
    nearest = [min(code, key=distance)] if code else []
    own = [b for b in blocks if b.first < sentence[1] and b.after > sentence[0]]
    for block in (*nearest, *own):
        if block.after - block.first <= LONGEST:
            found.append([*_leading(blocks, lines, block.first), (block.first, block.after)])
    return found


def _by_density(lines: Sequence[str], found: Iterable[tuple[_Lines, float]]) -> list[_Lines]:
    """Return the lines of sentences, those first that tell most for the rows that they take.

    Worth is a likelihood, so that this order has the answer in the fewest rows most often. One row
    more is counted for what it takes to read on at another place.
    """

    def cost(run: _Lines) -> int:
        return 1 + sum(map(_rows, lines[run[0] : run[1]]))

    ranked = sorted((round(-value / cost(run), 9), run) for run, value in found)
    return [run for _, run in ranked]


def _leading(blocks: Sequence[Leaf], lines: Sequence[str], line: int) -> list[_Lines]:
    """Return what has to stand before a line of a table, a list or code: its head or its lead."""
    at = next((i for i, block in enumerate(blocks) if block.first <= line < block.after), None)
    if at is None:
        return []
    kind, before = blocks[at].kind, at - 1
    if kind == "row":
        while before >= 0 and blocks[before].kind == "row":
            before -= 1
        head = blocks[before] if before >= 0 else blocks[at]
        return [(head.first, head.after)] if head.kind == "head" else []
    if _is_item(blocks[at], lines):
        while before >= 0 and _is_item(blocks[before], lines):
            before -= 1
    elif kind == "prose":
        return []
    if before < 0 or not _is_prose(blocks[before], lines):
        return []
    lead = blocks[before].after - 1
    return [(lead, lead + 1)] if any(map(str.isalnum, lines[lead])) else []


def _of(lines: Sequence[str], block: Leaf) -> Sequence[str]:
    return lines[block.first : block.after]


def _is_item(block: Leaf, lines: Sequence[str]) -> bool:
    return block.kind == "prose" and bool(_ITEM.match(lines[block.first]))


def _is_prose(block: Leaf, lines: Sequence[str]) -> bool:
    return block.kind == "prose" and not _is_item(block, lines)


def _rows(line: str) -> int:
    """Return the rows that a line takes; one that is blank or a fence says nothing."""
    bare = line.strip(" \t>")
    return 0 if not bare or bare.startswith(("```", "~~~")) else 1 + (len(line) - 1) // COLUMNS
