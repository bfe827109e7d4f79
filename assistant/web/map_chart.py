"""The map of the notes as a chart."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from assistant.library import BEGINNING, Point
from assistant.text import SEPARATOR, printable_line
from assistant.web.html import place as place_words
from assistant.web.outline import place_of

HEIGHT = 560

_COLUMNS = alt.ExprRef("max(1, floor(containerSize()[0] / 200))")
"""As many columns of the legend as there is room for."""

# Colours that people with any form of colour blindness tell apart (Okabe and Ito 2008), without
# the black, which a dark page swallows; there the yellow stands for the darkest.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7")
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
OTHER = ("#8A8A8A", "circle")
DARK_FIRST = "#F0E442"
"""Stands for the first colour on a dark page."""

# The marks of a question have the colour of text, which no group has, and an edge that sets them
# off from the points they lie on. Results that lie together have their ranks on different sides.
INK, PAPER = "#1B1F24", "#FFFFFF"
SIDES = ((0, -17), (17, 0), (0, 17), (-17, 0))
"""Pixels from a result to its rank, in turn."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A set of data and the layers that draw it."""

    name: str
    rows: list[dict[str, Any]]
    layers: list[Any]


def groups(points: Sequence[Point]) -> list[str]:
    """Return the group of each point: top heading, folder, or how the note's name begins.

    The largest groups keep their names; the rest are "other".
    """
    notes = {point.note for point in points}
    if len(notes) == 1:
        names = [point.headings[0] if point.headings else "" for point in points]
    else:
        names = [re.split(r"/|[-_ .]", point.note, maxsplit=1)[0] for point in points]
    largest = [name for name, _ in Counter(names).most_common(len(COLOURS))]
    return [name if name in largest else "other" for name in names]


def chart(
    points: Sequence[Point],
    results: Sequence[tuple[int, Point]] = (),
    question: tuple[float, float] | None = None,
    *,
    dark: bool = False,
) -> dict[str, Any]:
    """Return the chart as Vega-Lite.

    Args:
        points: Every entry.
        results: Entries that answer the question, each behind its rank.
        question: Where the question lies.
        dark: The page is dark.
    """
    # Altair asks whether a value is one of pandas', and takes it as it stands: half imported, while
    # Streamlit imports it for an earlier drawing in another thread. Importing it waits for that.
    importlib.import_module("pandas")
    ink, paper = (PAPER, INK) if dark else (INK, PAPER)
    drawn = [_draw_entries(points, ink, dark=dark), *_draw_results(results, ink, paper)]
    if question is not None:
        drawn.append(_draw_question(question, ink, paper))
    layers = [layer for one in drawn for layer in one.layers]
    spec = alt.layer(*layers).properties(height=HEIGHT).to_dict()
    # Altair would check every value of them against the schema, which takes most of a second.
    return {**spec, "datasets": {one.name: one.rows for one in drawn}}


def _draw_entries(points: Sequence[Point], ink: str, *, dark: bool) -> _Drawn:
    """Return the points of all entries, in the colour and shape of their group."""
    named = groups(points)
    order = [name for name, _ in Counter(n for n in named if n != "other").most_common()]
    domain = [printable_line(name) for name in order] + ["other"] * ("other" in named)
    first = DARK_FIRST if dark else COLOURS[0]
    colours = [*(first, *COLOURS[1:])[: len(order)], OTHER[0]][: len(domain)]
    shapes = [*SHAPES[: len(order)], OTHER[1]][: len(domain)]
    rows = [
        {**_row(point), "group": printable_line(group)}
        for point, group in zip(points, named, strict=True)
    ]
    rows.sort(key=lambda row: bool(row["group"] != "other"))  # those with a name lie on top
    chosen = alt.selection_point(name="chosen", fields=["place"], on="click", empty=False)
    legend = alt.Legend(
        title=None, orient="bottom", columns=_COLUMNS, labelLimit=150, labelColor=ink
    )
    layer = (
        alt.Chart(alt.NamedData("entries"))
        .mark_point(filled=True, opacity=0.75)
        .encode(
            *_axes(),
            color=alt.Color("group:N", scale=_named(domain, colours), legend=legend),
            shape=alt.Shape("group:N", scale=_named(domain, shapes), legend=legend),
            size=alt.condition(chosen, alt.value(220), alt.value(45)),
            tooltip=[
                alt.Tooltip("heading:N", title="heading"),
                alt.Tooltip("under:N", title="under"),
                alt.Tooltip("where:N", title="note"),
            ],
        )
        .add_params(chosen, alt.selection_interval(name="zoom", bind="scales"))
    )
    return _Drawn("entries", rows, [layer])


def _draw_results(results: Sequence[tuple[int, Point]], ink: str, paper: str) -> Iterator[_Drawn]:
    """Yield rings around the results with their ranks beside them, a side at a time."""
    for turn, (dx, dy) in enumerate(SIDES):
        rows = [{**_row(point), "rank": str(rank)} for rank, point in results[turn :: len(SIDES)]]
        if not rows:
            continue
        found = alt.Chart(alt.NamedData(f"results-{turn}"))
        ring = found.mark_point(size=300, strokeWidth=2, color=ink)
        halo = found.mark_text(
            dx=dx, dy=dy, fontSize=14, fontWeight="bold", stroke=paper, strokeWidth=4
        )
        text = found.mark_text(dx=dx, dy=dy, fontSize=14, fontWeight="bold", color=ink)
        labels = [label.encode(*_axes(), text="rank:N") for label in (halo, text)]
        yield _Drawn(f"results-{turn}", rows, [ring.encode(*_axes()), *labels])


def _draw_question(question: tuple[float, float], ink: str, paper: str) -> _Drawn:
    """Return the mark of the question."""
    mark = alt.Chart(alt.NamedData("question")).mark_point(
        shape="cross", size=420, filled=True, color=ink, stroke=paper, strokeWidth=2, opacity=1
    )
    rows = [{"x": question[0], "y": question[1]}]
    return _Drawn("question", rows, [mark.encode(*_axes())])


def _row(point: Point) -> dict[str, Any]:
    """Return what the chart knows of a point."""
    *above, heading = point.headings or (BEGINNING,)
    return {
        "place": place_of(point.note, point.line),
        "x": round(point.x, 4),
        "y": round(point.y, 4),
        "heading": printable_line(heading),
        "under": printable_line(SEPARATOR.join(above)) or "–",
        "where": f"{printable_line(point.note)}, {place_words((point.line, point.line))}",
    }


def _axes() -> tuple[alt.X, alt.Y]:
    """Return the two directions of the map, which mean nothing by themselves and have no axis."""
    scale = alt.Scale(zero=False, nice=False, padding=20)
    return alt.X("x:Q", axis=None, scale=scale), alt.Y("y:Q", axis=None, scale=scale)


def _named(domain: Sequence[str], values: Sequence[str]) -> alt.Scale:
    return alt.Scale(domain=list(domain), range=list(values))
