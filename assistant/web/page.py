"""The page: a thin layer of Streamlit over what the command line does."""

from __future__ import annotations

from functools import partial

import streamlit as st

from assistant.errors import IndexUnusableError, NotFoundError
from assistant.settings import Settings, load
from assistant.text import LANGUAGES, printable_line
from assistant.web import address, html, parts
from assistant.web.ask import ask
from assistant.web.narrowing import LISTED, MOST_RESULTS, narrow_down, widen
from assistant.web.parts import Mends, errors_shown, show_build
from assistant.web.server import security_headers
from assistant.web.shared import Hub
from assistant.web.views import browse, draw, index_panel

TITLE = "Ask your notes"

VIEWS = ("Ask", "Browse", "Map", "Index")


@st.cache_resource(show_spinner=False, max_entries=1)
def open_hub(_settings: Settings, shown: str) -> Hub:
    """Return what all tabs share, made once, and again when the settings change.

    Args:
        _settings: The settings in force.
        shown: The same as text, which tells whether they changed.
    """
    return Hub(_settings)


def main() -> None:
    """Show the page."""
    st.set_page_config(page_title=TITLE, layout="wide")
    st.html(html.STYLE)
    st.html(f'<h1 class="visually-hidden">{TITLE}</h1>')
    with errors_shown():
        settings = load.load()
        hub = open_hub(settings, repr(settings))
        if hub.has_index:
            _views(hub)
        else:
            _first_run(hub)


def _views(hub: Hub) -> None:
    """Show the tab that is open; the others cost nothing."""
    parsers = _parsers(hub)
    address.read(parsers)
    question: str = st.session_state.q.strip()
    if question:  # names the bookmark, and the step in the history
        st.set_page_config(page_title=f"{printable_line(question)} · {TITLE}")
    renew = partial(_rebuild, hub)
    anew: Mends = {IndexUnusableError: ("Build the index anew", renew)}
    with errors_shown(anew):
        with st.container(horizontal=True, vertical_alignment="center", key="top"):
            outline = hub.outline()
            parts.question_box(outline, outline.count)
            asking = st.session_state.view in ("Ask", "Map")
            asked = question, *narrow_down(hub, asking=asking)
        answers, entries, points, index = st.tabs(VIEWS, key="view", on_change="rerun")
        address.write(parsers)
        _start_script()
        with answers, errors_shown({**anew, NotFoundError: ("Ask all notes", widen)}):
            if answers.open:
                ask(hub, *asked, renew=renew)
        with entries, errors_shown(anew):
            if entries.open:
                browse(hub)
        with points, errors_shown(anew):
            if points.open:
                draw(hub, *asked)
        with index, errors_shown(anew):
            if index.open:
                index_panel(hub)
            else:
                hub.forget_build()


def _rebuild(hub: Hub) -> None:
    """Begin to build, and turn to where it shows how far it is."""
    hub.start_build()
    st.session_state.view = "Index"


def _start_script() -> None:
    """Run the page's script once a tab: it follows links, keys and copy buttons."""
    if not st.session_state.get("started"):
        st.session_state.started = True
        # Text of ours; nothing of a note is in it.
        st.html(f"<script>{security_headers.PAGE_SCRIPT}</script>", unsafe_allow_javascript=True)


def _parsers(hub: Hub) -> address.Parsers:
    """Return what stands in the address and how it is read."""
    languages = ["", *LANGUAGES]
    most = max(hub.settings.results, LISTED)
    return {
        "q": str,
        "read": str,
        "view": lambda text: VIEWS[VIEWS.index(text or VIEWS[0])],
        "note": lambda text: text or None,
        "tag": lambda text: text or None,
        "since": str,
        "until": str,
        "language": lambda text: languages[languages.index(text)],
        "k": lambda text: min(max(int(text or most), 1), MOST_RESULTS),
    }


def _first_run(hub: Hub) -> None:
    """Offer to build the index, or say where notes are looked for."""
    where = ", ".join(html.label(str(source)) for source in hub.notes.sources())
    if not hub.notes.has_notes:
        st.write(f"There are no Markdown notes in {where} yet. Put .md files there.")
        st.button("Look again")
    elif hub.build is not None and hub.build.running:
        st.write("Reading your notes for the first time; then they answer questions.")
    else:
        st.write(f"There is no index yet. It is built from the Markdown notes in {where}.")
        st.button("Build the index", type="primary", on_click=hub.start_build)
    show_build(hub, first=True)
