"""An answer as Markdown to paste elsewhere: heading, passage, source. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.rendering.lines import FENCE, letters, read_lines
from assistant.text import SEPARATOR, printable_line, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.rendering.lines import Line
    from assistant.results import Answer, Result

# An underscore within a word is none of Markdown's marks.
_MARKS = re.compile(r"[\\`*\[\]<]|(?<!\w)_|_(?!\w)")


def to_markdown(answer: Answer) -> str:
    """Return the passages of an answer as Markdown, a heading above and the source below each.

    A fence that a passage is cut in is closed, so that what follows it stays what it is.
    """
    return "\n\n".join(map(_section, answer.results))


def _section(result: Result) -> str:
    """Return one result."""
    path = SEPARATOR.join(map(_escaped, result.headings)) or _escaped(result.note)
    first, last = result.lines
    source = f"Source: {_escaped(result.note)}:{first}-{last}"
    return "\n\n".join(filter(None, (f"### {path}", _passage(result), source)))


def _escaped(text: str) -> str:
    """Return a heading or a file name so that Markdown shows it as it is."""
    return _MARKS.sub(r"\\\g<0>", printable_line(text))


def _passage(result: Result) -> str:
    """Return the passage with whole fences, without the heading that stands above it anyway."""
    text = visible(result.snippet).strip("\n")
    lines = read_lines(text, result.code)
    parts = [text[line.start : line.end] for line in lines]
    known = letters(printable_line(result.headings[-1])) if result.headings else None
    if lines[-1].kind in ("open", "code"):
        parts.append(_fence_below(lines, parts))
    if lines[0].kind in ("code", "close"):
        closing = next((parts[i] for i, line in enumerate(lines) if line.kind == "close"), "```")
        parts.insert(0, closing.rstrip() + lines[0].language)
    elif lines[0].kind == "heading" and letters(parts[0]) == known:
        del parts[0]
    return "\n".join(parts).strip("\n")


def _fence_below(lines: Sequence[Line], parts: Sequence[str]) -> str:
    """Return the line that closes the last fence, in the list or quote that it stands in."""
    opened = [part for line, part in zip(lines, parts, strict=False) if line.kind == "open"]
    found = FENCE.match(opened[-1]) if opened else None
    if not found:
        return "```"
    before = opened[-1][: found.start(1)]
    return re.sub(r"[^\s>]", " ", before) + found[1]
