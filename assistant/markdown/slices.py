"""A long text in slices, which together have the blocks that the whole has. Pure.

A parser keeps some thousand bytes for an item of a list that is four bytes long, so a text is read
a slice at a time. A slice ends where a block begins. Where that is inside of lists, quotes or
tables, the next slice begins with lines that open these again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

LIST_MARK = r"(?:[-*+]|\d{1,9}[.)])"
"""What opens an item of a list, as a part of a regular expression."""

SLICE = 64 * 1024
"""Characters that are parsed at once."""

LONGEST_LEAF = 4 * 1024 * 1024
"""Characters; a block without blocks in it that is longer may be read as several."""

LONGEST_MATH = 200
"""Lines; what is not closed by then, or by a blank line, is not math.

Without a limit, a text of openings alone takes quadratic time.
"""

CLOSED = "___"
"""A block of one line that no line after it belongs to: a thematic break."""

ITEM = re.compile(rf"[ \t]*{LIST_MARK}")
QUOTE = re.compile(r"[ \t]*>")
MOST_COLUMNS = 20
"""Of a table that is opened again: the parser fills short rows up, in one table only so often."""

LISTS = ("bullet_list_open", "ordered_list_open")
ENDED = ("paragraph_close", "heading_close", "table_close", "hr", "math", "definition")
"""Blocks that a blank line ends."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a text, parsed."""

    line: int
    """Of the text, for line 0 of the tokens."""
    opened: int
    """Lines of the tokens that only open again what the slice before left open."""
    tokens: Sequence[Token]


def slices(
    text: str, parse: Callable[[str], Sequence[Token]], size: int | None = None
) -> Iterator[Slice]:
    """Yield the slices of a text in which lines end in a line feed.

    Args:
        text: The text.
        parse: Gives the tokens of a text.
        size: Characters of a slice at least, None for ``SLICE``; blocks that are longer make it
            longer.
    """
    size = size or SLICE
    at = line = 0
    room, prefix = size, ""
    while at < len(text):
        end = text.find("\n", at + room) + 1 or len(text)
        part = prefix + text[at:end]
        tokens = parse(part)
        opened = prefix.count("\n")
        after = part.count("\n") + 1
        if end < len(text):
            after, prefix = _seam(part, tokens, opened)
            if fence := _open_fence(part, tokens, opened):
                end, prefix = _after_fence(text, end, fence), ""
            elif after > opened:
                end = at + _offset(part, after) - _offset(part, opened)
                tokens = _before(tokens, after)
            elif room < LONGEST_LEAF:
                room, prefix = 2 * room, part[: _offset(part, opened)]
                continue
            else:
                prefix = ""
        yield Slice(line - opened, opened, tokens)
        line += text.count("\n", at, end)
        at, room = end, size


def _seam(part: str, tokens: Sequence[Token], opened: int) -> tuple[int, str]:
    """Return where the last block begins that is sure to begin there whatever follows.

    Returns:
        Its line, or 0 if there is none, and the lines that open again what it lies in.
    """
    lines = part.split("\n")
    if not lines[-2].strip() and _has_ended(lines, tokens):
        return len(lines) - 1, ""
    limit = _sure(lines)
    outer = 0
    nested: list[tuple[int, list[Token], Token]] = []
    stack: list[Token] = []
    before: dict[int, Token] = {}
    seen = opened
    for token in tokens:
        if token.nesting < 0:
            closed = stack.pop()
            before[len(stack)] = closed
            continue
        if token.map and seen < token.map[0] <= limit:
            seen = token.map[0]
            if not stack:
                outer = seen
            elif not outer:
                # Another item of a list follows the one before it.
                last = [before[len(stack)]] if token.type == "list_item_open" else []
                nested.append((seen, [*stack, *last], token))
        if token.nesting > 0:
            stack.append(token)
    if outer:
        return outer, ""
    openings = ((line, _opening(lines, inside, token)) for line, inside, token in reversed(nested))
    return next((found for found in openings if found[1]), (0, ""))


