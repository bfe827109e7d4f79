"""What the index holds, for those who read without asking: notes, headings, entries, the map."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.chunk import without_number
from assistant.projection import Plane
from assistant.records import NoteFile, NoteSummary
from assistant.store import Reader, StoredEntry

Node = list[Any]
"""A label, the row of an entry or None, and nodes."""

BEGINNING = "(beginning)"
"""What stands before the first heading of a note."""

LONGEST_EXAMPLE = 60
"""Characters of a heading that still reads as a question."""

SHORTEST_ANSWER = 200
"""Characters of an entry that is worth asking for, where there are enough of them."""

_QUESTION = re.compile(
    r"\A(?:how|what|why|when|where|which|who|can|do|does|is|are|should)\b"
    r"|\?|？|怎么|怎样|如何|什么|为何|区别|difference between",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ShelfNote:
    """A note of the index."""

    row: int
    path: str
    title: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShelfEntry:
    """An entry without its text."""

    row: int
    headings: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Point:
    """An entry on the map."""

    entry: int
    x: float
    y: float
    note: str
    headings: tuple[str, ...]
    line: int


def heading_of(headings: Sequence[str]) -> str:
    """Return what an entry is called: its own heading, if it stands under one."""
    return headings[-1] if headings else BEGINNING


def notes(reader: Reader) -> list[ShelfNote]:
    """Return the notes in order of path."""
    rows = reader.query("SELECT id, path, title, tags FROM notes ORDER BY path, root")
    return [ShelfNote(row, path, title, tuple(json.loads(tags))) for row, path, title, tags in rows]


def summaries(reader: Reader, among: Sequence[int] | None = None) -> list[NoteSummary]:
    """Return what is to be known of notes without their text, in order of path.

    Args:
        reader: The index.
        among: Rows of the notes; None for all.
    """
    files = {(str(file.root), file.path): file for file in reader.notes()}
    rows = reader.query(
        "SELECT n.root, n.path, n.title, n.tags, n.date, count(e.id)"
        " FROM notes n LEFT JOIN entries e ON e.note = n.id"
        " WHERE ?1 IS NULL OR n.id IN (SELECT value FROM json_each(?1))"
        " GROUP BY n.id ORDER BY n.path, n.root",
        (None if among is None else json.dumps(list(among)),),
    )
    return [
        NoteSummary(path, files[root, path].absolute, title, tuple(json.loads(tags)), day, entries)
        for root, path, title, tags, day, entries in rows
    ]


def tags(notes: Sequence[ShelfNote]) -> list[str]:
    """Return the tags of all notes, in order."""
    return sorted({tag for note in notes for tag in note.tags})


def folders(notes: Sequence[ShelfNote]) -> list[str]:
    """Return the folders that hold notes, each with a slash at its end, in order."""
    paths = [note.path.split("/")[:-1] for note in notes]
    return sorted({"/".join(path[:n]) + "/" for path in paths for n in range(1, len(path) + 1)})


def entries(reader: Reader, note: int) -> list[ShelfEntry]:
    """Return the entries of a note in order."""
    rows = reader.query(
        "SELECT id, headings, first_line FROM entries WHERE note = ? ORDER BY position", (note,)
    )
    return [ShelfEntry(row, tuple(json.loads(headings)), line) for row, headings, line in rows]


def tree(reader: Reader) -> list[Node]:
    """Return folders, notes and headings, each as [label, row of its entry or None, children]."""
    top: list[Node] = []
    rows = reader.query(
        "SELECT n.path, e.headings, e.id FROM entries e JOIN notes n ON n.id = e.note"
        " ORDER BY n.path, n.root, e.position"
    )
    # A heading may stand twice in a note, so that only the last one is looked at.
    for path, headings, row in rows:
        level = top
        for step in path.split("/"):
            level = _descend(level, step)
        *above, last = json.loads(headings) or [BEGINNING]
        for step in above:
            level = _descend(level, step)
        level.append([last, row, []])
    return top


def _descend(level: list[Node], step: str) -> list[Node]:
    """Return the children of the last node of a level, made if it has another label."""
    if not level or level[-1][0] != step:
        level.append([step, None, []])
    children: list[Node] = level[-1][2]
    return children


def entry_at(reader: Reader, file: Path, line: int) -> int | None:
    """Return the entry that a line of a file stands in."""
    called = reader.query(
        "SELECT id, root, path, name FROM notes WHERE substr(path, -length(?1)) = ?1", (file.name,)
    )
    rows = reader.query(
        "SELECT id FROM entries WHERE note IN (SELECT value FROM json_each(?)) AND first_line <= ?"
        " ORDER BY first_line DESC LIMIT 1",
        (
            json.dumps(
                [
                    note
                    for note, root, path, name in called
                    if NoteFile(Path(root), path, 0, 0, name).absolute == file
                ]
            ),
            line,
        ),
    )
    return rows[0][0] if rows else None


def find_again(reader: Reader, old: StoredEntry) -> int | None:
    """Return the entry that another state of the index knew: by its headings, else by its line."""
    rows = reader.query(
        "SELECT e.id, e.headings, e.first_line FROM entries e JOIN notes n ON n.id = e.note"
        " WHERE n.root = ? AND n.path = ?",
        (str(old.file.root), old.file.path),
    )
    same = [
        (abs(line - old.entry.first_line), row)
        for row, headings, line in rows
        if tuple(json.loads(headings)) == old.entry.headings
    ]
    return min(same)[1] if same else entry_at(reader, old.file.absolute, old.entry.first_line)


def neighbours(reader: Reader, entry: int) -> tuple[ShelfEntry | None, ShelfEntry | None]:
    """Return the entries before and after one in its note."""

    def beside(step: int) -> ShelfEntry | None:
        rows = reader.query(
            "SELECT b.id, b.headings, b.first_line FROM entries a JOIN entries b"
            " ON b.note = a.note AND b.position = a.position + ? WHERE a.id = ?",
            (step, entry),
        )
        return next((ShelfEntry(r, tuple(json.loads(h)), line) for r, h, line in rows), None)

    return beside(-1), beside(+1)


def examples(reader: Reader, count: int) -> list[str]:
    """Return headings to ask: questions where there are enough, from as many notes as can be."""
    rows = reader.query(
        "SELECT n.path, e.headings, length(e.text) FROM entries e JOIN notes n ON n.id = e.note"
        " ORDER BY n.path, e.position"
    )
    found: list[tuple[str, str, int]] = []
    for path, headings, length in rows:
        steps = json.loads(headings)
        heading = without_number(steps[-1]) if steps else ""
        words = len(heading.split()) if heading.isascii() else len(heading)
        if len(heading) <= LONGEST_EXAMPLE and words > 2:
            found.append((path, heading, length))
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


def plane(reader: Reader) -> Plane | None:
    """Return how vectors are placed on the map."""
    rows = reader.query("SELECT vectors, content FROM plane")
    return Plane.from_bytes(*rows[0]) if rows else None


def points(reader: Reader) -> list[Point]:
    """Return every entry as a point, in order of the notes."""
    rows = reader.query(
        "SELECT m.entry, m.x, m.y, n.path, e.headings, e.first_line FROM map m"
        " JOIN entries e ON e.id = m.entry JOIN notes n ON n.id = e.note"
        " ORDER BY n.path, e.position"
    )
    return [
        Point(entry, x, y, note, tuple(json.loads(headings)), line)
        for entry, x, y, note, headings, line in rows
    ]
