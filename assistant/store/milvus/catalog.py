"""What the spaces of an index hold, read without asking them a question."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from assistant.records import (
    Entry,
    EntryHead,
    EntryStart,
    NoteFile,
    Remark,
    StoredEntry,
    StoredNote,
)
from assistant.store.catalog import named
from assistant.store.milvus import collections, records, rows
from assistant.store.milvus.records import HeldEntry, HeldNote
from assistant.store.milvus.rows import alive, all_of, one_of
from assistant.store.milvus.server import Row, Server

MOST_ENTRIES = 20_000
"""Entries that are held in memory, without their texts."""

_ENTRY = ("id", "number", "label", "content", "born", "died", "space")


class MilvusCatalog:
    """The notes and entries of some spaces, each in one generation."""

    server: Server
    generations: dict[str, int]

    def __init__(self) -> None:
        self._notes: dict[int, HeldNote] = {}
        self._has_all_notes = False
        self._entries: dict[int, HeldEntry] = {}

    def forget(self) -> None:
        """Hold nothing in memory of what was before a change."""
        self._notes.clear()
        self._entries.clear()
        self._has_all_notes = False

    def notes(self, rows: Iterable[int] | None = None) -> list[StoredNote]:
        """Return the notes with these numbers, or all, in order of path."""
        held = self._all_notes() if rows is None else self.held_notes(rows)
        return sorted(
            (note.stored for note in held.values()),
            key=lambda note: (note.path, str(note.file.root), note.row),
        )

    def notes_called(self, name: str) -> list[StoredNote]:
        """Return the notes whose path is a name, or ends with it after a slash, in order of path.

        Args:
            name: A path in the index, or its last steps.
        """
        return [note for note in self.notes() if f"/{note.path}".endswith(f"/{name}")]

    def notes_named(self, name: str) -> list[StoredNote]:
        """Return the notes whose title or other name is a name, in any case, in order of path."""
        return named(self.notes(), name)

    def note_at(self, file: Path) -> StoredNote | None:
        """Return the note that a file is, given by its absolute path; None when it is none."""
        return next((note for note in self.notes() if note.file.absolute == file), None)

    def date_counts(self) -> dict[str, int]:
        """Return how many notes have their date from where, see ``DateFrom``."""
        return dict(sorted(Counter(note.date_from for note in self.notes()).items()))

    def remarks(self) -> list[tuple[str, Remark]]:
        """Return what is odd about how notes were read, each with the note's path, in order."""
        return [(note.path, remark) for note in self.notes() for remark in note.remarks]

    def languages(self) -> dict[int, str]:
        """Return the language of each note, by its number; empty where nothing tells it."""
        return {row: note.language or "" for row, note in self._all_notes().items()}

    def entry_counts(self) -> dict[int, int]:
        """Return how many entries each note has, by its number; those without are left out."""
        return {row: len(note.parts) for row, note in self._all_notes().items() if note.parts}

    def entries(self, notes: Iterable[int] | None = None) -> list[EntryHead]:
        """Return the entries of notes, given by their numbers, or all, in order of the notes."""
        held = self._all_notes() if notes is None else self.held_notes(notes)
        entries = self._all_entries() if notes is None else self.held_entries(_parts(held.values()))
        return [head for note in self.notes(held) for head in _heads(held[note.row], entries)]

    def headings(self, entries: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return the heading paths of entries, by number."""
        return {row: entry.headings for row, entry in self.held_entries(entries).items()}

    def starts(self, entries: Iterable[int]) -> dict[int, EntryStart]:
        """Return how entries begin, by number."""
        found = {}
        for row, entry in self.held_entries(entries).items():
            start = entry.start
            if entry.length - entry.body > records.START:
                start = start[: start.rfind("\n") + 1]
            # Of long entries the sum is over their beginning; their lengths tell them apart.
            same = zlib.crc32(entry.start.encode("utf-8", "surrogatepass"))
            found[row] = EntryStart(records.heading_key(entry), start, (same, entry.length))
        return found

    def beginnings(self, entries: Iterable[int], most: int) -> dict[int, tuple[str, str]]:
        """Return what stands above entries, and as many characters of their text, by number.

        No more than ``records.START``.
        """
        held = self.held_entries(entries)
        return {row: (" ".join(one.headings), one.start[:most]) for row, one in held.items()}

    def headings_of(self, files: Iterable[NoteFile]) -> Counter[str]:
        """Return in how many of some notes each heading stands; see ``Entry.heading_key``."""
        wanted = {(str(file.root), file.path) for file in files}
        notes = [note for note in self._all_notes().values() if _place(note) in wanted]
        entries = self.held_entries(_parts(notes))
        each = (
            {records.heading_key(entries[part.entry]) for part in note.parts} - {""}
            for note in notes
        )
        return Counter(key for keys in each for key in keys)

    def notes_with(self, headings: Iterable[str]) -> Counter[str]:
        """Return how many notes have each of some headings."""
        return Counter({key: len(notes) for key, notes in self._with(headings).items()})

    def holders(self, headings: Iterable[str]) -> set[NoteFile]:
        """Return the notes that have any of some headings."""
        found = {note for notes in self._with(headings).values() for note in notes}
        return {note.file for note in self.notes(found)}

    def _with(self, headings: Iterable[str]) -> dict[str, set[int]]:
        """Return the notes that have each of some headings."""
        wanted = {heading: rows.key_of(heading) for heading in headings}
        found: dict[str, set[int]] = {}
        for some in rows.batches(sorted({*wanted.values()}), 500):
            condition = all_of(self._alive, 'kind == "entry"', one_of("key", some))
            for row in self.server.query(self._part("entries"), condition, _ENTRY):
                with self.server.reading():
                    entry = self._entry_of(row)
                    key = records.heading_key(entry)
                if key in wanted:
                    found.setdefault(key, set()).add(entry.note)
        return found

    def neighbours(self, entry: int, before: int = 1, after: int = 1) -> list[EntryHead]:
        """Return an entry with those around it in its note, in order.

        Args:
            entry: Its number.
            before: Entries in front of it at most.
            after: Entries behind it at most; -1 for all.
        """
        note, position = self.place_of(entry)
        end = len(note.parts) if after < 0 else position + after + 1
        start = max(0, position - before)
        entries = self.held_entries(part.entry for part in note.parts[start:end])
        return _heads(note, entries, start, end)

    def entry(self, row: int) -> StoredEntry:
        """Return one entry with its note and its chunks."""
        return self.whole_entries([row])[0]

    def whole_entries(self, wanted: Sequence[int]) -> list[StoredEntry]:
        """Return entries with their texts, in order."""
        held = self.held_entries(wanted)
        texts = self._texts([self._must(held, row) for row in dict.fromkeys(wanted)])
        found = []
        for row in wanted:
            note, position = self.place_of(row)
            entry = held[row]
            text = texts[row]
            with self.server.reading():
                if len(text) != entry.length:
                    raise ValueError("a text has the wrong length")
            line = note.parts[position].line
            told = Entry(entry.headings, line, text, entry.body, entry.blocks)
            found.append(StoredEntry(row, note.stored.file, told, entry.chunks))
        return found

    def chunks_of(self, notes: Iterable[int]) -> list[int]:
        """Return the numbers of all chunks of notes, ascending."""
        entries = self.held_entries(_parts(self.held_notes(notes).values()))
        return sorted(chunk for entry in entries.values() for chunk, _ in entry.chunks)

    def chunks_of_days(self, days: Iterable[date], most: int) -> list[int]:
        """Return the first chunks of notes that say which of some days they are of, ascending."""
        wanted = {day.isoformat() for day in days}
        condition = all_of(
            one_of("space", self.generations), 'kind == "note"', one_of("label", sorted(wanted))
        )
        found = [
            int(row["id"]) for row in self.server.query(self._part("notes"), condition, ["id"])
        ]
        of_days = [
            row
            for row, note in self.held_notes(found).items()
            if note.stored.date_from != "file" and note.stored.date in wanted
        ]
        return self.chunks_of(of_days)[:most]

    def chunk_texts(self, notes: Iterable[int]) -> Iterator[tuple[int, str]]:
        """Yield the chunks of notes, ascending, each with its text."""
        entries = _parts(self.held_notes(notes).values())
        texts = {
            row: stored.entry.text[chunk.start : chunk.end]
            for some in rows.batches(entries, 200)
            for stored in self.whole_entries(some)
            for row, chunk in stored.chunks
        }
        yield from sorted(texts.items())

    def chunks_of_entries(self, entries: Iterable[int]) -> list[tuple[int, int]]:
        """Return the chunks of entries with the entry of each, in order of the entries."""
        held = self.held_entries(entries)
        return [(chunk, row) for row in sorted(held) for chunk, _ in held[row].chunks]

    def place_of(self, entry: int) -> tuple[HeldNote, int]:
        """Return the note of an entry, and the entry's position in it."""
        held = self._must(self.held_entries([entry]), entry)
        note = self.held_notes([held.note]).get(held.note)
        parts = [part.entry for part in note.parts] if note else []
        if note is None or entry not in parts:
            raise self.server.damaged("an entry is in no note")
        return note, parts.index(entry)

    def held_notes(self, wanted: Iterable[int]) -> dict[int, HeldNote]:
        """Return those of some notes that are there, by number."""
        asked = [*dict.fromkeys(map(int, wanted))]
        unknown = [] if self._has_all_notes else [row for row in asked if row not in self._notes]
        for row in self.server.get(
            self._part("notes"), unknown, ["id", "space", "content", "died"]
        ):
            self._hold_note(row)
        return {row: self._notes[row] for row in asked if row in self._notes}

    def held_entries(self, wanted: Iterable[int]) -> dict[int, HeldEntry]:
        """Return those of some entries that are there, by number."""
        asked = [*dict.fromkeys(map(int, wanted))]
        unknown = [row for row in asked if row not in self._entries]
        if len(self._entries) + len(unknown) > MOST_ENTRIES:
            self._entries.clear()
            unknown = asked
        for row in self.server.get(self._part("entries"), unknown, _ENTRY):
            with self.server.reading():
                entry = self._entry_of(row)
            self._entries[entry.row] = entry
        return {row: self._entries[row] for row in asked if row in self._entries}

    def _all_notes(self) -> Mapping[int, HeldNote]:
        if not self._has_all_notes:
            condition = all_of(one_of("space", self.generations), 'kind == "note"')
            fields = ["id", "space", "content", "died"]
            for row in self.server.query(self._part("notes"), condition, fields):
                self._hold_note(row)
            self._has_all_notes = True
        return self._notes

    def _all_entries(self) -> dict[int, HeldEntry]:
        condition = all_of(self._alive, 'kind == "entry"')
        found = {}
        for row in self.server.query(self._part("entries"), condition, _ENTRY):
            with self.server.reading():
                entry = self._entry_of(row)
            found[entry.row] = entry
        return found

    def _hold_note(self, row: Row) -> None:
        """Hold a note as its generation has it, if it is there in that."""
        with self.server.reading():
            generation = self.generations.get(str(row["space"]), -1)
            if generation >= int(row["died"]):
                return
            value = rows.at(json.loads(rows.joined([row["content"]])), generation)
            if value is None:
                return
            number = int(row["id"])
            self._notes[number] = records.note_of(number, str(row["space"]), self.whole(value))

    def whole(self, value: Any) -> Any:  # noqa: ANN401 # JSON
        """Return a version of a note, whose pieces lie elsewhere if it is long."""
        if "pieces" not in value:
            return value
        numbers = [int(number) for number in value["pieces"]]
        found = {
            int(row["id"]): row["text"]
            for row in self.server.get(self._part("notes"), numbers, ["id", "text"])
        }
        return json.loads(rows.joined([found[number] for number in numbers]))

    def _entry_of(self, row: Row) -> HeldEntry:
        pieces = int(row["label"])
        content = [row["content"]]
        if pieces > 1:
            content += self._pieces(int(row["id"]), "content", pieces)
        return records.entry_of(row, rows.joined(content))

    def _texts(self, entries: Sequence[HeldEntry]) -> dict[int, str]:
        """Return the texts of entries, by number."""
        numbers = [entry.row for entry in entries]
        first = {
            int(row["id"]): row["text"]
            for row in self.server.get(self._part("entries"), numbers, ["id", "text"])
        }
        with self.server.reading():
            return {
                entry.row: rows.joined(
                    [first[entry.row], *self._pieces(entry.row, "text", entry.pieces)]
                )
                for entry in entries
            }

    def _pieces(self, of: int, what: str, count: int) -> list[str]:
        """Return the further pieces of a long text, in order."""
        numbers = [records.piece_number(of, what, at) for at in range(1, count)]
        found = {
            int(row["id"]): row["text"]
            for row in self.server.get(self._part("entries"), numbers, ["id", "text"])
        }
        return [found[number] for number in numbers]

    def _must(self, held: Mapping[int, HeldEntry], row: int) -> HeldEntry:
        if row not in held:
            raise self.server.damaged("a passage that was found is missing")
        return held[row]

    def _part(self, part: str) -> str:
        return collections.name(self.server.address.name, part)

    @property
    def _alive(self) -> str:
        return alive(self.generations)


def _parts(notes: Iterable[HeldNote]) -> list[int]:
    return [part.entry for note in notes for part in note.parts]


def _place(note: HeldNote) -> tuple[str, str]:
    return str(note.stored.file.root), note.stored.file.path


def _heads(
    note: HeldNote, entries: Mapping[int, HeldEntry], start: int = 0, end: int | None = None
) -> list[EntryHead]:
    """Return the entries of a note that are there, in order."""
    return [
        records.head(entries[part.entry], position, part.line)
        for position, part in [*enumerate(note.parts)][start:end]
        if part.entry in entries
    ]
