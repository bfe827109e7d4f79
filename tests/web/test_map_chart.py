"""Tests of the map as the browser is told of it."""

from __future__ import annotations

import json

from assistant.library.browse import Point, Region
from assistant.web.map_chart import Chart

POINTS = [
    Point(7, 0.123, -4.0, "a.md", ("Head",), 1),
    Point(8, 1.0, 2.0, "a.md", (), 5),
    Point(9, 3.0, 3.0, "b/c.md", ("Other",), 2),
]


def test_points_stand_with_their_note_and_region() -> None:
    """Of each point its line, place and region; those of no region have none."""
    regions = [Region(("one", "two"), 0.5, 0.25, frozenset({7, 9}))]
    chart = Chart(3, POINTS, regions)

    assert json.loads(chart.told) == {
        "notes": [["a.md", [1, 0.12, -4.0, 0, 5, 1.0, 2.0, -1]], ["b/c.md", [2, 3.0, 3.0, 0]]],
        "regions": [["one, two", 0.5, 0.25]],
    }
    assert (chart.generation, chart.count) == (3, 3)


def test_entry_is_found_by_its_row() -> None:
    """The place is what the address of the page has; a stranger has none."""
    chart = Chart(3, POINTS, [])

    assert [chart.place(entry) for entry in (9, 1, None)] == ["b/c.md:2", "", ""]
