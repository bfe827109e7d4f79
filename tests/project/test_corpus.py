"""Notes as people and programs write them: folders, each with a table of what must be read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from assistant import notes
from assistant.language import analyzer
from assistant.markdown import plain_text, split_entries
from assistant.records import Entry, Note

CORPUS = Path(__file__).parents[1] / "corpus"
TABLES = sorted(CORPUS.glob("*/table.toml"))
"""For each note what must be read of it; what a table leaves out is not looked at.

title, tags   Of the note
entries       Heading paths, joined by ``>``; empty for what stands before the first heading
found         Words that must be found, all those of a string
not_found     Words none of which may be
"""


def rows() -> list[object]:
    """Return the rows of all tables, each named by its folder and note."""
    return [
        pytest.param(table.parent, note, row, id=f"{table.parent.name}: {note}")
        for table in TABLES
        for note, row in tomllib.loads(table.read_text("utf-8")).items()
    ]


def read(folder: Path, name: str) -> tuple[Note, list[Entry]]:
    """Return a note of a folder as a build reads it."""
    files, _ = notes.walk([folder])
    (file,) = [file for file in files if file.path == name]
    note = notes.read(file)
    assert isinstance(note, Note)
    entries = split_entries(note.text, note.body_start)
    return note, plain_text.with_plain_headings(entries)


def words(entries: list[Entry]) -> set[str]:
    """Return the terms that are searched for in a note."""
    found: set[str] = set()
    for entry in entries:
        body = plain_text.plain(entry.text, entry.body)
        found.update(analyzer.terms("\n".join((*entry.headings, body))))
    return found


@pytest.mark.parametrize(("folder", "name", "row"), rows())
def test_notes_are_read_as_their_tables_say(
    folder: Path, name: str, row: dict[str, list[str]]
) -> None:
    """A note has the title, tags, entries and words that its reader sees, and no others."""
    note, entries = read(folder, name)
    tags = [*note.tags, *(tag for entry in entries for tag in plain_text.inline_tags(entry.text))]
    seen = {
        "title": note.title,
        "tags": list(dict.fromkeys(tags)),
        "entries": [" > ".join(entry.headings) for entry in entries],
    }
    known = words(entries)
    missing = [w for part in row.pop("found") for w in analyzer.terms(part) if w not in known]
    extra = [w for w in row.pop("not_found") if known & {*analyzer.terms(w)}]

    assert {column: seen[column] for column in row} == row
    assert missing == []
    assert extra == []


def test_every_note_stands_in_a_table() -> None:
    """Each note of the corpus is in the table of its folder, and each folder has one."""
    assert {table.parent for table in TABLES} == set(CORPUS.iterdir())
    for table in TABLES:
        files, skipped = notes.walk([table.parent])
        assert not skipped
        assert {file.path for file in files} == {*tomllib.loads(table.read_text("utf-8"))}
