"""The page's other tabs: browse the notes, see them on a map, and what the index holds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from assistant import left_out
from assistant.errors import IndexUnusableError
from assistant.library import Point, heading_of
from assistant.results import Filter
from assistant.text import counted, printable_line
from assistant.web import html, map_chart
from assistant.web.parts import chosen, show_build, show_entry
from assistant.web.shared import Hub

READING = "reading"
"""Session key of the entry that Browse shows."""

PICKED = "map-entry"
"""Session key of the entry that the map shows, chosen by its point or by its name."""


@cache
def _tree() -> Any:  # noqa: ANN401 # Streamlit's own callable
    data = Path(__file__).with_name("static")
    return st.components.v2.component(
        "notes_tree",
        html='<div class="tree"></div>',
        css=(data / "tree.css").read_text("utf-8"),
        js=(data / "tree.js").read_text("utf-8"),
    )


def browse(hub: Hub) -> None:
    """Show the tree of notes and headings, and the entry chosen in it."""
    with hub.notes.held():
        nodes = hub.notes.tree()
        row = chosen(hub, READING)
    left, right = st.columns([2, 3])
    with left:
        data = {"nodes": nodes, "selected": row}
        _tree()(key="tree", data=data, on_entry_change=_read)
    with right:
        if row is None:
            st.caption("Choose a heading to read what stands under it.")
        else:
            show_entry(hub, row, READING)


def _read() -> None:
    st.session_state[READING] = st.session_state.tree.entry


def draw(hub: Hub, question: str, wanted: Filter, count: int) -> None:
    """Show every entry as a point; those that are alike lie close together."""
    if left_out.MAP.missing():
        st.info(f"This installation leaves out the map: {left_out.MAP.remedy()}")
        return
    answer = hub.ask(question, count, wanted) if question else None
    results = answer.results if answer is not None else ()
    with hub.notes.held():
        points = {point.entry: point for point in hub.notes.points()}
        chosen(hub, PICKED)
        rows = [(result.rank, hub.notes.row_of(result)) for result in results]
    found = [(rank, points[row]) for rank, row in rows if row is not None and row in points]
    place = hub.notes.place_on_map(answer.question) if answer is not None else None
    st.caption(
        "Every point is an entry of your notes; what is alike lies close together. Scroll to zoom,"
        " drag to move, click a point to read it."
    )
    if answer is not None:
        st.html(
            '<p class="remark"><b>✚</b> the question'
            f" “{html.escaped(answer.question)}”, <b>1</b>, <b>2</b> … its results</p>"
        )
    st.vega_lite_chart(
        map_chart.chart(list(points.values()), found, place, dark=st.context.theme.type == "dark"),
        key="map",
        on_select=_pick,
        selection_mode=["chosen"],
        alt=f"A map of {len(points)} entries of the notes.",
    )
    # A chart takes no keys, so that its points can be chosen by name as well.
    row = st.selectbox(
        "Entry",
        points,
        key=PICKED,
        index=None,
        format_func=lambda row: printable_line(_name(points[row])),
        placeholder="Or choose an entry by its heading",
        label_visibility="collapsed",
    )
    if row is not None:
        with st.container(border=True, key="picked"):
            show_entry(hub, row, PICKED)


def _pick() -> None:
    """Show the entry whose point was clicked."""
    selection: Any = st.session_state.map["selection"]
    rows = [row["entry"] for row in selection.get("chosen", []) if "entry" in row]
    st.session_state[PICKED] = int(rows[0]) if rows else None


def _name(point: Point) -> str:
    """Return how a point is called: its heading first, so that typing finds it."""
    return f"{heading_of(point.headings)}, {point.note}"


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
