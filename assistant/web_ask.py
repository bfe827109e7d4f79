"""The page's first tab: a question, and what the notes say to it."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from assistant import narrow, pagetext, shelf
from assistant.hub import Hub
from assistant.markup import pieces
from assistant.records import Answer, Result
from assistant.web_parts import editor_button, show_entry, show_pieces, told

RECENT = 8
"""Questions of this tab that are offered again."""

EXAMPLES = 6

# Text of ours; nothing of a note is in it.
_FOCUS = """<script>
(() => {
  const focus = (left) => {
    const box = document.querySelector(".st-key-q input");
    if (box && document.activeElement === document.body) box.focus();
    else if (!box && left) setTimeout(() => focus(left - 1), 50);
  };
  focus(100);
})();
</script>"""

_LANGUAGES: dict[narrow.Language, str] = {"": "Any language", "zh": "Chinese", "en": "Not Chinese"}


def ask(hub: Hub) -> None:
    """Show the search box and the answer to what stands in it."""
    question = st.text_input(
        "Question",
        key="q",
        bind="query-params",
        type="search",
        placeholder="Ask your notes, for instance: how do I free GPU memory",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    if not st.session_state.get("focused"):
        st.session_state.focused = True
        st.html(_FOCUS, unsafe_allow_javascript=True)
    wanted, count = _narrow_down(hub)
    question = (question or "").strip()
    if not question:
        _offer("Recent questions", "recent", st.session_state.get("recent", []))
        with hub.reader() as reader:
            _offer("Questions these notes may answer", "examples", shelf.examples(reader, EXAMPLES))
        return
    with told():
        answer = hub.ask(question, count, wanted)
        st.session_state.answered = answer
        _remember(question)
        _show(hub, answer)
    _offer("Recent questions", "recent", [q for q in st.session_state.recent if q != question])


def _narrow_down(hub: Hub) -> tuple[narrow.Filter, int]:
    """Show the filters; return what they say and how many results to show."""
    with hub.reader() as reader:
        paths = [note.path for note in shelf.notes(reader)]
        choices = shelf.folders(reader) + paths
        tags = shelf.tags(reader)
    with st.expander("Narrow down", key="narrow"):
        left, right = st.columns(2)
        note = left.selectbox(
            "Note or folder",
            choices,
            index=None,
            key="note",
            bind="query-params",
            accept_new_options=True,
            placeholder="All notes; a pattern such as pytorch-* works too",
        )
        tag = right.selectbox(
            "Tag", tags, index=None, key="tag", bind="query-params", placeholder="Any tag"
        )
        language = left.selectbox(
            "Language of the passage",
            get_args(narrow.Language),
            key="language",
            bind="query-params",
            format_func=lambda code: _LANGUAGES[code],
        )
        count = right.number_input(
            "Results", 1, 20, hub.settings.results, key="k", bind="query-params"
        )
    return narrow.Filter(note or "", tag or "", language), count


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
            words = pagetext.label(question)
            st.button(words, key=f"{key}-{number}", on_click=_put, args=(question,))


def _put(question: str) -> None:
    st.session_state.q = question


def _show(hub: Hub, answer: Answer) -> None:
    """Show an answer: how far the notes answer, then the passages."""
    st.html(pagetext.verdict(answer))
    dim = "dim" if answer.verdict == "none" else "shown"
    for result in answer.results:
        with st.container(border=True, key=f"{dim}-{result.rank}"):
            st.fragment(_result)(hub, result)


def _result(hub: Hub, result: Result) -> None:
    """Show one passage, and on demand the entry around it or its source."""
    with told():
        st.html(pagetext.result_head(result))
        show_pieces(pieces(result.snippet, result.highlight, result.code))
        key = f"r{result.rank}-{abs(hash((result.path, result.lines)))}"
        with st.container(horizontal=True, key=f"more-{result.rank}"):
            whole = st.toggle("Show the whole entry", key=f"{key}-whole")
            raw = st.toggle("Raw Markdown", key=f"{key}-raw")
            editor_button(hub, result.path, result.lines[0], key)
        if raw:
            st.code(result.snippet, language="markdown", wrap_lines=True)
        if whole:
            with hub.reader() as reader:
                home = shelf.entry_at(reader, result.path, result.lines[0])
            row = st.session_state.get(f"{key}-row") or home
            if row is not None:
                with st.container(border=True, key=f"whole-{result.rank}"):
                    show_entry(hub, row, f"{key}-row")
