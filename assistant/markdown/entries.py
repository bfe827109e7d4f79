"""Notes to entries: a heading, and what stands below it. Pure.

Headings and blocks are those of a CommonMark parser, never of regular expressions: a ``# comment``
in a fence is not a heading, and a fence opened in a list item ends with the item.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.markdown.blocks import LONGEST_HEADING, MOST_HEADINGS, Blocks, Heading, read_blocks
from assistant.records import Entry

LONGEST_ENTRY = 384 * 1024
"""Characters; a longer one is kept as several, so that none takes a question long to show."""

LEAST_BLOCK = 32
"""Characters that the blocks of a long entry have on average, if their places are to be kept."""


SEAM = re.compile(r"(?:[ \t]*\n){2,}+")
"""The end of a line and blank ones: no block in which a parser looks ahead goes beyond these."""

LONGEST_SEAM = 1000
"""Characters of white space between two entries up to which they are found again."""

OPENING = re.compile(r"#{1,6}[ \t]")
"""What begins a heading at the top level, where nothing around it is open."""


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


def split_again(text: str, body_start: int, known: Sequence[Entry]) -> list[Entry] | None:
    """Split a note of which something changed below its headings, parsing only what did.

    A block at the top level begins with nothing open, so that a text is read the same from there
    on whatever stands before it, and what stands before is read the same whatever follows. So the
    entries before the first change and those after the last are as they were.

    Args:
        text: The note, lines ending in a line feed.
        body_start: Offset of the first character after the front matter, at the start of a line.
        known: The entries of the note as it was, in order.

    Returns:
        What ``split_entries`` returns, headings as in ``known``; None if that has to tell, since
        a heading changed or the change is not between two headings that are sure to begin there.
    """
    if not known or len(known) >= MOST_HEADINGS:
        return None
    before = _places_before(text, body_start, known)
    if len(before) > 1:  # something may have come to the end of the one before
        before.pop()
    while before and not _opens(known[len(before) - 1]):
        before.pop()
    if not before:
        return None
    start, first = before[-1], len(before) - 1
    after = _places_after(text, start, known, first)
    while after and not _opens(known[len(known) - len(after)]):
        after.pop()
    stop = after[-1] if after else len(text)
    changed = known[first : len(known) - len(after)]
    middle = _split_under(text[start:stop], changed, bool(after))
    if middle is None:
        return None
    lines = _lines_of(text, [*before, *reversed(after)])
    kept = [*known[:first], *known[len(known) - len(after) :]]
    moved = zip(kept, [*lines[:first], *lines[first + 1 :]], strict=True)
    found = [replace(entry, first_line=line) for entry, line in moved]
    found[first:first] = [
        replace(entry, first_line=lines[first] + entry.first_line) for entry in middle
    ]
    return found


def _lines_of(text: str, places: Sequence[int]) -> list[int]:
    """Return the lines, from 1, on which places of a text lie, which rise."""
    found, line, last = [], 1, 0
    for at in places:
        line += text.count("\n", last, at)
        last = at
        found.append(line)
    return found


def _opens(entry: Entry) -> bool:
    return entry.body > 0 and OPENING.match(entry.text) is not None


def _places_before(text: str, at: int, known: Sequence[Entry]) -> list[int]:
    """Return where entries stand that follow each other from a place on, and where one more may.

    The last of these is the one to read again; it need not be as it was.
    """
    found = []
    while at < len(text) and text[at] == "\n":
        at += 1
    for entry in known:
        found.append(at)
        seam = SEAM.match(text, at + len(entry.text)) if text.startswith(entry.text, at) else None
        if seam is None:
            break
        at = seam.end()
    return found


def _places_after(text: str, start: int, known: Sequence[Entry], first: int) -> list[int]:
    """Return where entries stand at the end of a text, the last first, blank lines before each.

    Args:
        text: The note.
        start: Where its changed part begins.
        known: The entries.
        first: The first of them that is read again.
    """
    found: list[int] = []
    end = len(text)
    for entry in reversed(known[first + 1 :]):
        nearest = max(start, end - len(entry.text) - LONGEST_SEAM)
        at = text.rfind(entry.text, nearest, end)
        if (
            at < start + 2
            or text[at - 2 : at] != "\n\n"
            or text[at + len(entry.text) : end].strip()
        ):
            break
        found.append(at)
        end = at
    return found


def _split_under(text: str, known: Sequence[Entry], goes_on: bool) -> list[Entry] | None:
    """Return the entries of a part of a note, if their headings are those that it had.

    Args:
        text: From a heading on.
        known: The entries that it had.
        goes_on: Whether a heading at the top level is to follow.

    Returns:
        The entries, their lines counted from 0; None if other headings are found.
    """
    blocks = read_blocks(f"{text}# Next\n" if goes_on else text)
    offsets = [0, *(match.end() for match in re.finditer("\n", text))]
    if offsets[-1] < len(text):
        offsets.append(len(text))
    headings = blocks.headings
    if goes_on and (not headings or headings[-1].line != len(offsets) - 1):
        return None
    headings = headings[:-1] if goes_on else headings
    if len(headings) != len(known) or headings[0].line or any(head.depth for head in headings):
        return None
    ends = [*(head.line for head in headings[1:]), len(offsets) - 1]
    found = []
    for head, end, before in zip(headings, ends, known, strict=True):
        part = text[offsets[head.line] : offsets[end]].rstrip()
        body = _body_start(before.headings, part, offsets[head.after] - offsets[head.line])
        same = body > 0 and before.text[: before.body] == part[:body]
        if not same or len(part) > LONGEST_ENTRY or len(head.text) > LONGEST_HEADING:
            return None
        within = _blocks_within(blocks, head.line, part)
        found.append(Entry(before.headings, head.line, part, body, within))
    return found


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
