"""Lists of notes, entries, tags and pairs, as rows of a pipe or a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from assistant.text import SEPARATOR, printable_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assistant.records import EntryHead, NoteSummary, StoredEntry

Row = tuple[tuple[str, str], ...]
"""Parts of a line, each with its style; the last hangs below itself where it is too long."""

LINK = "blue"
QUIET = "dim"

WIDEST = 48
"""Cells of the column of paths; those that are longer push their titles to the right."""


def notes(found: Sequence[NoteSummary]) -> list[Row]:
    """Return a row for each note: its date, its path, and its title where that says more."""
    widest = min(max((_cells(printable_line(one.note)) for one in found), default=0), WIDEST)
    return [
        (
            (f"{one.date[:10]:<10}  ", QUIET),
            (_padded(printable_line(one.note), widest), LINK),
            (printable_line(one.title), ""),
        )
        for one in found
    ]


def outline(heads: Sequence[EntryHead]) -> list[Row]:
    """Return a row for each entry of a note: its line, and its heading, as deep as it stands."""
    width = len(f"{max((head.line for head in heads), default=0)}")
    rows: list[Row] = []
    for head in heads:
        depth = max(len(head.headings) - 1, 0)
        title = printable_line(head.headings[-1]) if head.headings else "(beginning)"
        rows.append(((f"{head.line:>{width}}  ", LINK), (f"{'  ' * depth}{title}", "")))
    return rows


def tags(counts: Mapping[str, int]) -> list[Row]:
    """Return a row for each tag, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    width = len(f"{ordered[0][1]:,}") if ordered else 0
    return [
        ((f"{count:>{width},}  ", QUIET), (f"#{printable_line(tag)}", "")) for tag, count in ordered
    ]


def close(found: Iterable[tuple[float, Sequence[StoredEntry]]]) -> list[Row]:
    """Return entries with how close they are: to one asked about, or each group to each other."""
    rows: list[Row] = []
    for similarity, group in found:
        cosine = f"{similarity:.2f}  "
        for at, stored in enumerate(group):
            rows.append(((" " * len(cosine) if at else cosine, QUIET), *_place(stored)))
    return rows


def to_plain(rows: Iterable[Row]) -> str:
    """Return rows for a pipe, each on one line."""
    return "\n".join("".join(text for text, _ in row).rstrip() for row in rows)


def _padded(text: str, width: int) -> str:
    """Return a text with spaces up to a width in cells, and two more."""
    return text + " " * (max(width - _cells(text), 0) + 2)


def _cells(text: str) -> int:
    """Return the cells that a text takes on a screen."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _place(stored: StoredEntry) -> Row:
    """Return where an entry stands: the note with its line, and the heading path."""
    place = "{}:{}-{}".format(printable_line(stored.file.path), *stored.entry.lines)
    path = SEPARATOR.join(map(printable_line, stored.entry.headings))
    return ((place, LINK), ("  ", ""), (path, ""))
