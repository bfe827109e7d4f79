"""What an index holds, read without asking it a question: notes, entries, chunks, the map."""

from __future__ import annotations

import json
import unicodedata
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from assistant.records import EntryHead, EntryStart, NoteFile, Remark, StoredNote

_NOTE = (
    "n.id, n.root, n.path, n.size, n.modified_ns, n.name, n.state, n.digest, n.title, n.tags,"
    " n.date, n.about, n.date_from, n.aliases, n.remarks, n.names"
)
_HEAD = "e.id, e.note, e.position, e.headings, e.first_line, length(e.text), e.body"
_ENTRIES = f"SELECT {_HEAD} FROM entries e JOIN notes n ON n.id = e.note"
_IN_ORDER = "ORDER BY n.path, n.root, e.position"
_START = 4_000
"""Characters of an entry's body that tell what kind of entry it is."""

_AMONG = "IN (SELECT value FROM json_each(?))"


class Catalog(ABC):
    """The tables of an index, as those read them who look for no passage."""

    @abstractmethod
    def query(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[Any]:
        """Return the rows of a query."""

    def notes(self, rows: Iterable[int] | None = None) -> list[StoredNote]:
        """Return the notes with these rows, or all, in order of path."""
        sql = f"SELECT {_NOTE} FROM notes n"
        if rows is None:
            return self._notes(f"{sql} ORDER BY n.path, n.root")
        return self._notes(f"{sql} WHERE n.id {_AMONG} ORDER BY n.path, n.root", _json(rows))

    def notes_called(self, name: str) -> list[StoredNote]:
        """Return the notes whose path is a name, or ends with it after a slash, in order of path.

        Args:
            name: A path in the index, or its last steps.
        """
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:  # no path of a note, which SQLite could not be given either
            return []
        return self._notes(
            f"SELECT {_NOTE} FROM notes n"
            " WHERE n.path = ?1 OR substr(n.path, -length(?1) - 1) = '/' || ?1"
            " ORDER BY n.path, n.root",
            name,
        )

    def notes_named(self, name: str) -> list[StoredNote]:
        """Return the notes whose title or other name is a name, in any case, in order of path."""
        return named(self.notes(), name)

    def note_at(self, file: Path) -> StoredNote | None:
        """Return the note that a file is, given by its absolute path; None when it is none."""
        called = self.notes_called(file.name)
        return next((note for note in called if note.file.absolute == file), None)

    def date_counts(self) -> dict[str, int]:
        """Return how many notes have their date from where, see ``DateFrom``."""
        return dict(
            self.query("SELECT date_from, count(*) FROM notes GROUP BY date_from ORDER BY 1")
        )

    def remarks(self) -> list[tuple[str, Remark]]:
        """Return what is odd about how notes were read, each with the note's path, in order."""
        rows = self.query(
            "SELECT path, remarks FROM notes WHERE remarks != '[]' ORDER BY path, root"
        )
        return [
            (path, Remark(line, words)) for path, told in rows for line, words in json.loads(told)
        ]

    def entry_counts(self) -> dict[int, int]:
        """Return how many entries each note has, by its row; those without are left out."""
        return dict(self.query("SELECT note, count(*) FROM entries GROUP BY note"))

    def entries(self, notes: Iterable[int] | None = None) -> list[EntryHead]:
        """Return the entries of notes, given by their rows, or all, in the order of the notes."""
        if notes is None:
            return _heads(self.query(f"{_ENTRIES} {_IN_ORDER}"))
        return _heads(self.query(f"{_ENTRIES} WHERE n.id {_AMONG} {_IN_ORDER}", (_json(notes),)))

    def headings(self, entries: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return the heading paths of entries, by row."""
        rows = self.query(f"SELECT id, headings FROM entries WHERE id {_AMONG}", (_json(entries),))
        return {row: tuple(json.loads(headings)) for row, headings in rows}

    def starts(self, entries: Iterable[int]) -> dict[int, EntryStart]:
        """Return how entries begin, by row."""
        rows = self.query(
            f"SELECT id, heading, substr(text, body + 1, {_START}), length(text) - body,"
            f" text_checksum, length(text) FROM entries WHERE id {_AMONG}",
            (_json(entries),),
        )
        return {
            row: EntryStart(
                heading, body[: body.rfind("\n") + 1] if size > _START else body, (checksum, length)
            )
            for row, heading, body, size, checksum, length in rows
        }

    def headings_of(self, files: Iterable[NoteFile]) -> Counter[str]:
        """Return in how many of some notes each heading stands; see ``Entry.heading_key``."""
        rows = self.query(
            "SELECT e.heading, count(DISTINCT e.note) FROM json_each(?) f"
            " JOIN notes n ON n.root = json_extract(f.value, '$[0]')"
            " AND n.path = json_extract(f.value, '$[1]')"
            " JOIN entries e ON e.note = n.id WHERE e.heading <> '' GROUP BY e.heading",
            (json.dumps([[str(file.root), file.path] for file in files]),),
        )
        return Counter(dict(rows))

    def notes_with(self, headings: Iterable[str]) -> Counter[str]:
        """Return how many notes have each of some headings."""
        rows = self.query(
            "SELECT heading, count(DISTINCT note) FROM entries"
            " WHERE heading IN (SELECT value FROM json_each(?)) GROUP BY heading",
            (json.dumps(list(headings)),),
        )
        return Counter(dict(rows))

    def holders(self, headings: Iterable[str]) -> set[NoteFile]:
        """Return the notes that have any of some headings."""
        rows = self.query(
            "SELECT DISTINCT note FROM entries WHERE heading IN (SELECT value FROM json_each(?))",
            (json.dumps(list(headings)),),
        )
        return {note.file for note in self.notes([row for (row,) in rows])}

    def neighbours(self, entry: int, before: int = 1, after: int = 1) -> list[EntryHead]:
        """Return an entry with those around it in its note, in order.

        Args:
            entry: Its row.
            before: Entries in front of it at most.
            after: Entries behind it at most; -1 for all.
        """
        return _heads(
            self.query(
                f"SELECT {_HEAD} FROM entries a JOIN entries e ON e.note = a.note"
                " AND e.position >= a.position - ?2"
                " AND (?3 < 0 OR e.position <= a.position + ?3)"
                " WHERE a.id = ?1 ORDER BY e.position",
                (entry, before, after),
            )
        )

    def entry_of_chunks(self, since: int = 0) -> dict[int, int]:
        """Return the entry of each chunk above row ``since``."""
        return dict(self.query("SELECT id, entry FROM chunks WHERE id > ?", (since,)))

    def chunks_of(self, notes: Iterable[int]) -> list[int]:
        """Return the rows of all chunks of notes, ascending."""
        rows = self.query(
            "SELECT c.id FROM chunks c JOIN entries e ON e.id = c.entry"
            f" WHERE e.note {_AMONG} ORDER BY c.id",
            (_json(notes),),
        )
        return [row for (row,) in rows]

    def chunks_of_days(self, days: Iterable[date], most: int) -> list[int]:
        """Return the first chunks of notes that say which of some days they are of, ascending."""
        wanted = json.dumps([day.isoformat() for day in days])
        rows = self.query(
            "SELECT c.id FROM notes n"
            " JOIN entries e ON e.note = n.id JOIN chunks c ON c.entry = e.id"
            f" WHERE n.date_from != 'file' AND n.date {_AMONG} ORDER BY c.id LIMIT ?",
            (wanted, most),
        )
        return [row for (row,) in rows]

    def chunk_texts(self, notes: Iterable[int]) -> Iterator[tuple[int, str]]:
        """Yield the chunks of notes, ascending, each with its text."""
        yield from self.query(
            "SELECT c.id, substr(e.text, c.start + 1, c.end - c.start)"
            " FROM chunks c JOIN entries e ON e.id = c.entry"
            f" WHERE e.note {_AMONG} ORDER BY c.id",
            (_json(notes),),
        )

    def chunks_of_entries(self, entries: Iterable[int]) -> list[tuple[int, int]]:
        """Return the chunks of entries with the entry of each, in order of the entries."""
        return self.query(
            f"SELECT id, entry FROM chunks WHERE entry {_AMONG} ORDER BY entry, start",
            (_json(entries),),
        )

    def plane(self) -> tuple[int, bytes] | None:
        """Return of how many entries the map was made, and how; None where there is none."""
        rows = self.query("SELECT vectors, content FROM plane")
        return rows[0] if rows else None

    def beginnings(self, entries: Iterable[int], most: int) -> dict[int, tuple[str, str]]:
        """Return what stands above entries, and as many characters of their text, by row."""
        rows = self.query(
            f"SELECT id, headings, substr(text, body + 1, ?) FROM entries WHERE id {_AMONG}",
            (most, _json(entries)),
        )
        return {row: (" ".join(json.loads(headings)), text) for row, headings, text in rows}

    def points(self) -> dict[int, tuple[float, float]]:
        """Return where entries lie on the map, by row."""
        return {entry: (x, y) for entry, x, y in self.query("SELECT entry, x, y FROM map")}

    def _notes(self, sql: str, *parameters: str) -> list[StoredNote]:
        return [_note(*row) for row in self.query(sql, parameters)]


def _note(row: int, *fields: Any) -> StoredNote:  # noqa: ANN401 # as SQLite gives them
    root, *file, digest, title, tags, date, about, date_from, aliases, remarks, names = fields
    return StoredNote(
        row,
        NoteFile(Path(root), *file),
        digest,
        title,
        tuple(json.loads(tags)),
        date,
        about,
        date_from,
        tuple(json.loads(aliases)),
        tuple(Remark(line, words) for line, words in json.loads(remarks)),
        tuple(json.loads(names)),
    )


def named(notes: Iterable[StoredNote], name: str) -> list[StoredNote]:
    """Return those of some notes whose title or other name is a name, in any case."""
    wanted = _folded(name)
    return [
        note for note in notes if wanted and wanted in map(_folded, (note.title, *note.aliases))
    ]


def _folded(name: str) -> str:
    """Return a name as names are compared; an address of a page has slashes around it."""
    return unicodedata.normalize("NFC", name).casefold().strip("/ ")


def _heads(rows: Iterable[tuple[Any, ...]]) -> list[EntryHead]:
    return [
        EntryHead(row, note, position, tuple(json.loads(headings)), line, length, body)
        for row, note, position, headings, line, length, body in rows
    ]


def _json(rows: Iterable[int]) -> str:
    return json.dumps(list(rows))
