"""A whole entry for a pipe and as JSON; ``terminal`` has it for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.markdown import code_blocks
from assistant.text import place, printable

if TYPE_CHECKING:
    from assistant.records import EntryHead, StoredEntry


def place_record(stored: StoredEntry) -> dict[str, Any]:
    """Return where an entry stands as JSON knows it."""
    return {
        "note": stored.file.path,
        "headings": list(stored.entry.headings),
        "lines": list(stored.entry.lines),
    }


def head_record(note: str, head: EntryHead) -> dict[str, Any]:
    """Return an entry of an outline as JSON knows it."""
    return {"note": note, "headings": list(head.headings), "line": head.line}


def to_record(stored: StoredEntry) -> dict[str, Any]:
    """Return an entry as JSON knows it; its code stands in the order of the entry."""
    code = [block.to_record() for block in code_blocks(stored.entry)]
    return {**place_record(stored), "text": stored.entry.text, "code": code}


def to_plain(stored: StoredEntry) -> str:
    """Return an entry as text without colour, its place above it."""
    return f"{place_of(stored)}\n\n{printable(stored.entry.text)}\n"


def place_of(stored: StoredEntry) -> str:
    """Return where an entry stands, on one line."""
    return place(stored.file.path, stored.entry.lines, stored.entry.headings)
