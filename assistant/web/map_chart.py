"""The map of the notes, as the browser is told of it: points and what they are about. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby

from assistant.library import Point, Region
from assistant.text import printable_line
from assistant.web.outline import place_of

DIGITS = 2
"""Of a place; the unit of the map is that of near points."""


class Chart:
    """The map of one state of the index."""

    def __init__(self, generation: int, points: Sequence[Point], regions: Sequence[Region]) -> None:
        """Take the entries as points, in order of the notes, and the regions that they lie in."""
        self.generation = generation
        self._places = {point.entry: place_of(point.note, point.line) for point in points}
        number = {entry: at for at, region in enumerate(regions) for entry in region.entries}
        notes = [
            [note, [value for point in of_note for value in _told(point, number)]]
            for note, of_note in groupby(points, key=lambda point: point.note)
        ]
        named = [
            [printable_line(", ".join(region.words)), *_rounded(region.x, region.y)]
            for region in regions
        ]
        self.told = json.dumps(
            {"notes": notes, "regions": named}, ensure_ascii=False, separators=(",", ":")
        )
        """The points of each note, of each its line, place and region, and the regions, of each its
        words and place: for the browser, which knows the headings from the outline."""

    @property
    def count(self) -> int:
        """How many entries there are."""
        return len(self._places)

    def place(self, entry: int | None) -> str:
        """Return where an entry stands in the notes; empty for one that the map has not."""
        return "" if entry is None else self._places.get(entry, "")


def _told(point: Point, number: dict[int, int]) -> list[float]:
    """Return what the browser knows of a point."""
    return [point.line, *_rounded(point.x, point.y), number.get(point.entry, -1)]


def _rounded(*at: float) -> list[float]:
    return [round(value, DIGITS) for value in at]
