"""What a build does to the notes of a space, and to their entries."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.embedding import centroid
from assistant.records import Chunk, Entry, Note, NoteFile
from assistant.store.milvus import collections, records, rows
from assistant.store.milvus.records import Part
from assistant.store.milvus.searches import Details
from assistant.store.milvus.server import Row
from assistant.store.milvus.snapshot import MilvusSnapshot
from assistant.store.milvus.writing import sweeping
from assistant.store.update import NewChunk

NOTES_AT_ONCE = 200

LONG_NOTE = 12_000
"""Characters of a version of a note, from which on it lies in rows of its own."""


@dataclass
class Pending:
    """What a generation has come to so far."""

    notes: dict[int, Row] = field(default_factory=dict)
    """Rows to write, by number."""
    values: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Their versions of this generation."""
    added: list[tuple[int, NewChunk]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    details: dict[int, Details] = field(default_factory=dict)
    stale: list[int] = field(default_factory=list)
    """Rows with pieces of versions of notes that nobody reads any more."""


class NotesUpdate(MilvusSnapshot, ABC):
    """The notes of a space as the one who builds it changes them."""

    space: str
    _pending: Pending

    @property
    @abstractmethod
    def generation(self) -> int:
        """The generation that this build makes."""

    def entry_digests(self, root: Path, path: str) -> list[str]:
        """Return the digests of a note's entries in order; empty for an unknown note."""
        number = records.note_number(self.space, root, path)
        note = self.held_notes([number]).get(number)
        return [part.digest for part in note.parts] if note else []

    def read(self, file: NoteFile) -> tuple[Note, list[Entry]]:
        """Return a note as the index has it, without its text, and its entries."""
        number = records.note_number(self.space, file.root, file.path)
        note = self.held_notes([number])[number]
        stored = self.whole_entries([part.entry for part in note.parts])
        return records.as_note(note), [entry.entry for entry in stored]

    def put_note(
        self,
        note: Note,
        entries: Sequence[tuple[str, Entry]],
        chunks: Mapping[str, Sequence[NewChunk]],
    ) -> None:
        """Write a note as it is now; entries that it had before keep their numbers.

        Args:
            note: The note.
            entries: Its entries in order, each behind its digest.
            chunks: The chunks of the entries that it did not have before, by digest.
        """
        number = records.note_number(self.space, note.file.root, note.file.path)
        old = self.held_notes([number]).get(number)
        kept: defaultdict[str, list[int]] = defaultdict(list)
        for part in reversed(old.parts if old else ()):
            kept[part.digest].append(part.entry)
        met: Counter[str] = Counter()
        parts, new = [], []
        for digest, entry in entries:
            if kept[digest]:
                row = kept[digest].pop()
            else:
                met[digest] += 1
                row = rows.number_of("entry", number, digest, met[digest], self.generation)
                new += self._entry_rows(row, number, entry, chunks[digest])
            parts.append(Part(row, entry.first_line, digest))
        self.server.upsert(self._part("entries"), new)
        self._remove_entries([entry for left in kept.values() for entry in left])
        self._pending.values[number] = records.note_value(note, parts)

    def _entry_rows(
        self, row: int, note: int, entry: Entry, chunks: Sequence[NewChunk]
    ) -> list[Row]:
        numbered: list[tuple[int, Chunk]] = []
        for new in chunks:
            number = rows.number_of("chunk", row, new.chunk.start, new.digest)
            numbered.append((number, new.chunk))
            self._pending.added.append((number, new))
            self._pending.details[number] = Details(
                note,
                row,
                new.chunk.start,
                new.chunk.end,
                is_head=new.chunk.end <= entry.body,
                digest=new.digest,
            )
        return records.entry_rows(row, self.space, note, entry, numbered, self.generation)

    def _remove_entries(self, entries: Sequence[int]) -> None:
        """Let entries die, with their chunks."""
        held = self.held_entries(entries)
        self._pending.gone += [chunk for entry in held.values() for chunk, _ in entry.chunks]
        sweeping.let_die(self.server, self._part("entries"), [*held], self.generation)

    def put_note_row(self, note: Note) -> None:
        """Write what is known of a note itself, whose entries are as they were."""
        number = records.note_number(self.space, note.file.root, note.file.path)
        self._pending.values[number] = records.with_note(self._value(number), note)

    def _value(self, number: int) -> dict[str, Any]:
        """Return what is said of a note, as it is to be written."""
        if number in self._pending.values:
            return self._pending.values[number]
        held = self.held_notes([number])[number]
        return records.note_value(records.as_note(held), held.parts, held.centroid, held.language)

    def unknown_languages(self) -> list[int]:
        """Return the notes whose language nobody has looked for, or that changed since."""
        notes = self._all_notes()
        return sorted(row for row, note in notes.items() if note.language is None)

    def put_language(self, note: int, language: str) -> None:
        """Write the language of a note."""
        self._pending.values[note] = {**self._value(note), "language": language}
        self._notes[note] = replace(self._notes[note], language=language)

    def remove_note(self, root: Path, path: str) -> None:
        """Delete a note."""
        number = records.note_number(self.space, root, path)
        note = self.held_notes([number]).get(number)
        if note:
            self._remove_entries([part.entry for part in note.parts])
            self._bury([number])

    def _bury(self, notes: Sequence[int]) -> None:
        """Let notes be no more from this generation on."""
        for some in rows.batches(notes, NOTES_AT_ONCE):
            found = self.server.get(self._part("notes"), some, collections.RECORD_FIELDS)
            with self.server.reading():
                buried = [
                    {
                        **row,
                        "born": self.generation,
                        "died": self.generation,
                        "label": "",
                        "nothing": collections.NOTHING,
                        "content": _versions(row, None, self.generation)[0],
                    }
                    for row in found
                ]
            self.server.upsert(self._part("notes"), buried)
            for number in some:
                self._notes.pop(number, None)

    def put_centroids(self) -> None:
        """Compute the centroids of the notes that have none, from their chunks in order."""
        lacking = [row for row, value in self._pending.values.items() if not value["centroid"]]
        for some in rows.batches(lacking, NOTES_AT_ONCE):
            parts = {row: [part[0] for part in self._pending.values[row]["parts"]] for row in some}
            entries = self.held_entries(entry for each in parts.values() for entry in each)
            for row, each in parts.items():
                chunks = [chunk for entry in each for chunk, _ in entries[entry].chunks]
                vectors = self.vectors(chunks)
                if vectors:  # else an empty note
                    whole = centroid(np.stack([vectors[chunk] for chunk in chunks]))
                    self._pending.values[row]["centroid"] = rows.to_text(whole)
        self._write_notes(self.generation)

    def _write_notes(self, generation: int) -> None:
        """Write the versions of notes of a generation, the one to come or the last."""
        values, self._pending.values = self._pending.values, {}
        for numbers in rows.batches(values, NOTES_AT_ONCE):
            found = self.server.get(self._part("notes"), numbers, ["id", "content"])
            known = {int(row["id"]): row for row in found}
            with self.server.reading():
                written = [
                    row
                    for number in numbers
                    for row in self._note_rows(
                        number, values[number], known.get(number), generation
                    )
                ]
            self.server.upsert(self._part("notes"), written)
        for number in values:
            self._notes.pop(number, None)
        self._has_all_notes = self._has_all_notes and not values

    def _note_rows(
        self, number: int, value: dict[str, Any], before: Row | None, generation: int
    ) -> Iterator[Row]:
        """Yield the rows of a note: further pieces before the note itself."""
        stored: dict[str, Any] = value
        text = json.dumps(value)
        if len(text) > LONG_NOTE:
            pieces = rows.pieces_of(text)
            digest = hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
            stored = {"pieces": []}
            for at, piece in enumerate(pieces):
                place = records.piece_number(number, digest, at)
                stored["pieces"].append(place)
                yield records.record(
                    place, self.space, "piece", born=generation, of=number, text=piece
                )
        has_day = value["date_from"] != "file"
        content, stale = _versions(before, stored, generation)
        self._pending.stale += stale
        yield records.record(
            number,
            self.space,
            "note",
            born=generation,
            key=value["file"][1],
            label=value["date"] if has_day else "",
            content=content,
        )


def _versions(row: Row | None, value: object, generation: int) -> tuple[str, list[int]]:
    """Return the versions of a note with a new one, and the rows that this makes stale."""
    before: rows.Versions = json.loads(rows.joined([row["content"]])) if row else []
    after = rows.with_version(before, generation, value)
    stale = {*_pieces_of(before)} - {*_pieces_of(after)}
    return rows.pieces_of(json.dumps(after))[0], sorted(stale)


def _pieces_of(versions: rows.Versions) -> Iterator[int]:
    """Yield the rows that hold versions of a long note."""
    for _, value in versions:
        yield from map(int, (value or {}).get("pieces", ()))
