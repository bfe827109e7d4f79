"""Parts that several views of the page share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from assistant.errors import AssistantError
from assistant.web import html
from assistant.web.shared import Hub

POLL_SECONDS = 0.5


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show what went wrong and what fixes it: the one place where the page catches errors."""
    try:
        yield
    except AssistantError as error:
        show_error(error)


def show_error(error: AssistantError) -> None:
    """Show an error for users."""
    cause, remedy = html.label(error.cause), html.label(error.remedy)
    st.error(f"**{cause[:1].upper()}{cause[1:]}.**  \n{remedy[:1].upper()}{remedy[1:]}.")


def show_build(hub: Hub) -> None:
    """Show how far a build is, or how the last one ended."""
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
        st.fragment(_poll, run_every=POLL_SECONDS)(hub)
    else:
        st.error("The build failed; the terminal that serves the page says why.")


def _poll(hub: Hub) -> None:
    build = hub.build
    if build is None or not build.running:
        st.rerun()
    elif build.total:
        st.progress(build.share, f"Embedding: {build.done:,} of {build.total:,} word pieces")
    else:
        st.progress(0.0, "Reading the notes")
