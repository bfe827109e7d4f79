"""A mark that is not read: where it stands, and what is read in its place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """A mark to leave out, as [start, end) of the source, and what is read in its place."""

    start: int
    end: int
    instead: str = ""
    always: bool = False
    """Also where nothing else is left to read."""


def disjoint(found: Iterable[Edit]) -> Iterator[Edit]:
    """Yield edits in order, without those that lie in or across another."""
    at = 0
    for edit in sorted(found, key=lambda edit: (edit.start, -edit.end)):
        if edit.start >= at:
            yield edit
            at = edit.end
