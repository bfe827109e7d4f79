"""Parts that several views of the page share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from assistant.errors import AssistantError
from assistant.library import heading_of
from assistant.rendering import link
from assistant.text import SEPARATOR
from assistant.web import html
from assistant.web.markup import Piece, pieces
from assistant.web.server import security_headers
from assistant.web.shared import Hub

LONGEST_ENTRY = 60_000
"""Characters of an entry that the page shows; the editor shows the rest."""

RELATED = 3
"""Entries close in meaning that are offered beside one."""

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


def show_pieces(parts: Sequence[Piece]) -> None:
    """Show a passage: HTML that is safe, code with a copy button, formulas typeset."""
    for part in parts:
        if part.kind == "code":
            if part.best:
                best = html.escaped(part.best)
                st.html(f'<p class="best-line">Best line: <mark><code>{best}</code></mark></p>')
            st.code(part.text, language=part.language or None)
        elif part.kind == "math":
            st.latex(part.text)
        else:
            st.html(part.text)


def chosen(hub: Hub, key: str) -> int | None:
    """Return the entry chosen under a session key; call it before what the entry is chosen by.

    A build may give entries other rows; the one that was shown is found again.
    """
    row = st.session_state.get(key)
    known, now = st.session_state.get(f"{key}-generation"), hub.notes.generation
    st.session_state[f"{key}-generation"] = now
    if row is not None and known != now:
        old = st.session_state.get(f"{key}-shown")
        row = hub.notes.find_again(old) if old is not None and old.row == row else None
        st.session_state[key] = row
    return row


def show_entry(hub: Hub, row: int, key: str) -> None:
    """Show a whole entry, with ways to those before and after it.

    Args:
        hub: The index.
        row: The entry, see ``chosen``.
        key: Session key under which the entry to show next is kept.
    """
    view = hub.notes.view(row, RELATED)
    stored = view.stored
    st.session_state[f"{key}-shown"] = stored
    entry, path = stored.entry, stored.file.absolute
    text = entry.text[:LONGEST_ENTRY]
    st.html(html.entry_head(row, stored.file.path, entry.headings, entry.lines))
    _reveal(row)
    show_pieces(pieces(text))
    if len(text) < len(entry.text):
        st.caption("The entry goes on; open it in the editor to read the rest.")
    with st.container(horizontal=True, key=f"beside-{key}"):
        for beside, sign in ((view.before, "←"), (view.after, "→")):
            if beside is not None:
                words = f"{sign} {html.label(heading_of(beside.headings))}"
                st.button(words, key=f"{key}{sign}", on_click=_choose, args=(key, beside.row))
        editor_button(hub, path, entry.first_line, key)
    if view.related:
        st.caption("Related entries")
        with st.container(horizontal=True, key=f"related-{key}"):
            for one in view.related:
                other, near = one.stored, one.stored.row
                home = () if other.file.path == stored.file.path else (other.file.path,)
                words = html.label(SEPARATOR.join((*home, *other.entry.headings[-2:])))
                st.button(words, key=f"{key}~{near}", on_click=_choose, args=(key, near))


def _reveal(row: int) -> None:
    """Scroll to an entry when it is first shown; it may stand below a chart or a long passage."""
    # Text of ours; nothing of a note is in it. The browser runs it as it stands, or not at all.
    script = f'<script data-row="{int(row)}">{security_headers.REVEAL_SCRIPT}</script>'
    st.html(script, unsafe_allow_javascript=True)


def editor_button(hub: Hub, path: Path, line: int, key: str) -> None:
    """Show the link that opens a note in the user's editor."""
    address = link(hub.settings.editor_link, path, line)
    st.link_button("Open in editor", address, key=f"{key}-editor", type="tertiary")


def _choose(key: str, row: int) -> None:
    st.session_state[key] = row


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
