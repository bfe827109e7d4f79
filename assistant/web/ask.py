"""The page's first tab: a question, what the notes say to it, and the entry that is read."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from assistant.results import Answer, Filter, Result
from assistant.web import html, parts
from assistant.web.outline import link_to
from assistant.web.parts import errors_shown
from assistant.web.reader import Shown, place_in, read
from assistant.web.shared import Hub

EXAMPLES = 10

WELCOME = (
    '<div class="welcome"><h2>Ask in your own words</h2><ul>'
    "<li>Every answer is a passage of your notes, with the place where it stands. Nothing is made"
    " up, and nothing leaves this computer.</li>"
    "<li>While you type, titles and headings are found; <kbd>Enter</kbd> asks. When the notes do"
    " not answer, the page says so.</li>"
    "<li>Everything has an address: bookmark an answer, copy the link of an entry, go back."
    " <kbd>?</kbd> shows the keys.</li></ul></div>"
)


def ask(hub: Hub, question: str, wanted: Filter, count: int, *, renew: Callable[[], None]) -> None:
    """Show the answer to a question, or questions to ask.

    Args:
        hub: The index.
        question: What is asked; empty for nothing yet.
        wanted: What narrows it.
        count: Results at most.
        renew: Brings the index up to date.
    """
    place: str = st.session_state.read
    if not question:
        parts.desk(_start(hub), _read(hub, place), WELCOME)
        return
    answer = answered(hub, question, wanted, count)
    if answer.newer_notes or answer.gone_notes or answer.built_otherwise:
        st.button("Bring the index up to date", on_click=renew, key="renew")
    links = [link_to(place_in(result), q=question) for result in answer.results]
    left = html.verdict(answer) + html.results(answer, links)
    first = place_in(answer.results[0]) if answer.results else ""
    parts.desk(left, _read(hub, place or first, answer.results))


def answered(hub: Hub, question: str, wanted: Filter, count: int) -> Answer:
    """Return the answer to a question; while one reads in it, it is not asked for again."""
    asked = (question, wanted, count, hub.notes.generation)
    place = st.session_state.read
    before = st.session_state.get("answered")
    if before is not None and before[0] == asked and before[1] != place:
        answer: Answer = before[2]
    else:
        answer = hub.ask(question, count, wanted)
        asked = (question, wanted, count, hub.notes.generation)
    st.session_state.answered = (asked, place, answer)
    return answer


def _read(hub: Hub, place: str, results: tuple[Result, ...] = ()) -> Shown | None:
    """Return the entry at a place; one that is no longer there is told above the results."""
    with errors_shown():
        return read(hub, place, results)
    return None


def _start(hub: Hub) -> str:
    """Return what stands in place of results: questions asked before, and some to ask."""
    examples = hub.notes.examples(EXAMPLES)
    told = html.links(((html.query(q=one), one) for one in examples), "examples")
    offered = f"<h2>Questions these notes may answer</h2>{told}" if examples else ""
    return f'<div class="recent" hidden></div>{offered}'
