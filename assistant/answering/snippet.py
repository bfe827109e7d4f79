"""What of an entry is shown: the passage that answers, and the code beside it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from assistant.answering.term_overlap import shared_weights
from assistant.markdown import Leaf, LeafKind, leaves, line_starts
from assistant.records import Chunk, Entry, Span
from assistant.search import scaled

LIMITS = (3000, 1500)
"""Characters of the first and second passage; the later ones have ``LATER_LIMIT``."""

LATER_LIMIT = 1000

WHOLE_SHARE = 2 / 3
"""An entry that fills no more of the limit is shown whole: a cut saves little and costs context."""

COARSE = 400
"""Characters of a paragraph or list item that is kept whole."""

CHUNK_WEIGHT = 0.5
"""What a hundred characters of the best chunk add to the worth of a passage."""

HELD = 0.9
"""Share of the best chunk that a passage holds where it can: all but rules at its ends."""

LED: dict[LeafKind, tuple[LeafKind, ...]] = {
    "heading": ("prose", "row", "head", "fence", "code", "html", "math", "definition"),
    "prose": ("fence", "code", "head", "math", "definition"),
    "head": ("row",),
    "row": ("row",),
    "math": ("definition",),
    "definition": ("definition",),
}
"""What is better not shown without the block before it."""

LENGTH_COST = 0.1
"""What a hundred characters take from it, so that ends which say nothing are left out."""


def limit(rank: int) -> int:
    """Return the characters that the passage at a rank, from 1, may have."""
    return LIMITS[rank - 1] if rank <= len(LIMITS) else LATER_LIMIT


def passage(
    entry: Entry,
    chunks: Sequence[Chunk],
    scores: Sequence[float],
    terms: Collection[str],
    characters: int,
) -> Span:
    """Return the span of an entry to show: all of it if it is short, else the part that answers.

    The entry falls into units that are better not cut (see ``_units``). Of the runs of units that
    touch the best chunk and fit, the one of greatest worth is shown, where a unit is worth the
    question's terms that it holds, plus the score of its chunk, less its length.

    Args:
        entry: The entry.
        chunks: Its chunks, in order.
        scores: How well each chunk answers, on any scale; higher is better.
        terms: Of the question, as ``analyzer.query_terms`` returns them.
        characters: Length of the span at most.

    Returns:
        [start, end) in the entry's text, whole lines but where one line alone is too long.
    """
    text = entry.text
    if len(text) <= characters * WHOLE_SHARE:
        return 0, len(text)
    best = chunks[max(range(len(chunks)), key=lambda i: (scores[i], -i))]
    units = [
        (start, end)
        for start, end in _units(text, characters)
        if end > best.start - characters and start < best.end + characters
    ]
    worth = _worth(text, units, chunks, scores, terms)
    runs = list(_runs(units, worth, best, characters))
    if not runs:
        return _within_line(text, best, characters)
    *_, start, end = max(runs, key=lambda run: (run[0], run[1], -run[2]))
    return start, end


def _runs(
    units: Sequence[Span], worth: Sequence[float], best: Chunk, characters: int
) -> Iterator[tuple[bool, float, int, int]]:
    """Yield (holds most of the best chunk, worth, start, end) of the runs of units that fit."""
    most = HELD * min(best.end - best.start, characters)
    for i, (start, _) in enumerate(units):
        total = 0.0
        for (_, end), value in zip(units[i:], worth[i:], strict=True):
            if end - start > characters:
                break
            total += value
            held = min(end, best.end) - max(start, best.start)
            if held > 0:
                yield held >= most, round(total, 6), start, end


def _worth(
    text: str,
    units: Sequence[Span],
    chunks: Sequence[Chunk],
    scores: Sequence[float],
    terms: Collection[str],
) -> list[float]:
    """Return what each unit adds to a passage; negative for one that says nothing."""
    if not units:
        return []
    near = [
        (share, chunk)
        for share, chunk in zip(scaled(scores), chunks, strict=True)
        if chunk.end > units[0][0] and chunk.start < units[-1][1]
    ]
    worth = []
    for (start, end), weight in zip(units, shared_weights(text, units, terms), strict=True):
        scored = sum(
            share * max(0, min(end, chunk.end) - max(start, chunk.start)) for share, chunk in near
        )
        worth.append(weight + (CHUNK_WEIGHT * scored - LENGTH_COST * (end - start)) / 100)
    return worth


def _units(text: str, characters: int) -> list[Span]:
    """Return the spans that a cut should not go through, in order, as whole lines.

    A fence or a table that fits is one, together with the paragraph that leads to it; a heading
    goes with what follows. Long paragraphs, and what does not fit, fall into their lines.
    """
    starts = line_starts(text)

    def span(first: int, after: int) -> Span:
        return starts[first], starts[first] + len(text[starts[first] : starts[after]].rstrip())

    def fits(first: int, after: int) -> bool:
        start, end = span(first, after)
        return end - start <= characters

    groups: list[list[Leaf]] = []
    for leaf in leaves(text):
        if groups and _leads(groups[-1][-1], leaf) and fits(groups[-1][0].first, leaf.after):
            groups[-1].append(leaf)
        else:
            groups.append([leaf])
    units = []
    for group in groups:
        first, after = group[0].first, group[-1].after
        start, end = span(first, after)
        loose = end - start > COARSE and all(leaf.kind in ("prose", "heading") for leaf in group)
        if loose or not fits(first, after):
            units += [span(line, line + 1) for line in range(first, after)]
        else:
            units.append((start, end))
    return [(start, end) for start, end in units if end > start]


def _leads(before: Leaf, leaf: Leaf) -> bool:
    """Return whether a block is better not shown without the one before it."""
    return leaf.kind in LED.get(before.kind, ())


def _within_line(text: str, best: Chunk, characters: int) -> Span:
    """Return the beginning of a chunk, up to a line end if there is one."""
    start = best.start
    end = min(best.end, start + characters)
    cut = text.rfind("\n", start, end + 1) if end < best.end else -1
    return start, cut if cut > start else end
