"""The page: a thin layer of Streamlit over what the command line does."""

from __future__ import annotations

import streamlit as st

from assistant import config, notes, pagetext, session
from assistant.hub import Hub
from assistant.web_ask import ask
from assistant.web_parts import show_build, told
from assistant.web_views import browse, draw, index_panel

VIEWS = ("Ask", "Browse", "Map", "Index")


@st.cache_resource(show_spinner=False)
def _hub() -> Hub:
    return Hub(config.load())


def main() -> None:
    """Show the page."""
    st.set_page_config(page_title="Ask your notes", layout="centered")
    st.html(pagetext.STYLE)
    with told():
        hub = _hub()
        if hub.has_index:
            _views(hub)
        else:
            _first_run(hub)


def _views(hub: Hub) -> None:
    """Show the tab that is open; the others cost nothing."""
    tabs = st.tabs(VIEWS, key="view", on_change="rerun", bind="query-params")
    for tab, show in zip(tabs, (ask, browse, draw, index_panel), strict=True):
        if tab.open:
            with tab, told():
                show(hub)


def _first_run(hub: Hub) -> None:
    """Offer to build the index, or say where notes are looked for."""
    st.markdown("#### Ask your notes")
    sources = session.sources_of(hub.settings)
    where = ", ".join(pagetext.label(str(source)) for source in sources)
    files, _ = notes.walk(sources)
    if not files:
        st.write(f"There are no Markdown notes in {where} yet. Put .md files there.")
        st.button("Look again")
    elif hub.build is not None and hub.build.running:
        st.write("Reading your notes for the first time. Questions can be asked as soon as it ends.")
    else:
        st.write(f"There is no index yet. It is built from the Markdown notes in {where}.")
        st.button("Build the index", type="primary", on_click=hub.start_build)
    show_build(hub)
