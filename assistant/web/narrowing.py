"""What narrows a question, in the line of the box: note or folder, tag, dates, language."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.results import Filter
from assistant.text import LANGUAGES
from assistant.web import html
from assistant.web.shared import Hub

MOST_RESULTS = 20

LISTED = 8
"""Results in the list, unless the settings ask for more: each is a line or two."""

EMPTY = {"note": None, "tag": None, "since": "", "until": "", "language": ""}
"""Session keys of the filters, each with what it holds when it lets all through."""

_TOGETHER = ("en", "zh")
"""Languages that may stand in one note, so that both are offered where the notes have one."""


def narrow_down(hub: Hub, *, asking: bool) -> tuple[Filter, int]:
    """Show the filters; return what they say and how many results to show.

    Args:
        hub: The index.
        asking: A tab is open that asks: on the others they are closed.
    """
    limits = _limits()
    words = f"Filters: {html.label(', '.join(limits))}" if limits else "Filters"
    with st.popover(words, key="filters", disabled=not asking):
        wanted, count = _widgets(hub)
    if limits:
        st.button("✕", key="widen", on_click=widen, help="Ask all notes", disabled=not asking)
    return wanted, count


def _widgets(hub: Hub) -> tuple[Filter, int]:
    choices = hub.notes.choices()
    note = st.selectbox(
        "Note or folder",
        [*choices.folders, *choices.notes],
        key="note",
        accept_new_options=True,
        placeholder="All notes; a pattern such as pytorch-* works too",
    )
    tag = st.selectbox(
        "Tag", choices.tags, key="tag", accept_new_options=True, placeholder="Any tag"
    )
    left, right = st.columns(2)
    since = left.text_input("From", key="since", placeholder="2026-03 or 2026-03-01")
    until = right.text_input("To", key="until", placeholder="2026")
    language = left.selectbox(
        "Language",
        _languages(choices.languages),
        key="language",
        format_func=lambda code: LANGUAGES[code] if code else "Any language",
    )
    count = right.number_input("Results", 1, MOST_RESULTS, key="k")
    wanted = Filter(
        note or "", (tag,) if tag else (), language, (since or "").strip(), (until or "").strip()
    )
    return wanted, count


def _languages(of_notes: Sequence[str]) -> list[str]:
    """Return the languages to choose from; what is chosen stays, whatever the notes are in."""
    both = _TOGETHER if {*_TOGETHER} & {*of_notes} else ()
    chosen = st.session_state.get("language", "")
    return [
        code for code in dict.fromkeys(("", *of_notes, *both, chosen)) if code in ("", *LANGUAGES)
    ]


def _limits() -> list[str]:
    """Return what narrows the answers, in words, so that it shows while the filters do not."""
    note, tag, since, until, language = (st.session_state.get(key) for key in EMPTY)
    dates = f"{since or ''} – {until or ''}".strip() if since or until else ""
    found = [note, f"#{tag}" if tag else "", dates, LANGUAGES[language] if language else ""]
    return [words for words in found if words]


def widen() -> None:
    """Let the next answer come from all notes."""
    for key, empty in EMPTY.items():
        st.session_state[key] = empty
