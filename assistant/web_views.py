"""The page's other tabs: browse the notes, see them on a map, and what the index holds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from assistant import atlas, narrow, pagetext, session, shelf
from assistant.errors import IndexUnusableError
from assistant.hub import Hub
from assistant.render import printable_line
from assistant.web_parts import show_build, show_entry

READING = "reading"
"""Session key of the entry that Browse shows."""


@cache
def _tree() -> Any:  # noqa: ANN401 # Streamlit's own callable
    data = Path(__file__).with_name("data")
    return st.components.v2.component(
        "notes_tree",
        html='<div class="tree"></div>',
        css=(data / "tree.css").read_text("utf-8"),
        js=(data / "tree.js").read_text("utf-8"),
    )


def browse(hub: Hub) -> None:
    """Show the tree of notes and headings, and the entry chosen in it."""
    with hub.notes.reader() as reader:
        nodes = shelf.tree(reader)
    row = st.session_state.get(READING)
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


def draw(hub: Hub, question: str, wanted: narrow.Filter, count: int) -> None:
    """Show every entry as a point; those that are alike lie close together."""
    answer = hub.ask(question, count, wanted) if question else None
    with hub.notes.reader() as reader:
        points = shelf.points(reader)
        marks = []
        if answer is not None:
            rows = {
                shelf.entry_at(reader, result.path, result.lines[0]): result.rank
                for result in answer.results
            }
            marks = [(rows[p.entry], p) for p in points if p.entry in rows]
    place = hub.place(answer.question) if answer is not None else None
    st.caption(
        "Every point is an entry of your notes; what is alike lies close together. Scroll to zoom,"
        " drag to move, click a point to read it."
    )
    event = st.altair_chart(
        atlas.chart(points, marks, place, dark=st.context.theme.type == "dark"),
        key="map",
        on_select="rerun",
        selection_mode=["chosen"],
        alt=f"A map of {len(points)} entries of the notes.",
    )
    if answer is not None:
        st.html(
            '<p class="remark"><b>✚</b> the question'
            f" “{pagetext.escaped(answer.question)}”, <b>1</b>, <b>2</b> … its results</p>"
        )
    selection: Any = event
    picked = [row["entry"] for row in selection["selection"].get("chosen", []) if "entry" in row]
    known = {point.entry: point for point in points}
    # A chart takes no keys, so that its points can be chosen by name as well.
    named = st.selectbox(
        "Entry",
        known,
        key="map-entry",
        index=None,
        format_func=lambda row: printable_line(_name(known[row])),
        placeholder="Or choose an entry by its heading",
        label_visibility="collapsed",
    )
    row = picked[0] if picked else named
    if row in known:
        with st.container(border=True, key="picked"):
            show_entry(hub, int(row), f"map-{row}")


def _name(point: shelf.Point) -> str:
    """Return how a point is called: its heading first, so that typing finds it."""
    return f"{point.headings[-1] if point.headings else '(beginning)'}, {point.note}"


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
        found = session.status_of(hub.settings)
    except IndexUnusableError:
        if building:
            return
        raise
    kept = ("index", "notes", "entries", "model", "built", "unreadable")
    st.html(pagetext.table(row for row in found.lines() if row[0] in kept))
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
    count = "1 note is" if len(items) == 1 else f"{len(items)} notes are"
    with st.expander(f"{count} {words}"):
        st.html(pagetext.listing(items))
