"""The page's first tab: a question, and what the notes say to it."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from assistant.results import Answer, Filter, Language, Result
from assistant.web import html
from assistant.web.markup import pieces
from assistant.web.parts import chosen, editor_button, errors_shown, show_entry, show_pieces
from assistant.web.shared import Hub

RECENT = 8
"""Questions of this tab that are offered again."""

EXAMPLES = 6

MOST_RESULTS = 20

FILTERS = {"note": None, "tag": None, "language": ""}
"""Session keys of the filters, each with what it holds when it lets all through."""

_LANGUAGES: dict[Language, str] = {"": "Any language", "zh": "Chinese", "en": "Not Chinese"}


def search_box(hub: Hub) -> tuple[str, Filter, int]:
    """Show the box and the filters; return the question, what narrows it, and how many results."""
    question = st.text_input(
        "Question",
        key="q",
        type="search",
        placeholder="Ask your notes",
        label_visibility="collapsed",
        icon=":material/search:",
        on_change=_to_answers,
    )
    return (question or "").strip(), *_narrow_down(hub)


def ask(hub: Hub, question: str, wanted: Filter, count: int) -> None:
    """Show the answer to a question, or questions to ask."""
    if question:
        with errors_shown():
            answer = hub.ask(question, count, wanted)
            _remember(question)
            _show(hub, answer)
    recent = [q for q in st.session_state.get("recent", []) if q != question]
    _offer("Recent questions", "recent", recent)
    if not question:
        _offer("Questions these notes may answer", "examples", hub.notes.examples(EXAMPLES))


def _to_answers() -> None:
    """Turn to the answers, unless the map is open, which shows them too."""
    if st.session_state.get("view") != "Map":
        st.session_state.view = "Ask"


def _narrow_down(hub: Hub) -> tuple[Filter, int]:
    """Show the filters; return what they say and how many results to show."""
    choices = hub.notes.choices()
    limits = _limits()
    title = f"Narrow down: {html.label(', '.join(limits))}" if limits else "Narrow down"
    with st.expander(title, key="narrow"):
        left, right = st.columns(2)
        note = left.selectbox(
            "Note or folder",
            [*choices.folders, *choices.notes],
            key="note",
            accept_new_options=True,
            placeholder="All notes; a pattern such as pytorch-* works too",
        )
        tag = right.selectbox(
            "Tag", choices.tags, key="tag", accept_new_options=True, placeholder="Any tag"
        )
        language = left.selectbox(
            "Language of the passage",
            get_args(Language),
            key="language",
            format_func=lambda code: _LANGUAGES[code],
        )
        count = right.number_input("Results", 1, MOST_RESULTS, key="k")
        st.button("Ask all notes", disabled=not limits, on_click=_widen)
    return Filter(note or "", (tag,) if tag else (), language), count


def _limits() -> list[str]:
    """Return what narrows the answers, in words, so that it shows while the filters do not."""
    note, tag, language = (st.session_state.get(key) for key in FILTERS)
    found = [note, f"#{tag}" if tag else "", _LANGUAGES[language] if language else ""]
    return [words for words in found if words]


def _widen() -> None:
    """Let the next answer come from all notes."""
    for key, empty in FILTERS.items():
        st.session_state[key] = empty


def _remember(question: str) -> None:
    """Put a question first among the recent ones."""
    recent = [q for q in st.session_state.get("recent", []) if q != question]
    st.session_state.recent = [question, *recent][:RECENT]


def _offer(title: str, key: str, questions: list[str]) -> None:
    """Show questions, each of which is asked by a click."""
    if not questions:
        return
    st.caption(title)
    with st.container(horizontal=True, key=key):
        for number, question in enumerate(questions):
            words = html.label(question)
            st.button(words, key=f"{key}-{number}", on_click=_put, args=(question,))


def _put(question: str) -> None:
    st.session_state.q = question


def _show(hub: Hub, answer: Answer) -> None:
    """Show an answer: how far the notes answer, then the passages."""
    st.html(html.verdict(answer))
    if answer.newer_notes or answer.gone_notes:
        st.button("Rebuild now", on_click=_rebuild, args=(hub,))
    dim = "dim" if answer.verdict == "none" else "shown"
    for result in answer.results:
        with st.container(border=True, key=f"{dim}-{result.rank}"):
            st.fragment(_result)(hub, result)


def _rebuild(hub: Hub) -> None:
    """Begin to build, and turn to where it shows how far it is."""
    hub.start_build()
    st.session_state.view = "Index"


def _result(hub: Hub, result: Result) -> None:
    """Show one passage, and on demand the entry around it or its source."""
    with errors_shown():
        st.html(html.result_head(result))
        show_pieces(pieces(result.snippet, result.highlight, result.code, heading=False))
        if result.also:
            st.html(html.result_foot(result))
        key = f"r{result.rank}-{abs(hash((result.absolute, result.lines)))}"
        with st.container(horizontal=True, vertical_alignment="center", key=f"more-{result.rank}"):
            whole = st.toggle("Show the whole entry", key=f"{key}-whole")
            raw = st.toggle("Raw Markdown", key=f"{key}-raw")
            editor_button(hub, result.absolute, result.lines[0], key)
        if raw:
            st.code(result.snippet, language="markdown", wrap_lines=True)
        if whole:
            with hub.notes.held():
                row = chosen(hub, f"{key}-row")
                if row is None:
                    row = hub.notes.row_of(result)
            if row is not None:
                with st.container(border=True, key=f"whole-{result.rank}"):
                    show_entry(hub, row, f"{key}-row")
