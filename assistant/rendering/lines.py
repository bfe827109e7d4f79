"""How a passage is laid out: what each of its lines is, and which of them fit a screen.

Pure and without rich. A passage may be cut anywhere, so this reads lines rather than a document: a
fence that the passage opens and never closes runs to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Literal

from assistant.markdown import LIST_MARK, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant.results import Code

LineKind = Literal["prose", "heading", "table", "open", "code", "close"]

FENCE = re.compile(rf"[\s>]*(?:{LIST_MARK}\s+)?(`{{3,}}|~{{3,}})([^`]*)")
"""A line that opens a fenced block, also in a list or a quote: the fence, and what is behind it."""

_ITEM = re.compile(rf"[\s>]*{LIST_MARK}\s")
_HEADING = re.compile(r" {0,3}#{1,6}(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a passage."""

    start: int
    end: int
    """Offset after its last character, the newline left out."""
    kind: LineKind
    language: str = ""
    """Of the fenced block that the line belongs to."""
    blank: bool = False


def read_lines(text: str, code: Sequence[Code] = ()) -> list[Line]:
    """Say what each line of a passage is.

    Args:
        text: The passage.
        code: Fenced blocks of the entry. They tell that a passage begins inside one.

    Returns:
        Every line, in order.
    """
    fence, language = _begins_inside(text, code)
    lines: list[Line] = []
    start = 0
    for raw in text.split("\n"):
        kind: LineKind
        if fence:
            kind = "close" if _closes(raw, fence) else "code"
        elif opening := FENCE.fullmatch(raw):
            kind, fence, language = "open", opening[1], language_of(opening[2]).lower()
        else:
            kind, language = _prose_kind(raw), ""
        lines.append(Line(start, start + len(raw), kind, language, not raw.strip()))
        if kind == "close":
            fence = ""
        start += len(raw) + 1
    return lines


def letters(text: str) -> str:
    """Return the letters and digits, which is what Markdown's marks leave of a heading."""
    return "".join(filter(str.isalnum, text))


def code_blocks(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Return the runs of code lines, fences left out, as [first, after last)."""
    blocks: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        if line.kind != "code":
            continue
        if blocks and blocks[-1][1] == number:
            blocks[-1] = (blocks[-1][0], number + 1)
        else:
            blocks.append((number, number + 1))
    return blocks


def idle_lines(text: str, lines: Sequence[Line]) -> list[bool]:
    """Return which lines say nothing where code is indented and coloured.

    These are fences, save where one shares its line with the bullet of a list, and blank lines
    beside fences, between items of a list, and after others.
    """
    fences = [
        line.kind in ("open", "close")
        and text[line.start : line.end].lstrip(" \t>")[:1] in ("`", "~")
        for line in lines
    ]
    items = [bool(_ITEM.match(text, line.start, line.end)) for line in lines]
    idle = list(fences)
    for at, line in enumerate(lines):
        if not line.blank or line.kind == "code":
            continue
        before, after = max(at - 1, 0), min(at + 1, len(lines) - 1)
        idle[at] = (
            fences[before]
            or fences[after]
            or lines[before].blank
            or (items[before] and items[after])
        )
    return idle


def window(
    owners: Sequence[int], best: tuple[int, int], wish: tuple[int, int], room: int
) -> tuple[int, int]:
    """Choose the rows of the screen to show, around the best sentence.

    Whole lines are added while they fit, two below for one above, since an answer goes on after
    its first sentence.

    Args:
        owners: The line that each row belongs to, never falling.
        best: Rows of the best sentence, [first, after last).
        wish: Rows that should come with it when all of them fit.
        room: Rows there are, at least 1.

    Returns:
        The rows to show, [first, after last), never more than ``room``.
    """
    start, end = best
    if end - start >= room:
        return start, start + room
    if wish[1] - wish[0] <= room:
        start, end = min(start, wish[0]), max(end, wish[1])
    full = {"above": False, "below": False}
    for side in cycle(("below", "below", "above")):
        if all(full.values()):
            break
        if full[side]:
            continue
        below = side == "below"
        wider = (start, _next_line(owners, end)) if below else (_line_before(owners, start), end)
        if wider == (start, end) or wider[1] - wider[0] > room:
            full[side] = True
        else:
            start, end = wider
    return start, end


def _next_line(owners: Sequence[int], row: int) -> int:
    """Return the row after the line that ``row`` belongs to."""
    after = row
    while after < len(owners) and owners[after] == owners[row]:
        after += 1
    return after


def _line_before(owners: Sequence[int], row: int) -> int:
    """Return the first row of the line that the row above belongs to."""
    first = row
    while first > 0 and owners[first - 1] == owners[row - 1]:
        first -= 1
    return first


def _prose_kind(raw: str) -> LineKind:
    """Return what a line outside fences is."""
    if _HEADING.match(raw):
        return "heading"
    return "table" if raw.lstrip().startswith("|") else "prose"


def _closes(raw: str, fence: str) -> bool:
    """Return whether a line closes the fence."""
    mark = raw.strip(" \t>")
    return len(mark) >= len(fence) and not mark.strip(fence[0])


def _begins_inside(text: str, code: Iterable[Code]) -> tuple[str, str]:
    """Return the fence and language that a passage begins in, both empty when it does not."""
    head: list[str] = []
    fence = ""
    for raw in text.split("\n"):
        if found := FENCE.fullmatch(raw):
            fence = found[1]
            break
        head.append(raw)
    lead = "\n".join(head).strip("\n")
    if not lead.strip():
        return "", ""
    for block in code:
        body = "\n" + block.text.rstrip("\n")
        # Before a closing fence stands the end of the block; with none, any stretch of it.
        if body.endswith("\n" + lead) or (not fence and "\n" + lead in body):
            return fence or "```", block.language
    return "", ""