def _has_ended(lines: Sequence[str], tokens: Sequence[Token]) -> bool:
    """Return whether the blank line at the end of a part ends its last block."""
    if not tokens or tokens[-1].level or tokens[-1].type not in ENDED:
        return False
    # A paragraph that is the head of an admonition, if what comes is indented.
    opening = next((t for t in reversed(tokens) if t.type == "paragraph_open" and t.map), None)
    head = lines[opening.map[0]] if opening and opening.map else ""
    return not head.lstrip().startswith(("!!!", "???", "==="))


def _open_fence(part: str, tokens: Sequence[Token], opened: int) -> str:
    """Return the marker of a fence at the top level that is open at the end; else nothing."""
    last = tokens[-1] if tokens else None
    if not last or last.type != "fence" or last.level or not last.map:
        return ""
    if not opened <= last.map[0] <= _sure(part.split("\n")):
        return ""
    held = last.content.removesuffix("\n").count("\n") + bool(last.content)
    return last.markup if last.map[1] - last.map[0] <= held + 1 else ""


def _sure(lines: Sequence[str]) -> int:
    """Return the last line of which it is known whether a block begins there.

    A line that opens a formula is the first of one only if that is closed, for which the parser
    looks ahead, up to a blank line.
    """
    first = len(lines) - 1
    while first > 0 and len(lines) - first <= LONGEST_MATH and lines[first - 1].strip():
        first -= 1
    run = range(first, len(lines))
    return next((i for i in run if "$$" in lines[i] or "\\[" in lines[i]), len(lines))


def _opening(lines: Sequence[str], stack: Sequence[Token], token: Token) -> str:
    """Return lines that open blocks again; nothing for blocks that cannot be opened so."""
    if stack[0].type == "table_open":
        first = stack[0].map[0] if stack[0].map else 0
        if lines[first].count("|") > MOST_COLUMNS:
            return ""
        return f"{lines[first]}\n{lines[first + 1]}\n|x|\n" if token.type == "tr_open" else ""
    found: dict[int, str] = {}
    for i, block in enumerate(stack):
        if block.type in LISTS:
            continue
        if block.type not in ("list_item_open", "blockquote_open") or not block.map:
            return ""
        line = block.map[0]
        at = _marked(lines[line], line, stack[: i + 1])
        if at is None or not (lines[line][at:].strip() or lines[line + 1].strip(" \t>")):
            return ""  # an item that is empty ends at a blank line
        found[line] = lines[line][:at] + _gap(lines[line], at, block) + CLOSED
    return "".join(f"{found[line]}\n" for line in sorted(found))


def _marked(source: str, line: int, stack: Sequence[Token]) -> int | None:
    """Return where the marker of the last block ends on the line that opens it."""
    at = 0
    for block in stack:
        pattern = QUOTE if block.type == "blockquote_open" else ITEM
        if block.type in LISTS or (pattern is ITEM and block.map and block.map[0] != line):
            continue
        match = pattern.match(source, at)
        if not match:
            return None
        at = match.end()
    return at


def _gap(source: str, at: int, block: Token) -> str:
    """Return the white space behind a marker that keeps the column of what follows it."""
    blanks = re.match(r"[ \t]*", source[at:])
    gap = blanks[0] if blanks else ""
    code = len(gap.expandtabs(4)) > 4
    if block.type == "blockquote_open" or code or at + len(gap) == len(source):
        return " "
    return gap


def _after_fence(text: str, start: int, marker: str) -> int:
    """Return where the line that closes a fence ends, or the text."""
    closing = re.compile(
        rf"^ {{0,3}}{re.escape(marker[0])}{{{len(marker)},}}[ \t]*(?:\n|\Z)", re.MULTILINE
    )
    match = closing.search(text, start)
    return match.end() if match else len(text)


def _offset(part: str, lines: int) -> int:
    """Return where a line begins."""
    if not lines:
        return 0
    return next(islice(re.finditer("\n", part), lines - 1, None)).end()


def _before(tokens: Sequence[Token], line: int) -> Sequence[Token]:
    """Return the tokens of the blocks that begin before a line."""
    for i, token in enumerate(tokens):
        if token.map and token.nesting >= 0 and token.map[0] >= line:
            return tokens[:i]
    return tokens
