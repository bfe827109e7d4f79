"""Parts that several views of the page share, and what Streamlit has no widget for.

The latter are scripts of ours: the question, list and reader, the tree, the map. They know the
page's address alone: what they want of the server stands there, so that back and forward, bookmarks
and they themselves all lead to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from assistant.errors import AssistantError
from assistant.web import html
from assistant.web.map_chart import Chart
from assistant.web.outline import Outline
from assistant.web.reader import Shown
from assistant.web.shared import Hub

POLL_SECONDS = 0.5

_FILES = Path(__file__).with_name("static")


Mend = tuple[str, Callable[[], None]]
"""What a button says, and what it does."""

Mends = Mapping[type[AssistantError], Mend]
"""By kind of error, what the page itself can do about it."""


@contextmanager
def errors_shown(mends: Mends | None = None) -> Iterator[None]:
    """Show what went wrong and what fixes it: the one place where the page catches errors.

    Args:
        mends: What the page can do about some.
    """
    try:
        yield
    except AssistantError as error:
        mend = next((one for kind, one in (mends or {}).items() if isinstance(error, kind)), None)
        show_error(error, mend)


def show_error(error: AssistantError, mend: Mend | None = None) -> None:
    """Show an error for users, with the button that mends it, else in words what does."""
    cause, remedy = html.told(error.cause), html.told(error.remedy)
    words = f"**{cause[:1].upper()}{cause[1:]}.**"
    if mend is None or "`" not in error.remedy:  # what is to be typed into a shell, the button does
        words += f"  \n{remedy[:1].upper()}{remedy[1:]}."
    st.error(words)
    if mend is not None:
        st.button(mend[0], key="mend", type="primary", on_click=mend[1])


def show_build(hub: Hub, *, first: bool = False) -> None:
    """Show how far a build is, or how the last one ended.

    Args:
        hub: What runs it.
        first: Whether there is no index yet: once notes are found by words, there is more to show.
    """
    build = hub.build
    if build is None:
        return
    build.told = not build.running
    if build.error is not None:
        show_error(build.error)
    elif build.report is not None:
        report = build.report
        st.success(
            f"The index was brought up to date. Notes read: {report.read}, removed:"
            f" {report.removed}; chunks embedded: {report.embedded}."
        )
    elif build.running:
        st.fragment(_poll, run_every=POLL_SECONDS)(hub, first=first)
    else:
        st.error("The build failed; the terminal that serves the page says why.")


def _poll(hub: Hub, *, first: bool) -> None:
    build = hub.build
    if build is None or not build.running or (first and hub.has_index):
        st.rerun()
    elif build.total:
        st.progress(build.share, f"Embedding: {build.done:,} of {build.total:,} word pieces")
    else:
        st.progress(0.0, "Reading the notes")


@cache
def _component(name: str) -> Any:  # noqa: ANN401 # Streamlit's own callable
    return st.components.v2.component(
        f"notes_{name}",
        html=f'<div class="{name}"></div>',
        js=(_FILES / f"{name}.js").read_text("utf-8"),
        isolate_styles=False,  # the page has one sheet of styles
    )


def question_box(outline: Outline, count: int) -> None:
    """Show the box for the question, which finds titles while one types.

    Args:
        outline: What is found.
        count: Notes that are asked.
    """
    data = {"generation": outline.generation, "outline": outline.told, "count": count}
    _component("box")(key="box", data=data)


def desk(left: str, shown: Shown | None, otherwise: str = "") -> None:
    """Show a list, and beside it the entry that is read.

    Args:
        left: The list, as HTML.
        shown: The entry.
        otherwise: What stands in its place, as HTML.
    """
    data = {
        "list": left,
        "reader": shown.html if shown else otherwise,
        "place": shown.place if shown else "",
        "markdown": shown.markdown if shown else "",
        "editor": shown.editor if shown else "",
        "rank": shown.rank if shown else 0,
    }
    _component("desk")(key="desk", data=data)


def chart(
    drawn: Chart, results: Sequence[str], question: tuple[float, float] | None, read: str
) -> None:
    """Show the map of the notes.

    Args:
        drawn: The entries.
        results: The places of those that answer the question, best first.
        question: Where the question lies.
        read: The place of the entry that is read.
    """
    data = {
        "generation": drawn.generation,
        "told": drawn.told,
        "results": results,
        "question": question,
        "read": read,
    }
    _component("map")(key="map", data=data)


def tree(shown: Shown | None) -> None:
    """Show the tree of notes and headings, which the box knows, with the entry that is read."""
    _component("tree")(key="tree", data={"place": shown.place if shown else ""})
