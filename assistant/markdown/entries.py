"""Notes to entries: a heading, and what stands below it. Pure.

Headings and blocks are those of a CommonMark parser, never of regular expressions: a ``# comment``
in a fence is not a heading, and a fence opened in a list item ends with the item.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from assistant.markdown.blocks import LONGEST_HEADING, Blocks, Heading, read_blocks
from assistant.records import Entry

LONGEST_ENTRY = 384 * 1024
"""Characters; a longer one is kept as several, so that none takes a question long to show."""

LEAST_BLOCK = 32
"""Characters that the blocks of a long entry have on average, if their places are to be kept."""


def split_entries(text: str, body_start: int = 0) -> list[Entry]:
    """Split a note at the headings that stand at the top level of its blocks.

    A heading that begins an item of a list counts, as outlines have them; one in a quote, or later
    in an item, belongs to the entry around it. A sole first-level heading
    that opens the note is the note's title: it heads an entry, but not the paths of the others.

    Args:
        text: The note, lines ending in a line feed.
        body_start: Offset of the first character after the front matter, at the start of a line.

    Returns:
        Entries in order; every non-blank line of the body lies in exactly one.
    """
    body = text[body_start:]
    skipped_lines = text.count("\n", 0, body_start)
    offsets = array("I", [0])
    offsets.extend(match.end() for match in re.finditer("\n", body))
    lines = len(offsets)
    offsets.append(len(body))
    blocks = read_blocks(body)
    entries = []
    for headings, line, body_line, end_line in _sections(blocks.headings, lines):
        source = body[offsets[line] : offsets[end_line]].rstrip()
        for start, end in _parts(source):
            part = source[start:end].rstrip()
            lead = len(part) - len(part.lstrip("\n"))
            if lead == len(part):
                continue
            first = line + source.count("\n", 0, start) + lead
            below = offsets[body_line] - offsets[line] - start - lead
            entries.append(
                Entry(
                    headings=headings,
                    first_line=skipped_lines + first + 1,
                    text=part[lead:],
                    body=_body_start(headings, part[lead:], below),
                    blocks=_blocks_within(blocks, first, part[lead:]),
                )
            )
    return entries


def _parts(source: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of an entry, one unless it is too long: cut after paragraphs, else lines."""
    start = 0
    while len(source) - start > LONGEST_ENTRY:
        middle, end = start + LONGEST_ENTRY // 2, start + LONGEST_ENTRY
        seams = (source.rfind(seam, middle, end) + len(seam) for seam in ("\n\n", "\n", " "))
        cut = next((seam for seam in seams if seam > middle), end)
        yield start, cut
        start = cut
    yield start, len(source)


def _blocks_within(blocks: Blocks, first: int, text: str) -> tuple[tuple[int, int], ...]:
    """Return the blocks of an entry, unless it is a long one that holds little else."""
    after = first + text.count("\n") + 1
    low, high = bisect_left(blocks.lines, first), bisect_left(blocks.lines, after)
    if len(text) > LONGEST_ENTRY // 4 and (high - low) * LEAST_BLOCK > len(text):
        return ()
    lines, levels = blocks.lines[low:high], blocks.levels[low:high]
    return tuple((line - first, level) for line, level in zip(lines, levels, strict=True))


def _body_start(headings: Sequence[str], text: str, after_heading: int) -> int:
    """Return where the text of an entry begins that its headings do not say."""
    if headings and len(headings[-1]) > LONGEST_HEADING:
        return 0
    return max(0, min(after_heading, len(text)))


def _sections(
    found: Sequence[Heading], lines: int
) -> Iterator[tuple[tuple[str, ...], int, int, int]]:
    """Yield (heading path, first line, line after the heading, line after the section)."""
    first = [h for h in found if h.level == 1 and h.depth == found[0].depth]
    titled = first == list(found[:1])
    yield (), 0, 0, found[0].line if found else lines
    path: list[Heading] = []
    for i, heading in enumerate(found):
        path = [above for above in path if _holds(above, heading)]
        end_line = found[i + 1].line if i + 1 < len(found) else lines
        names = [step.text for step in (*path, heading) if step.text]
        yield tuple(names), heading.line, heading.after, end_line
        if not (titled and i == 0):
            path.append(heading)


def _holds(above: Heading, heading: Heading) -> bool:
    """Return whether a heading belongs below one that stands before it.

    In an outline, whatever lies deeper in the list does.
    """
    if above.depth == heading.depth:
        return above.level < heading.level
    return above.depth < heading.depth
