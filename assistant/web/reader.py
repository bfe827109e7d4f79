"""The entry that is read: which one it is, and all that the page shows of it."""

from __future__ import annotations

import html as escaping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from assistant.library import EntryView, heading_of
from assistant.records import PROPERTIES, NoteSummary, Span, StoredEntry
from assistant.rendering import link
from assistant.results import Result
from assistant.text import SEPARATOR, printable
from assistant.web import html
from assistant.web.markup import Links, to_html
from assistant.web.outline import Outline, link_to, place_of
from assistant.web.server import images
from assistant.web.shared import Hub

LONGEST_ENTRY = 60_000
"""Characters of an entry that the page shows; the editor shows the rest."""

RELATED = 3
"""Entries close in meaning that are offered below one."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as the browser gets it."""

    place: str
    html: str
    markdown: str
    """What is copied: its source, and where it is from."""
    editor: str
    """The address that opens it in an editor."""
    rank: int
    """Of the result that stands in it; 0 for none."""


def place_in(result: Result) -> str:
    """Return the place of the entry that a result stands in."""
    return place_of(result.note, result.lines[0])


def read(hub: Hub, place: str, results: tuple[Result, ...] = ()) -> Shown | None:
    """Return the entry at a place, ready to be shown; None where there is no place.

    Args:
        hub: The index.
        place: ``NOTE:LINE``.
        results: Of the question, whose best sentences are marked.

    Raises:
        NotFoundError: There is no such note or line.
    """
    if not place:
        return None
    with hub.notes.held():
        outline = hub.outline()
        stored = _stored(hub, place)
        view = hub.notes.view(stored.row, RELATED)
        note = outline.note(stored.file.path)
    result = next((one for one in results if _is_in(one, stored)), None)
    return _shown(hub, outline, view, note, result)


def _stored(hub: Hub, place: str) -> StoredEntry:
    """Return the entry at a place; a build may move it while it is read, and it is found again."""
    before: tuple[str, int, StoredEntry] | None = st.session_state.get("reading")
    generation = hub.notes.generation
    row = None
    if before is not None and before[0] == place and before[1] != generation:
        row = hub.notes.find_again(before[2])
    stored = hub.notes.entry(place) if row is None else hub.notes.view(row, 0).stored
    st.session_state.reading = (place, generation, stored)
    return stored


def _is_in(result: Result, stored: StoredEntry) -> bool:
    first, last = stored.entry.lines
    return result.note == stored.file.path and first <= result.lines[0] <= last


def _shown(
    hub: Hub, outline: Outline, view: EntryView, note: NoteSummary | None, result: Result | None
) -> Shown:
    """Return an entry with the ways that lead on from it."""
    stored = view.stored
    entry, path = stored.entry, stored.file.path
    first = place_of(path, entry.first_line)
    start, best, passage = _found(stored, result)
    text = entry.text[start : start + LONGEST_ENTRY]
    if entry.headings == PROPERTIES and not entry.body:
        body = f'<p class="properties">{"<br>".join(map(html.escaped, text.splitlines()))}</p>'
    else:
        body = to_html(text, best, passage, _links(outline, stored))
    cut = start + len(text) < len(entry.text)
    if cut:
        body += '<p class="remark">The entry goes on; the editor shows the rest of it.</p>'
    parts = (_head(stored, note), f'<div class="body">{body}</div>', _foot(view))
    where = SEPARATOR.join((path, *entry.headings))
    source = f"{printable(entry.text)}\n\n({where}, {html.place(entry.lines)})\n"
    line = entry.lines[0] if result is None else result.lines[0]
    return Shown(
        first,
        f'<article class="entry" tabindex="-1">{"".join(parts)}</article>',
        source,
        link(hub.settings.editor_link, stored.file.absolute, line),
        result.rank if result else 0,
    )


def _found(stored: StoredEntry, result: Result | None) -> tuple[int, Span, Span]:
    """Return where the text that is shown begins, and in it the best sentence and the passage."""
    entry = stored.entry
    nothing = (0, 0)
    if result is None:
        return entry.body, nothing, nothing
    lines = entry.text.split("\n")[: result.lines[0] - entry.first_line]
    start = entry.text.find(result.snippet, sum(map(len, lines)) + len(lines))
    if start < 0:  # an edit came between
        return entry.body, nothing, nothing
    end = start + len(result.snippet)
    begin = entry.body
    if end - begin > LONGEST_ENTRY:  # the passage is shown, and what can be of the entry
        tops = {line for line, depth in entry.blocks if not depth}
        offset = 0
        for number, line in enumerate(entry.text.split("\n")):
            if number in tops and offset <= start:
                begin = max(begin, offset)
            offset += len(line) + 1
    best = tuple(max(start + at - begin, 0) for at in result.highlight)
    is_part = start > begin or entry.text[end:].strip()
    passage = (max(start - begin, 0), end - begin) if is_part else nothing
    return begin, (best[0], best[1]), passage


def _links(outline: Outline, stored: StoredEntry) -> Links:
    """Return how what an entry points to is found."""

    def entry(note: str, heading: str) -> str:
        found = outline.find(stored.file.path, note, heading)
        return link_to(found) if found else ""

    return Links(entry, partial(images.address, stored.file.root, stored.file.absolute))


def _head(stored: StoredEntry, note: NoteSummary | None) -> str:
    """Return what stands above an entry: the way to it, its heading, what is known of its note."""
    entry, path = stored.entry, stored.file.path
    top = link_to(path, view="Browse")
    above = [f'<a href="{escaping.escape(top)}">{html.escaped(path)}</a>']
    above += [f"<span>{html.escaped(heading)}</span>" for heading in entry.headings[:-1]]
    known = [html.place(entry.lines)]
    if note is not None:
        known += [note.date[:10]] if note.date_from != "file" else []
        known += [f"#{tag}" for tag in note.tags]
    return (
        '<header><div class="tools"><button type="button" class="copy-link">Copy link</button>'
        '<button type="button" class="copy-markdown">Copy as Markdown</button>'
        '<a class="editor">Open in editor</a></div>'
        f'<p class="crumbs">{SEPARATOR.join(above)}</p>'
        f"<h2>{html.escaped(heading_of(entry.headings))}</h2>"
        f'<p class="place">{" · ".join(map(html.escaped, known))}</p></header>'
    )


def _foot(view: EntryView) -> str:
    """Return the ways that lead on from an entry: to those beside it, and to those like it."""
    path = view.stored.file.path
    steps = ""
    for beside, kind, sign in ((view.before, "prev", "← "), (view.after, "next", "→ ")):
        if beside is not None:
            words = html.escaped(heading_of(beside.headings))
            at = escaping.escape(link_to(place_of(path, beside.line)))
            steps += f'<a class="{kind}" href="{at}">{sign}{words}</a>'
    near = []
    for one in view.related:
        other = one.stored
        home = () if other.file.path == path else (other.file.path,)
        words = SEPARATOR.join((*home, *other.entry.headings[-2:]))
        near.append((link_to(place_of(other.file.path, other.entry.first_line)), words))
    related = f"<h3>Related</h3>{html.links(near, 'related')}" if near else ""
    return f'<footer><nav aria-label="Entries beside this one">{steps}</nav>{related}</footer>'
