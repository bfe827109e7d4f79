"""Tests of the map as a chart."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from assistant.library.browse import Point
from assistant.web import map_chart


def points(*notes: str) -> list[Point]:
    """One entry of each note, side by side."""
    return [Point(n, float(n), 0.0, note, ("Head", f"Part {n}"), n) for n, note in enumerate(notes)]


def marks(spec: dict[str, Any], data: str) -> list[dict[str, Any]]:
    """The layers that draw some data."""
    return [layer for layer in spec["layer"] if layer["data"]["name"] == data]


def test_groups_are_top_headings_of_one_note_or_folders_of_many() -> None:
    """One note is coloured by its top headings, several by folder or first word."""
    assert map_chart.groups(points("a.md", "a.md")) == ["Head", "Head"]
    assert map_chart.groups(points("a/b.md", "a/c.md", "torch-x.md")) == ["a", "a", "torch"]


def test_small_groups_are_other_and_lie_below() -> None:
    """Only as many groups have a name as there are colours; the others do not hide them."""
    names = [f"{n}/x.md" for n in range(len(map_chart.COLOURS))]
    rows = map_chart.chart(points("last.md", *names, *names))["datasets"]["entries"]

    assert [row["group"] for row in rows].count("other") == 1
    assert rows[0]["group"] == "other"


def test_no_two_groups_look_the_same() -> None:
    """Groups differ in shape as well as in colour, and the question has a colour of its own."""
    for dark in (False, True):
        names = [f"{n}/x.md" for n in range(9)]
        spec = map_chart.chart(points(*names, *names[:6]), question=(0.0, 0.0), dark=dark)
        encoding = marks(spec, "entries")[0]["encoding"]
        colours, shapes = (encoding[name]["scale"]["range"] for name in ("color", "shape"))
        (question,) = marks(spec, "question")

        assert len(colours) == len(shapes) == 7
        assert len(set(colours)) == 7
        assert len(set(shapes[:6])) == 6
        assert question["mark"]["color"] not in colours


def test_results_bear_their_ranks_on_different_sides() -> None:
    """Each result is ringed and numbered; ranks of neighbours do not cover each other."""
    found = points("a.md", "a.md", "a.md")
    spec = map_chart.chart(found, [(rank + 1, point) for rank, point in enumerate(found)])
    data = spec["datasets"]
    ranks = {data[name][0]["rank"]: name for name in data if name.startswith("results")}
    sides = {
        (layer["mark"]["dx"], layer["mark"]["dy"])
        for name in ranks.values()
        for layer in marks(spec, name)
        if layer["mark"]["type"] == "text"
    }

    assert sorted(ranks) == ["1", "2", "3"]
    assert len(sides) == 3


def test_map_is_drawn_while_another_thread_imports_pandas() -> None:
    """Two drawings at once, the first to draw anything, do not get in each other's way."""
    code = """
import importlib, sys, threading
from assistant.web import map_chart
other = threading.Thread(target=importlib.import_module, args=("pandas",))
other.start()
while "pandas" not in sys.modules:
    pass
print(len(map_chart.chart([], question=(0.0, 0.0))["layer"]))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 1
