"""The records that an agent gets as compact Markdown, for those that read text. Pure.

What a model reads costs by length: place, heading and passage, and nothing that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from assistant.agents.records import (
    EntryPage,
    IndexStatus,
    NoteList,
    Passage,
    Place,
    Record,
    SearchResult,
)
from assistant.text import SEPARATOR


def of(record: Record) -> str:
    """Return a record as Markdown.

    Raises:
        KeyError: It is of a kind that no tool returns.
    """
    return _FORMS[type(record)](record)


def _search_result(found: SearchResult) -> str:
    head = [f"**{found.verdict}**: {found.meaning}", *found.remarks]
    return "\n\n".join(["\n".join(head), *map(_passage, found.results)])


def _passage(passage: Passage) -> str:
    title = f"## {passage.rank}. {passage.cite}  {SEPARATOR.join(passage.headings)}".rstrip()
    also = f"\n\nThe same text: {', '.join(passage.also)}" if passage.also else ""
    return f"{title}\n\n{passage.text.strip()}{also}"


def _entry_page(page: EntryPage) -> str:
    title = f"## {page.cite}  {SEPARATOR.join(page.headings)}".rstrip()
    end = [f"Page {page.page} of {page.pages}."] if page.pages > 1 else []
    for word, near in (("Before", page.entry_before), ("After", page.entry_after)):
        if near:
            end.append(f"{word}: {_place(near)}")
    return "\n\n".join([title, page.text.strip(), *(["\n".join(end)] if end else [])])


def _note_list(found: NoteList) -> str:
    pages = f", page {found.page} of {found.pages}" if found.pages > 1 else ""
    lines = [f"{found.total} notes{pages}" if found.total != 1 else f"1 note{pages}"]
    for one in found.notes:
        tags = "".join(f" #{tag}" for tag in one.tags)
        title = f" {one.title}" if one.title else ""
        lines.append(f"- {one.note}:{title} ({one.date[:10]}, {one.entries} entries){tags}")
    return "\n".join([*lines, *(f"  - {_place(place)}" for place in found.outline)])


def _index_status(status: IndexStatus) -> str:
    lines = [
        f"{status.notes} notes, {status.entries} entries; built {status.built}",
        f"of: {', '.join(status.sources)}",
    ]
    if status.unreadable:
        lines.append(f"the notes cannot be looked at: {status.unreadable}")
    elif not status.follows:
        lines.append("it follows no notes")
    lines += _counted("newer than the index", status.newer, status.newer_files)
    lines += _counted("gone since", status.gone, [])
    skipped = [f"{one.path} ({one.reason})" for one in status.skipped_files]
    return "\n".join([*lines, *_counted("skipped", status.skipped, skipped)])


def _counted(words: str, count: int, named: Sequence[str]) -> list[str]:
    more = ", ..." if named and count > len(named) else ""
    names = f": {', '.join(named)}{more}" if named else ""
    return [f"{words}: {count}{names}"] if count else []


def _place(place: Place) -> str:
    return f"{place.lines[0]}-{place.lines[1]}  {SEPARATOR.join(place.headings)}".rstrip()


_FORMS: dict[type, Callable[[Any], str]] = {
    SearchResult: _search_result,
    EntryPage: _entry_page,
    NoteList: _note_list,
    IndexStatus: _index_status,
}
