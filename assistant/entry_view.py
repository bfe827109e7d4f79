"""A whole entry for a terminal, for a pipe and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from assistant.render import SEPARATOR, escape_unsafe, printable, printable_line
from assistant.snippet import code_blocks

if TYPE_CHECKING:
    from rich.text import Text

    from assistant.store import StoredEntry


def to_record(stored: StoredEntry) -> dict[str, Any]:
    """Return an entry as JSON knows it; its code stands in the order of the entry."""
    return {
        "note": stored.file.path,
        "headings": list(stored.entry.headings),
        "lines": list(lines_of(stored)),
        "text": stored.entry.text,
        "code": [
            {"language": block.language, "text": block.text}
            for block in code_blocks(stored.entry, (0, 0))
        ],
    }


def to_json(stored: StoredEntry) -> str:
    """Return an entry as one line of JSON."""
    return escape_unsafe(json.dumps(to_record(stored), ensure_ascii=False))


def to_plain(stored: StoredEntry) -> str:
    """Return an entry as text without colour, its place above it."""
    return f"{_place(stored)}\n\n{printable(stored.entry.text)}\n"


def to_terminal(stored: StoredEntry, width: int) -> Text:
    """Return an entry painted and wrapped.

    Args:
        stored: The entry.
        width: Columns of the terminal.
    """
    from rich.style import Style
    from rich.text import Text

    from assistant.paint import line_rows, painted, wrapped
    from assistant.passage import read_lines

    link = stored.file.absolute.absolute().as_uri()
    style = Style(color="blue", underline=True, link=link)
    rows = [*wrapped(Text(_place(stored), style), width, 0), Text()]
    shown = printable(stored.entry.text)
    lines = read_lines(shown)
    text = painted(shown, lines)
    parts = text.divide([at for line in lines for at in (line.start, line.end)])[1::2]
    for line, part in zip(lines, parts, strict=True):
        rows += line_rows(part, line, width)
    return Text("\n").join(rows)


def lines_of(stored: StoredEntry) -> tuple[int, int]:
    """Return the first and the last line of an entry in its note, 1-based, inclusive."""
    first = stored.entry.first_line
    return first, first + stored.entry.text.count("\n")


def _place(stored: StoredEntry) -> str:
    """Return where an entry stands, on one line."""
    first, last = lines_of(stored)
    steps = (printable_line(heading) for heading in stored.entry.headings)
    return f"{printable_line(stored.file.path)}:{first}-{last}  {SEPARATOR.join(steps)}".rstrip()
