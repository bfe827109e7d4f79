"""The page's other tabs: browse the notes, see them on a map, and what the index holds."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from assistant.errors import IndexUnusableError
from assistant.results import Answer, Filter
from assistant.text import counted
from assistant.web import html, parts
from assistant.web.ask import answered
from assistant.web.parts import errors_shown, show_build
from assistant.web.reader import read
from assistant.web.shared import Hub

MAPPING = (
    '<p class="hint">Click a point to read its entry. Scroll or <kbd>+</kbd> to zoom, drag to move;'
    " arrow keys point, <kbd>Enter</kbd> reads.</p>"
)

BROWSING = '<p class="hint">Choose a heading to read what stands under it.</p>'

READING = "The map is drawn once all notes are read by meaning."
ON_SERVER = "An index on a server has no map; one that is copied to a folder gets it."


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
    answer = answered(hub, question, wanted, count) if question else None
    results = answer.results if answer is not None else ()
    with hub.notes.held():
        chart = hub.chart()
        found = [chart.place(hub.notes.row_of(result)) for result in results]
    place = hub.notes.place_on_map(answer.question) if answer is not None else None
    shown = None
    left, right = st.columns([3, 2])
    with right:
        with errors_shown():
            shown = read(hub, st.session_state.read, results)
        parts.desk("", shown, MAPPING)
    with left:
        if not chart.count:
            st.info(READING if isinstance(hub.settings.index, Path) else ON_SERVER)
            return
        st.html(f'<p class="remark">{_legend(answer)}</p>')
        parts.chart(chart, found, place, shown.place if shown else "")


def _legend(answer: Answer | None) -> str:
    """Return what is to be seen on the map, as HTML."""
    words = "Every point is an entry; what is alike lies close together, under words of its own."
    if answer is not None:
        asked = html.escaped(answer.question)
        words += f" <b>✚</b> is the question “{asked}”, <b>1</b>, <b>2</b> … its results."
    return words


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
