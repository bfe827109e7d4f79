"""What a build does to a space, one generation after the other.

Everything is written under the generation to come, which no reader sees, until the manifest moves
in one upsert. What a build leaves that was stopped is taken away by the next; what the model made
of texts stays, so that no text is embedded twice.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.embedding import Vectors, centroid
from assistant.engine_address import EngineAddress
from assistant.errors import IndexBusyError
from assistant.records import Chunk, Entry, Note, NoteFile
from assistant.store import provenance
from assistant.store.engine import BATCH, Engine, IndexedChunk
from assistant.store.manifest import MILVUS, Manifest
from assistant.store.milvus import collections, records, repair, rows, spaces
from assistant.store.milvus.engine import Details, MilvusEngine
from assistant.store.milvus.keeper import Keeper, keep
from assistant.store.milvus.records import Part
from assistant.store.milvus.rows import one_of
from assistant.store.milvus.server import Row, Server
from assistant.store.milvus.snapshot import MilvusSnapshot
from assistant.store.milvus.spaces import SpaceLock
from assistant.store.texts import EmbeddedText, Keep
from assistant.store.update import NewChunk

SETTLED_FROM = 200
"""Chunks of a generation from which on it waits for the graph of vectors. Fewer are found without;
a server stores what it was given on its own, and lets nobody ask for it often."""

NOTES_AT_ONCE = 200

LONG_NOTE = 12_000
"""Characters of a version of a note, from which on it lies in rows of its own."""


@dataclass
class _Pending:
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


class MilvusUpdate(MilvusSnapshot):
    """A space as the one who builds it changes it."""

    is_beside = True
    """Whether no reader sees what is written until all is: it is never words first."""

    def __init__(self, address: EngineAddress, lock: SpaceLock) -> None:
        """Open a space for writing, there or not.

        Args:
            address: Names the space.
            lock: Held by who builds.

        Raises:
            IndexUnusableError: The server does not answer.
        """
        super(MilvusSnapshot, self).__init__()
        self.space = address.space
        self.folder = address.of_space(self.space)
        self._lock = lock
        self.server = Server(self.folder)
        self.is_holding = True
        self.previous: Manifest | None = None
        self._told: Manifest | None = None
        self._pending = _Pending()
        self.server.is_there = collections.exist(self.server)
        if self.server.is_there:
            collections.open_all(self.server)
            self.previous = spaces.manifests(self.server).get(self.space)
        self._follow()

    def _follow(self) -> None:
        """See what is to be the next generation."""
        self.generations = {self.space: self.generation}
        self._engine = MilvusEngine(self.server, self.space, self.generation)
        self.__dict__.pop("_searches", None)
        self.forget()

    @property
    def generation(self) -> int:
        """The generation that this build makes."""
        return (self.previous.generation if self.previous else 0) + 1

    @property
    def engine(self) -> Engine:
        """What searches the chunks, and shows those of a new generation once ``index`` returns."""
        return self._engine

    @property
    def _searches(self) -> MilvusEngine:
        return self._engine

    def claim(self, *, full: bool) -> None:
        """Refuse to write over what another user built.

        Args:
            full: Whether the user said to write it anew, which is meant.

        Raises:
            IndexBusyError: It is another user's.
        """
        old = self.previous
        if full or old is None or not old.mark:
            return
        if not provenance.is_marked(self.folder, old.sources, old.mark):
            raise IndexBusyError(
                f"{self.folder} was built by another user, or on another machine",
                f"build into a space of your own, such as {self.folder.of_space('mine')};"
                " `assistant build --full` takes this one over",
            )

    def _make(self, dimensions: int) -> None:
        """Make what is not there, and take the place of the one who builds."""
        if not self.server.is_there:
            collections.make_all(self.server, dimensions)
            self.server.is_there = True
        self._lock.claim()

    def tidy(self) -> None:
        """Take away what a build left that was stopped before it committed."""
        if spaces.pending(self.server, self.space):
            repair.undo(self.server, self.space, self.generation - 1)
            spaces.put_pending(self.server, self.space, 0)
            self._follow()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of what the block does, and move the manifest at the end if it says so."""
        yield
        self._write_notes()
        self._move()

    def _move(self) -> None:
        if self._told and self._told != self.previous:
            self._lock.check()
            spaces.put_manifest(self.server, self.space, self._told)
            self.previous = self._told
        self._told = None

    @contextmanager
    def new_generation(self, dimensions: int) -> Iterator[None]:
        """Do all or nothing of a generation: notes, ``index``, the manifest.

        Args:
            dimensions: Of its vectors.
        """
        self._make(dimensions)
        self._pending = _Pending()
        spaces.put_pending(self.server, self.space, self.generation)
        try:
            yield
        except BaseException:
            self._engine.discard()
            self._told = None
            raise
        self._write_notes()
        written = len(self._pending.added)
        if written >= SETTLED_FROM:
            collections.settle(self.server)
        self._move()
        spaces.put_pending(self.server, self.space, 0)
        for some in rows.batches(self._pending.stale, NOTES_AT_ONCE):
            self.server.delete(self._part("notes"), one_of("id", some))
        repair.sweep(self.server, self.space, self.generation - 1)
        self._follow()

    def index(self, *, states: bool) -> None:
        """Give the engine the chunks that are new and take those that are gone; it shows them.

        Args:
            states: Whether their token states are kept: they lie with the texts.

        Raises:
            IndexDamagedError: Some vectors are missing.
        """
        del states
        self._engine.remove(self._pending.gone)
        for some in rows.batches(self._pending.added, BATCH):
            found = self._text_vectors({new.digest for _, new in some})
            if not all(new.digest in found for _, new in some):
                raise self.server.damaged("some vectors are missing")
            self._engine.details.update({row: self._pending.details.pop(row) for row, _ in some})
            self._engine.put(
                [
                    IndexedChunk(
                        row,
                        found[new.digest],
                        new.heading_terms,
                        new.body_terms,
                        new.name_terms,
                    )
                    for row, new in some
                ]
            )
        self._engine.commit(self.generation)

    def _text_vectors(self, digests: Iterable[str]) -> dict[str, Vectors]:
        """Return the vectors of texts, by digest."""
        found = {}
        for row in self.server.get(self._part("texts"), sorted(digests), ["id", "vector"]):
            with self.server.reading():
                found[str(row["id"])] = np.array(row["vector"], np.float32)
        return found

    def known_texts(self, digests: Iterable[str], *, states: bool) -> set[str]:
        """Return those of the digests whose vectors, and states if asked for, are kept."""
        found = self.server.get(self._part("texts"), [*digests], ["id", "has_states"])
        return {str(row["id"]) for row in found if row["has_states"] or not states}

    def keep_texts(self, texts: Iterable[EmbeddedText]) -> None:
        """Keep what the model made of texts, at once, so that a killed build loses little."""
        kept = [*texts]
        if kept:
            self._make(len(kept[0].vector))
            keep(self.server, kept)

    def keeper(self, dimensions: int) -> Keep:
        """Return what keeps texts without this object, also on other machines.

        Args:
            dimensions: Of their vectors.
        """
        self._make(dimensions)
        return Keeper(self.server.address, self.server.token)

    def put_unread(self, texts: Mapping[str, str]) -> None:
        """Let texts wait to be embedded: none does here."""
        assert not texts

    def waiting(self, *, states: bool) -> list[tuple[str, int]]:
        """Return the texts that wait to be embedded: none does here."""
        del states
        return []

    def unread_texts(self, digests: Iterable[str]) -> dict[str, str]:
        """Return those of some texts that wait to be embedded: none does here."""
        del digests
        return {}

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
        repair.let_die(self.server, self._part("entries"), [*held], self.generation)

    def put_note_row(self, note: Note) -> None:
        """Write what is known of a note itself, whose entries are as they were."""
        number = records.note_number(self.space, note.file.root, note.file.path)
        if number in self._pending.values:
            before: Mapping[str, Any] = self._pending.values[number]
        else:
            held = self.held_notes([number])[number]
            before = records.note_value(records.as_note(held), held.parts, held.centroid)
        self._pending.values[number] = records.with_note(before, note)

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
                        "content": self._versions(row, None)[0],
                    }
                    for row in found
                ]
            self.server.upsert(self._part("notes"), buried)
            for number in some:
                self._notes.pop(number, None)

    def _versions(self, row: Row | None, value: object) -> tuple[str, list[int]]:
        """Return the versions of a note with a new one, and the rows that this makes stale."""
        before: rows.Versions = json.loads(rows.joined([row["content"]])) if row else []
        after = rows.with_version(before, self.generation, value)
        stale = {*_pieces_of(before)} - {*_pieces_of(after)}
        return rows.pieces_of(json.dumps(after))[0], sorted(stale)

    def clear(self) -> None:
        """Delete everything but what the model made of texts."""
        notes = [*self._all_notes()]
        for some in rows.batches(_parts_of(self.held_notes(notes).values()), NOTES_AT_ONCE):
            repair.let_die(self.server, self._part("entries"), some, self.generation)
        self._bury(notes)
        self._engine.clear()
        self.forget()
        self._has_all_notes = True

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
        self._write_notes()

    def _write_notes(self) -> None:
        """Write the versions of notes of this generation."""
        values, self._pending.values = self._pending.values, {}
        for numbers in rows.batches(values, NOTES_AT_ONCE):
            found = self.server.get(self._part("notes"), numbers, ["id", "content"])
            known = {int(row["id"]): row for row in found}
            with self.server.reading():
                written = [
                    row
                    for number in numbers
                    for row in self._note_rows(number, values[number], known.get(number))
                ]
            self.server.upsert(self._part("notes"), written)
        for number in values:
            self._notes.pop(number, None)
        self._has_all_notes = self._has_all_notes and not values

    def _note_rows(self, number: int, value: dict[str, Any], before: Row | None) -> Iterator[Row]:
        """Yield the rows of a note: further pieces before the note itself."""
        stored: dict[str, Any] = value
        text = json.dumps(value)
        if len(text) > LONG_NOTE:
            pieces = rows.pieces_of(text)
            stored = {"pieces": []}
            for at, piece in enumerate(pieces):
                place = records.piece_number(number, f"version {self.generation}", at)
                stored["pieces"].append(place)
                yield records.record(
                    place, self.space, "piece", born=self.generation, of=number, text=piece
                )
        has_day = value["date_from"] != "file"
        content, stale = self._versions(before, stored)
        self._pending.stale += stale
        yield records.record(
            number,
            self.space,
            "note",
            born=self.generation,
            key=value["file"][1],
            label=value["date"] if has_day else "",
            content=content,
        )

    def put_manifest(self, manifest: Manifest) -> Manifest:
        """Write the manifest, which names the generation that snapshots see from then on.

        Returns:
            The same with what the engine has it say.
        """
        self._told = replace(manifest, engine=MILVUS, dense="", dense_seal="", dense_before="")
        return self._told

    def counts(self) -> tuple[int, int, int]:
        """Return how many notes, entries and chunks there are to be."""
        values = self._pending.values
        held = {row: len(note.parts) for row, note in self._all_notes().items()}
        held |= {row: len(value["parts"]) for row, value in values.items()}
        chunks = self._engine.coming
        chunks += len(self._pending.added) - len(self._pending.gone)
        return len(held), sum(held.values()), chunks

    def drop_states(self) -> None:
        """Leave token states: others' builds may use them."""

    def drop_spare_vectors(self) -> None:
        """Leave the vectors of texts; what died for long takes them with it."""

    def draw_map(self, chunks: int) -> None:
        """Draw no map: it would take all vectors of a server."""


def _pieces_of(versions: rows.Versions) -> Iterator[int]:
    """Yield the rows that hold versions of a long note."""
    for _, value in versions:
        yield from map(int, (value or {}).get("pieces", ()))


def _parts_of(notes: Iterable[records.HeldNote]) -> Iterator[int]:
    return (part.entry for note in notes for part in note.parts)
