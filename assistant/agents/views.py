"""Answers, entries and lists of notes as the records that an agent gets, long ones in pages. Pure.

Texts of notes come with everything in them that does not show, such as invisible characters that
could hide instructions, made visible; see ``answers.visible``.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from assistant.agents.arguments import URI
from assistant.agents.records import (
    EntryPage,
    IndexStatus,
    ListedNote,
    NoteList,
    Passage,
    Place,
    SearchResult,
    SkippedFile,
)
from assistant.errors import NotFoundError
from assistant.library import Status, text_of
from assistant.records import NoteSummary, StoredEntry, key_of
from assistant.rendering import GAP, answers, excerpt
from assistant.results import VERDICT_WORDS, Answer, Result, Verdict
from assistant.suggestion import nearest
from assistant.text import visible

PAGE_CHARACTERS = 12_000
"""Characters of an entry that an agent gets at once."""

NOTE_CHARACTERS = 40_000
"""Characters of a note read as a resource that an agent gets at once."""

PAGE_NOTES = 100
"""Notes that are listed at once."""

PAGE_ENTRIES = 200
"""Entries of an outline that are listed at once."""

MOST_NAMED = 50
"""Changed or skipped files that a status names."""

ADVICE: dict[Verdict, str] = {
    "found": ".",
    "weak": ": check that a passage does before you rely on it.",
    "none": ". The passages are only the nearest; say that the notes do not answer, rather than"
    " answer from them.",
}
"""What an agent is to make of a verdict, behind its words."""


def uri(note: str) -> str:
    """Return the address of a note as a resource."""
    return URI + quote(note)


def search_result(answer: Answer) -> SearchResult:
    """Return an answer as an agent gets it."""
    return SearchResult(
        question=visible(answer.question),
        verdict=answer.verdict,
        meaning=_meaning(answer.verdict if answer.results else "none"),
        searched_for=visible(answer.searched_for),
        lacking=_headings(answer.lacking),
        read=round(answer.read, 4),
        newer_notes=answer.newer_notes,
        gone_notes=answer.gone_notes,
        remarks=[
            *answers.remarks(answer),
            *(visible(line) for line in answers.state_remarks(answer)),
        ],
        results=[_passage(result) for result in answer.results],
    )


def _meaning(verdict: Verdict) -> str:
    """Return a verdict in words, and what to make of it."""
    return VERDICT_WORDS[verdict].capitalize() + ADVICE[verdict]


def entry_page(near: Sequence[StoredEntry], row: int, page: int) -> EntryPage:
    """Return a page of an entry.

    Args:
        near: The entry and its neighbours, in order.
        row: Which of them it is.
        page: From 1; after the last one, the last one.
    """
    at = next(i for i, stored in enumerate(near) if stored.row == row)
    stored = near[at]
    spans = pages(stored.entry.text, PAGE_CHARACTERS)
    page = min(page, len(spans))
    start, end = spans[page - 1]
    text = stored.entry.text
    lines = list(stored.entry.lines_of(start, start + len(text[start:end].rstrip("\n"))))
    return EntryPage(
        note=stored.file.path,
        uri=uri(stored.file.path),
        headings=_headings(stored.entry.headings),
        lines=lines,
        cite=_cite(stored.file.path, lines),
        text=visible(text[start:end]),
        page=page,
        pages=len(spans),
        entry_before=_place(near[at - 1]) if at else None,
        entry_after=_place(near[at + 1]) if at + 1 < len(near) else None,
    )


def note_list(
    found: Sequence[NoteSummary], page: int, entries: Sequence[StoredEntry] = ()
) -> NoteList:
    """Return a page of notes, or of the outline of one.

    Args:
        found: The notes.
        page: From 1; after the last one, the last one.
        entries: Those of the note, where there is one alone.
    """
    count = max(1, -(-len(found) // PAGE_NOTES), -(-len(entries) // PAGE_ENTRIES))
    page = min(page, count)
    shown = found if entries else found[(page - 1) * PAGE_NOTES : page * PAGE_NOTES]
    return NoteList(
        total=len(found),
        page=page,
        pages=count,
        notes=[
            ListedNote(
                note=one.note,
                uri=uri(one.note),
                title=visible(one.title),
                tags=_headings(one.tags),
                date=one.date,
                date_from=one.date_from,
                entries=one.entries,
            )
            for one in shown
        ],
        outline=[_place(e) for e in entries[(page - 1) * PAGE_ENTRIES : page * PAGE_ENTRIES]],
    )


def below(entries: Sequence[StoredEntry], heading: str) -> list[StoredEntry]:
    """Return the entries that stand below a heading, itself included; all for none.

    Raises:
        NotFoundError: No entry has it.
    """
    if not heading:
        return list(entries)
    wanted = key_of(heading.lstrip("# "))
    found = [e for e in entries if wanted in map(key_of, e.entry.headings)]
    if not found:
        known = [e.entry.headings[-1] for e in entries if e.entry.headings]
        near = nearest(heading, known)
        remedy = f"did you mean {near!r}?" if near else "list the note without `heading`"
        raise NotFoundError(f"there is no heading {heading!r} in the note", remedy)
    return found


def note_text(entries: Sequence[StoredEntry], page: int) -> str:
    """Return the text of a note, its front matter left out; of a long one a page that says so.

    Args:
        entries: All of the note's, in order.
        page: From 1; after the last one, the last one.
    """
    text = text_of(entries)
    spans = pages(text, NOTE_CHARACTERS)
    page = min(page, len(spans))
    start, end = spans[page - 1]
    shown = visible(text[start:end])
    if len(spans) == 1:
        return shown
    address = f"{uri(entries[0].file.path)}?page="
    more = f"; the next is {address}{page + 1}" if page < len(spans) else ""
    return f"{shown.rstrip()}\n\n[Page {page} of {len(spans)} of this note{more}]\n"


def index_status(status: Status) -> IndexStatus:
    """Return the state of an index as an agent gets it."""
    manifest, changes = status.manifest, status.changes
    return IndexStatus(
        notes=manifest.notes,
        entries=manifest.entries,
        read=round(manifest.share_read, 4),
        model=manifest.model,
        built=manifest.built,
        sources=[str(source.path) for source in manifest.sources],
        follows=[str(source.path) for source in status.follows],
        unreadable=visible(changes.unreadable),
        newer=len(changes.newer),
        gone=len(changes.gone),
        skipped=len(manifest.skipped),
        newer_files=[file.path for file in changes.newer[:MOST_NAMED]],
        skipped_files=[
            SkippedFile(path=item.path, reason=item.reason)
            for item in manifest.skipped[:MOST_NAMED]
        ],
    )


def pages(text: str, most: int) -> list[tuple[int, int]]:
    """Return a text as pages, [start, end), cut after a line where one ends in their second half.

    Args:
        text: Any text; an empty one has one page.
        most: Characters of a page at most.
    """
    found: list[tuple[int, int]] = []
    start = 0
    while len(text) - start > most:
        end = text.rfind("\n", start + most // 2, start + most) + 1 or start + most
        found.append((start, end))
        start = end
    return [*found, (start, len(text))]


def _passage(result: Result) -> Passage:
    """Return a result as an agent gets it."""
    lines = list(result.lines)
    return Passage(
        rank=result.rank,
        score=round(result.score, 4),
        note=result.note,
        uri=uri(result.note),
        headings=_headings(result.headings),
        lines=lines,
        cite=_cite(result.note, lines),
        text=visible(result.snippet),
        best_sentence=visible(result.snippet[slice(*result.highlight)]),
        excerpt=visible(_shortened(result)),
        date=result.date,
        date_from=result.date_from,
        older=result.is_older,
        also=list(result.also),
    )


def _shortened(result: Result) -> str:
    """Return the excerpt of a passage, if it is shorter: nobody is to read the same twice."""
    shown = excerpt(result)
    return shown if GAP in shown.split("\n") else ""


def _place(stored: StoredEntry) -> Place:
    """Return where an entry stands."""
    return Place(headings=_headings(stored.entry.headings), lines=list(stored.entry.lines))


def _cite(note: str, lines: Sequence[int]) -> str:
    """Return a place as it is cited."""
    return f"{note}:{lines[0]}-{lines[1]}"


def _headings(steps: Sequence[str]) -> list[str]:
    """Return headings, or tags, with nothing invisible in them."""
    return [visible(step) for step in steps]
