"""What the index holds, for those who read without asking: notes, headings, entries, the map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import embedding, language, markdown, search
from assistant.records import Entry, NoteSummary, StoredEntry

if TYPE_CHECKING:
    from assistant.records import EntryHead, StoredNote
    from assistant.search import Similar
    from assistant.store import Snapshot

BEGINNING = "(beginning)"
"""What stands before the first heading of a note."""

LONGEST_EXAMPLE = 60
"""Characters of a heading that still reads as a question."""

SHORTEST_ANSWER = 200
"""Characters of an entry that is worth asking for, where there are enough of them."""

MOST_REGIONS = 60
"""Regions that have words, the largest; the others are too small to say something in common."""

READ_OF_REGION, READ_OF_ENTRY = 40, 500
"""Entries, those in its middle, and characters of each, that a region has its words from."""

_QUESTION = re.compile(
    r"\A(?:how|what|why|when|where|which|who|can|do|does|is|are|should)\b"
    r"|\?|？|怎么|怎样|如何|什么|为何|区别|difference between",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Point:
    """An entry on the map."""

    entry: int = field(repr=False)
    x: float
    y: float
    note: str
    headings: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Region:
    """Entries that lie close together on the map."""

    words: tuple[str, ...]
    """What tells them from the others, best first."""
    x: float
    y: float
    """The place of the entry in the middle."""
    entries: frozenset[int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a question may be limited to, each in order."""

    notes: tuple[str, ...]
    """Paths."""
    folders: tuple[str, ...]
    """Those that hold notes, with a slash at the end."""
    tags: tuple[str, ...]
    languages: tuple[str, ...]
    """In ISO 639-1: those of the notes, the most usual first."""


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry, and those that a reader may turn to from it."""

    stored: StoredEntry
    before: EntryHead | None
    """The entry before it in its note; None for the first."""
    after: EntryHead | None
    related: tuple[Similar, ...]
    """Those closest in meaning, best first."""


def heading_of(headings: Sequence[str]) -> str:
    """Return what an entry is called: its own heading, if it stands under one."""
    return headings[-1] if headings else BEGINNING


def summaries(snapshot: Snapshot, among: Sequence[int] | None = None) -> list[NoteSummary]:
    """Return what is to be known of notes without their text, in order of path.

    Args:
        snapshot: The index.
        among: Rows of the notes; None for all.
    """
    counts = snapshot.entry_counts()
    return [
        NoteSummary(
            note.path,
            note.file.absolute,
            # The last name is that of the file, which its path says.
            note.title or next(iter(note.names[:-1]), ""),
            note.tags,
            note.date,
            counts.get(note.row, 0),
            note.date_from,
        )
        for note in snapshot.notes(among)
    ]


def choices(snapshot: Snapshot) -> Choices:
    """Return what questions may be limited to."""
    notes = snapshot.notes()
    paths = tuple(note.path for note in notes)
    told = snapshot.manifest.multilingual
    languages = tuple(code for code, _ in told.languages) if told else ()
    return Choices(paths, tuple(folders(notes)), tuple(tags(notes)), languages)


def tags(notes: Sequence[StoredNote]) -> list[str]:
    """Return the tags of all notes, in order."""
    return sorted({tag for note in notes for tag in note.tags})


def folders(notes: Sequence[StoredNote]) -> list[str]:
    """Return the folders that hold notes, each with a slash at its end, in order."""
    paths = [note.path.split("/")[:-1] for note in notes]
    return sorted({"/".join(path[:n]) + "/" for path in paths for n in range(1, len(path) + 1)})


def outlines(snapshot: Snapshot) -> list[tuple[NoteSummary, list[EntryHead]]]:
    """Return every note with its entries, both in order."""
    heads: dict[int, list[EntryHead]] = {}
    for head in snapshot.entries():
        heads.setdefault(head.note, []).append(head)
    notes = snapshot.notes()
    return [
        (summary, heads.get(note.row, []))
        for note, summary in zip(notes, summaries(snapshot), strict=True)
    ]


def entry_at(snapshot: Snapshot, file: Path, line: int) -> int | None:
    """Return the entry that a line of a file stands in."""
    note = snapshot.note_at(file)
    heads = [] if note is None else snapshot.entries([note.row])
    return next((head.row for head in reversed(heads) if head.line <= line), None)


def find_again(snapshot: Snapshot, old: StoredEntry) -> int | None:
    """Return the entry that another state of the index knew: by its headings, else by its line."""
    note = snapshot.note_at(old.file.absolute)
    same = [
        (abs(head.line - old.entry.first_line), head.row)
        for head in (snapshot.entries([note.row]) if note else [])
        if head.headings == old.entry.headings
    ]
    return min(same)[1] if same else entry_at(snapshot, old.file.absolute, old.entry.first_line)


def neighbours(snapshot: Snapshot, entry: int) -> tuple[EntryHead | None, EntryHead | None]:
    """Return the entries before and after one in its note."""
    found = snapshot.neighbours(entry)
    at = next((i for i, head in enumerate(found) if head.row == entry), 0)
    return (found[at - 1] if at else None), (found[at + 1] if at + 1 < len(found) else None)


def view(snapshot: Snapshot, entry: int, related: int) -> EntryView:
    """Return an entry with its neighbours, and with some that are close in meaning."""
    stored = snapshot.entry(entry)
    near = search.similar.nearest(snapshot, stored, related)
    return EntryView(stored, *neighbours(snapshot, entry), tuple(near))


def joined(snapshot: Snapshot, note: StoredNote) -> StoredEntry | None:
    """Return the entries of a note as one, its front matter left out; None for one without any."""
    heads = [head for head in snapshot.entries([note.row]) if not head.is_of_properties]
    stored = [snapshot.entry(head.row) for head in heads]
    if not stored:
        return None
    title = note.title or next(iter(note.names[:-1]), "")
    first = stored[0].entry
    said = first.body if first.headings == (title,) else 0  # else its title is above the text
    whole = Entry((title,) if title else (), first.first_line, text_of(stored), said)
    return StoredEntry(stored[0].row, note.file, whole, ())


def text_of(stored: Sequence[StoredEntry]) -> str:
    """Return entries that follow each other as the one text that they are of."""
    parts: list[str] = []
    line = stored[0].entry.first_line if stored else 1
    for one in stored:
        parts.append("\n" * (one.entry.first_line - line) + one.entry.text)
        _, line = one.entry.lines
    return "".join(parts)


def examples(snapshot: Snapshot, count: int) -> list[str]:
    """Return headings to ask: questions where there are enough, from as many notes as can be."""
    paths = {note.row: note.path for note in snapshot.notes()}
    found: list[tuple[str, str, int]] = []
    for head in snapshot.entries():
        heading = markdown.without_number(head.headings[-1]) if head.headings else ""
        words = len(heading.split()) if heading.isascii() else len(heading)
        if len(heading) <= LONGEST_EXAMPLE and words > 2:
            found.append((paths[head.note], heading, head.length))
    long = [one for one in found if one[2] > SHORTEST_ANSWER]
    questions = [[one for one in of if _QUESTION.search(one[1])] for of in (long, found)]
    for chosen in (*questions, long, found):
        by_note = {path: heading for path, heading, _ in reversed(chosen)}
        firsts = list(dict.fromkeys(by_note[path] for path in sorted(by_note)))
        headings = firsts if len(firsts) >= count else list(dict.fromkeys(h for _, h, _ in chosen))
        if len(headings) >= count:
            break
    wanted = min(count, len(headings))
    return [headings[(2 * n + 1) * len(headings) // (2 * wanted)] for n in range(wanted)]


def points(snapshot: Snapshot) -> list[Point]:
    """Return every entry as a point, in order of the notes."""
    paths = {note.row: note.path for note in snapshot.notes()}
    places = snapshot.points()
    return [
        Point(head.row, *places[head.row], paths[head.note], head.headings, head.line)
        for head in snapshot.entries()
        if head.row in places
    ]


def regions(snapshot: Snapshot, shown: Sequence[Point]) -> list[Region]:
    """Return where points lie close together, and what their entries are about, largest first."""
    found = embedding.layout.regions.regions([(point.x, point.y) for point in shown])
    members = [[shown[number] for number in numbers] for numbers in found[:MOST_REGIONS]]
    read = [[point.entry for point in region[:READ_OF_REGION]] for region in members]
    texts = snapshot.beginnings([row for rows in read for row in rows], READ_OF_ENTRY)
    said = [[" ".join(texts[row]) for row in rows] for rows in read]
    return [
        Region(tuple(words), region[0].x, region[0].y, frozenset(point.entry for point in region))
        for region, words in zip(members, language.keywords.keywords(said), strict=True)
    ]
