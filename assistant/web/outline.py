"""The notes and their headings: for the browser to search in, and to find what a link names. Pure.

The browser is given all of it once, so that titles are found at the speed of typing.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Sequence
from urllib.parse import quote

from assistant.records import EntryHead, NoteSummary, key_of
from assistant.text import printable_line

_ENDING = re.compile(r"\.(?:md|markdown|mdx|qmd|rmd)$", re.IGNORECASE)
_NOT_IN_SLUG = re.compile(r"[^\w\- ]")


def place_of(note: str, line: int) -> str:
    """Return where an entry stands, as the address of the page has it."""
    return f"{note}:{line}"


def link_to(place: str, **more: str) -> str:
    """Return the address of an entry on the page, to be followed from where one is."""
    told = "".join(f"&{key}={quote(value, safe='')}" for key, value in more.items())
    return f"?read={quote(place, safe='/:')}{told}"


class Outline:
    """What there is in one state of the index."""

    def __init__(
        self, generation: int, notes: Sequence[tuple[NoteSummary, Sequence[EntryHead]]]
    ) -> None:
        """Take the notes with their entries, both in order."""
        self.generation = generation
        self._notes = {summary.note: heads for summary, heads in notes}
        self._summaries = {summary.note: summary for summary, _ in notes}
        self._called: dict[str, list[str]] = {}
        for summary, _ in notes:
            stem = _ENDING.sub("", summary.note)
            names = (summary.note, stem, stem.rpartition("/")[2], summary.title)
            for name in {key_of(name) for name in names if name}:
                self._called.setdefault(name, []).append(summary.note)
        self.told = json.dumps(
            [_told(summary, heads) for summary, heads in notes],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        """The notes for the browser: of each its path, title, date and entries, of each of these
        the line and the headings."""

    @property
    def count(self) -> int:
        """How many notes there are."""
        return len(self._notes)

    def note(self, path: str) -> NoteSummary | None:
        """Return what is known of a note."""
        return self._summaries.get(path)

    def find(self, here: str, note: str, heading: str) -> str:
        """Return the place of an entry that a note links to; "" where there is none.

        Args:
            here: Path of the note with the link.
            note: Path of the other from there, or its name or title; empty for the same.
            heading: Of an entry of it, as it is written or as it stands in addresses; none for its
                first. Of several, as Obsidian writes them with ``#`` between, the last.
        """
        path = self._path(here, note) if note else here
        heads = self._notes.get(path, ())
        wanted = heading.rpartition("#")[2]
        if wanted and not wanted.startswith("^"):  # that would be the name of a block
            slug = _slug(wanted)
            heads = [
                head
                for head in heads
                if head.headings
                and (
                    key_of(head.headings[-1]) == key_of(wanted) or _slug(head.headings[-1]) == slug
                )
            ]
        first = next((head for head in heads if not head.is_of_properties), None)
        return place_of(path, first.line) if first else ""

    def _path(self, here: str, note: str) -> str:
        """Return the note that a link means: by its path from here, else by its name."""
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(here), note))
        for name in (beside, note.lstrip("/")):
            found = self._called.get(key_of(name), [])
            if len(found) == 1 or name in found:
                return name if name in found else found[0]
        # Of several that are called so, the one that lies nearest.
        found = self._called.get(key_of(_ENDING.sub("", note)), [])
        near = sorted(found, key=lambda path: (-len(posixpath.commonprefix((path, here))), path))
        return near[0] if near else ""


def _told(summary: NoteSummary, heads: Sequence[EntryHead]) -> list[object]:
    """Return what the browser knows of a note."""
    entries = [
        [head.line, *map(printable_line, head.headings)]
        for head in heads
        if not head.is_of_properties
    ]
    date = "" if summary.date_from == "file" else summary.date[:10]
    return [summary.note, printable_line(summary.title), date, entries]


def _slug(heading: str) -> str:
    """Return how a heading stands in addresses, as GitHub has it."""
    return _NOT_IN_SLUG.sub("", heading.casefold()).strip().replace(" ", "-")
