"""The page's other tabs: browse the notes, see them on a map, and what the index holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from assistant import left_out
from assistant.errors import IndexUnusableError
from assistant.library import Point
from assistant.results import Answer, Filter
from assistant.text import counted
from assistant.web import html, map_chart, parts
from assistant.web.parts import errors_shown, show_build
from assistant.web.reader import read
from assistant.web.shared import Hub

MAPPING = (
    '<p class="hint">Click a point to read its entry; the box finds any entry by its heading.</p>'
)

BROWSING = '<p class="hint">Choose a heading to read what stands under it.</p>'


def browse(hub: Hub) -> None:
    """Show the tree of notes and headings, and the entry chosen in it."""
    shown = None
    with errors_shown():
        shown = read(hub, st.session_state.read)
    left, right = st.columns([2, 3])
    with left:
        parts.tree(shown)
    with right:
        parts.desk("", shown, BROWSING)


def draw(hub: Hub, question: str, wanted: Filter, count: int) -> None:
    """Show every entry as a point; those that are alike lie close together."""
    if left_out.MAP.missing():
        st.info(f"This installation leaves out the map: {left_out.MAP.remedy()}")
        return
    answer = hub.ask(question, count, wanted) if question else None
    results = answer.results if answer is not None else ()
    with hub.notes.held():
        points = {point.entry: point for point in hub.notes.points()}
        rows = [(result.rank, hub.notes.row_of(result)) for result in results]
    found = [(rank, points[row]) for rank, row in rows if row is not None and row in points]
    place = hub.notes.place_on_map(answer.question) if answer is not None else None
    left, right = st.columns([3, 2])
    with left:
        _chart(list(points.values()), found, answer, place)
    shown = None
    with right:
        with errors_shown():
            shown = read(hub, st.session_state.read, results)
        parts.desk("", shown, MAPPING)


def _chart(
    points: Sequence[Point],
    found: Sequence[tuple[int, Point]],
    answer: Answer | None,
    place: tuple[float, float] | None,
) -> None:
    """Show the points, those of the results and the question, and say what they are."""
    marks = ""
    if answer is not None:
        asked = html.escaped(answer.question)
        marks = f" <b>✚</b> is the question “{asked}”, <b>1</b>, <b>2</b> … its results."
    st.html(
        '<p class="remark">Every point is an entry; what is alike lies close together. Scroll to'
        f" zoom, drag to move, click a point to read it.{marks}</p>"
    )
    st.vega_lite_chart(
        map_chart.chart(points, found, place, dark=st.context.theme.type == "dark"),
        key="map",
        on_select=_pick,
        selection_mode=["chosen"],
        alt=f"A map of {len(points)} entries of the notes.",
    )


def _pick() -> None:
    """Show the entry whose point was clicked."""
    selection: Any = st.session_state.map["selection"]
    for row in selection.get("chosen", []):
        if "place" in row:
            st.session_state.read = row["place"]


def index_panel(hub: Hub) -> None:
    """Show what the index holds and how far it is behind, and offer to rebuild it."""
    building = hub.build is not None and hub.build.running
    st.button(
        "Rebuild",
        key="rebuild",
        type="primary",
        disabled=building,
        on_click=hub.start_build,
        help="Reads what changed since the last build; questions are answered meanwhile.",
    )
    show_build(hub)
    try:
        found = hub.notes.status()
    except IndexUnusableError:
        if building:
            return
        raise
    kept = ("index", "notes", "entries", "read", "model", "built", "follows", "unreadable")
    st.html(html.table(row for row in found.lines() if row[0] in kept))
    newer = [file.path for file in found.changes.newer]
    newer += [f"{file.path} (gone)" for file in found.changes.gone]
    _list("newer than the index", newer)
    skipped = found.manifest.skipped
    _list("skipped", [f"{item.path}: {item.reason}" for item in skipped])


def _list(words: str, items: list[str]) -> None:
    """Show how many notes there are of a kind, and which."""
    if not items:
        st.caption(f"No note is {words}.")
        return
    with st.expander(f"{counted(len(items), 'note is', 'notes are')} {words}"):
        st.html(html.listing(items))
