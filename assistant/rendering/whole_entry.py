"""A whole entry for a terminal, for a pipe and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from assistant.markdown import code_blocks
from assistant.text import place, printable

if TYPE_CHECKING:
    from rich.text import Text

    from assistant.records import StoredEntry


def place_record(stored: StoredEntry) -> dict[str, Any]:
    """Return where an entry stands as JSON knows it."""
    return {
        "note": stored.file.path,
        "headings": list(stored.entry.headings),
        "lines": list(stored.entry.lines),
    }


def to_record(stored: StoredEntry) -> dict[str, Any]:
    """Return an entry as JSON knows it; its code stands in the order of the entry."""
    code = [asdict(block) for block in code_blocks(stored.entry, (0, 0))]
    return {**place_record(stored), "text": stored.entry.text, "code": code}


def to_plain(stored: StoredEntry) -> str:
    """Return an entry as text without colour, its place above it."""
    return f"{place_of(stored)}\n\n{printable(stored.entry.text)}\n"


def to_terminal(stored: StoredEntry, width: int) -> Text:
    """Return an entry painted and wrapped.

    Args:
        stored: The entry.
        width: Columns of the terminal.
    """
    from rich.style import Style
    from rich.text import Text

    from assistant.rendering.highlighting import line_rows, painted, wrapped
    from assistant.rendering.lines import read_lines

    link = stored.file.absolute.absolute().as_uri()
    style = Style(color="blue", underline=True, link=link)
    rows = [*wrapped(Text(place_of(stored), style), width, 0), Text()]
    shown = printable(stored.entry.text)
    lines = read_lines(shown)
    text = painted(shown, lines)
    parts = text.divide([at for line in lines for at in (line.start, line.end)])[1::2]
    for line, part in zip(lines, parts, strict=True):
        rows += line_rows(part, line, width)
    return Text("\n").join(rows)


def place_of(stored: StoredEntry) -> str:
    """Return where an entry stands, on one line."""
    return place(stored.file.path, stored.entry.lines, stored.entry.headings)
