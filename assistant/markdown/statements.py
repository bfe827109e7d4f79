"""The statements of a block of code, in any language, told by brackets and signs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.records import Span

MOST_LINES = 6
"""Of a statement; what has not ended by then is data, or no code at all."""

FEW_LINES, FEW_CHARACTERS = 5, 240
"""Of code that is read as one, at most; a long sentence of prose has as many characters."""

PROMPT = re.compile(r"(?:>>> |\.\.\. |\$ |PS> |In \[\d+\]: )")
"""What stands before what somebody typed."""

COMMENT = re.compile(r"[\s>]*(?:>>> |\.\.\. )?(?:#(?!!)|//|--\s|;;|%\s)")
"""A line that only says what the next one does."""

DECORATOR = re.compile(r"\s*@[\w.]+")
"""A line that belongs to the definition below it."""

_TOKEN = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[(\[{]|[)\]}]|(?<!\S)(?:#|//).*""")
_GOES_ON = re.compile(r"(?:\\|\||&&|\|\|)\s*$")
"""Ends of a line of shell that is not the whole command."""


def statements(text: str, starts: Sequence[int], first: int, after: int) -> Iterator[Span]:
    """Yield the statements of some lines of code, without the white space around them.

    A line is one, together with the lines that its open brackets or its last sign run on to, and
    with the comments and the decorators right above it.

    Args:
        text: The entry.
        starts: Offset of each line, see ``leaf_blocks.line_starts``.
        first: The first line.
        after: The line after the last.
    """
    line = first
    while line < after:
        end = _end(text, starts, line, after)
        inner = text[starts[line] : starts[end] - 1].strip()
        if inner:
            begin = text.index(inner, starts[line])
            yield begin, begin + len(inner)
        line = end


def _end(text: str, starts: Sequence[int], first: int, after: int) -> int:
    """Return the line after the statement that begins on a line."""
    limit = min(after, first + MOST_LINES)
    line = first
    while line < limit and (_leads(text[starts[line] : starts[line + 1] - 1])):
        line += 1
    if line == limit or not text[starts[line] : starts[line + 1] - 1].strip():
        return max(line, first + 1)
    depth = 0
    for end in range(line + 1, limit + 1):
        source = text[starts[end - 1] : starts[end] - 1]
        depth += _opened(source)
        if depth <= 0 and not _GOES_ON.search(source):
            return end
    return line + 1


def _leads(line: str) -> bool:
    return bool(COMMENT.match(line) or DECORATOR.fullmatch(line.rstrip()))


def _opened(line: str) -> int:
    """Return how many brackets a line opens and leaves open, negative if it closes more."""
    signs = (match[0] for match in _TOKEN.finditer(line))
    return sum((sign in "([{") - (sign in ")]}") for sign in signs if len(sign) == 1)


def code_of(statement: str) -> str:
    """Return a statement without the lines that only say what it does, and without its prompt."""
    lines = (line for line in statement.split("\n") if not COMMENT.match(line))
    return PROMPT.sub("", "\n".join(lines).lstrip())


def paragraph(text: str, span: Span, within: Span) -> Span:
    """Return the lines of code that stand with a statement, up to blank lines, if they are few.

    Args:
        text: The entry.
        span: The statement.
        within: The lines of code that it is one of.

    Returns:
        ``span`` where they are more than ``FEW_LINES`` or ``FEW_CHARACTERS``, or lack it.
    """
    if not within[0] <= span[0] < span[1] <= within[1]:
        return span
    above = text.rfind("\n\n", within[0], span[0])
    below = text.find("\n\n", span[1], within[1])
    begin, end = above + 2 if above >= 0 else within[0], below if below >= 0 else within[1]
    inner = text[begin:end].strip()
    if len(inner) > FEW_CHARACTERS or inner.count("\n") >= FEW_LINES:
        return span
    begin = text.index(inner, begin)
    return min(begin, span[0]), max(begin + len(inner), span[1])
