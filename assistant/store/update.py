"""What a build does to the tables of an index, in one transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.embedding import Ids, Vectors
from assistant.records import Chunk, Entry, Note, NoteFile
from assistant.store import files
from assistant.store.connection import connect, damaged, fold_log, sqlite_errors
from assistant.store.engine import BATCH, Engine, IndexedChunk
from assistant.store.files import DATABASE
from assistant.store.local.engine import VectorFile
from assistant.store.local.map_points import MapPoints
from assistant.store.manifest import Manifest, read_manifest
from assistant.store.snapshot import Snapshot, vector_file
from assistant.store.tables import SCHEMA, SUMS, TABLES, insertion
from assistant.store.texts import KeptTexts

AHEAD = 5 * BATCH
"""Chunks after which what there is of a first generation is committed."""


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A chunk ready to be written."""

    chunk: Chunk
    digest: str
    """Of the embedded text and the model: the key of its vector."""
    heading_terms: str
    body_terms: str
    name_terms: str = ""
    """Terms of the lexical index, between spaces."""

    def indexed(self, row: int, vector: Vectors | None = None) -> IndexedChunk:
        """Return it as an engine takes it; without a vector while it is unread."""
        return IndexedChunk(row, vector, self.heading_terms, self.body_terms, self.name_terms)


class Update(Snapshot, KeptTexts, MapPoints):
    """The tables as the one holder of the lock changes them."""

    def __init__(self, folder: Path, name: str = DATABASE) -> None:
        """Open the database for writing, with new tables if it has none.

        Args:
            folder: The index folder.
            name: Of the database; another than the usual is one that no reader knows of yet.

        Raises:
            IndexDamagedError: It cannot be used as it is.
            IndexUnusableError: The folder cannot be written to.
        """
        self.folder = folder
        self.is_beside = name != DATABASE
        # Who keeps an index open tells another one by its generation.
        self._last = files.last_generation(folder) if self.is_beside else 0
        self._connection = connect(folder, write=True, name=name)
        self.previous: Manifest | None = None
        self._dimensions = 0
        self._told: Manifest | None = None
        """The manifest that was written last."""
        self._stamp: dict[str, Any] = {}
        """What the engine has the manifest say of the generation that is made."""
        self._added: list[tuple[int, NewChunk]] = []
        self._put: list[int] = []
        """Chunks that the engine was given already, without their vectors."""
        self._gone: list[int] = []
        try:
            self._prepare()
        except BaseException:
            self.close()  # an open file cannot be set aside everywhere
            raise

    def _prepare(self) -> None:
        """Make the tables if there are none, and read what the last build left."""
        with sqlite_errors(self.folder):
            ((version,),) = self.query("PRAGMA user_version")
            if version == 0:
                self._connection.executescript(
                    f"BEGIN; {TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;"
                )
        if version == SCHEMA and self.query("SELECT 1 FROM manifest"):
            self.previous = read_manifest(self._connection, self.folder)
        elif version not in (0, SCHEMA):
            read_manifest(self._connection, self.folder)

    def close(self) -> None:
        """Take what was written over into the database's own file, and let go of it.

        SQLite would do so by itself, but when nobody else has the database open it lets nobody in
        meanwhile.
        """
        fold_log(self._connection)
        super().close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing of what the block does."""
        with sqlite_errors(self.folder):
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with sqlite_errors(self.folder):
                self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.rollback()

    @contextmanager
    def new_generation(self, dimensions: int) -> Iterator[None]:
        """Do all or nothing of a generation, in a transaction: notes, ``index``, the manifest.

        Args:
            dimensions: Of its vectors.
        """
        self._dimensions = dimensions
        with self.transaction():
            try:
                yield
            except BaseException:
                self.engine.discard()
                raise
        before = self.previous.dense if self.previous else ""
        self._remove_strays(self._stamp["dense"], before)
        self.previous = self._told or self.previous
        self._added, self._put, self._gone = [], [], []

    def index(self, *, states: bool) -> None:
        """Give the engine the chunks that are new and take those that are gone; it shows them.

        From now on all chunks count as read by meaning whose texts are embedded.

        Args:
            states: Whether they need token states for that.

        Raises:
            IndexDamagedError: Some vectors are missing, or not as they were written.
            IndexUnusableError: They cannot be written.
        """
        self.engine.remove(self._gone)
        added = {row for row, _ in self._added}
        read = [row for row in self.take_as_read(states=states) if row not in added]
        unread = self.unread_chunks()
        for at in range(0, len(self._added), BATCH):
            batch = self._added[at : at + BATCH]
            vectors = self._vectors_of([row for row, _ in batch], unread)
            self.engine.put([new.indexed(row, vectors.get(row)) for row, new in batch])
        for rows in (self._put, read):
            for at in range(0, len(rows), BATCH):
                self.engine.put_vectors(self._vectors_of(rows[at : at + BATCH], unread))
        before = self.previous.dense if self.previous else ""
        self._stamp = {**self.engine.commit(self.generation), "dense_before": before}

    def _put_ahead(self) -> None:
        """Commit what there is of a first generation, which no reader sees before its manifest.

        So neither the log nor what is to be put grows with the notes. A build that is stopped
        leaves rows without a manifest, which the next one deletes.
        """
        self.engine.put([new.indexed(row) for row, new in self._added])
        self._put += [row for row, _ in self._added]
        self._added = []
        with sqlite_errors(self.folder):
            self._connection.execute("COMMIT")
            self._connection.execute("BEGIN IMMEDIATE")

    def _vectors_of(self, rows: Sequence[int], unread: Ids) -> dict[int, Vectors]:
        """Return the vectors of those of some chunks that are not unread."""
        read = np.setdiff1d(np.array(rows, np.int64), unread).tolist()
        vectors = self.vectors(read)
        if len(vectors) < len(read):
            raise damaged(self.folder, "some vectors are missing")
        return vectors

    def tidy(self) -> None:
        """Delete what a build left that was stopped before it committed; no reader knows of it."""
        old = self.previous
        self._remove_strays(*((old.dense, old.dense_before) if old else ()))

    def _remove_strays(self, *keep: str) -> None:
        """Delete files that no reader asks for; not while another database is in force."""
        if not self.is_beside:
            files.remove_strays(self.folder, keep)

    def _many(self, sql: str, rows: Iterable[Sequence[object] | Mapping[str, object]]) -> None:
        with sqlite_errors(self.folder):
            self._connection.executemany(sql, rows)

    def insert(self, table: str, conflict: str = "", **row: object) -> int:
        """Put a row into a table, with its sums; return its number."""
        with sqlite_errors(self.folder):
            sql = insertion(table, tuple(row), conflict)
            return self._connection.execute(sql, row).lastrowid or 0

    def replace_many(self, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Put rows into a table, with their sums, in the place of those with their keys."""
        sql = insertion(table, tuple(names), "OR REPLACE")
        self._many(sql, (dict(zip(names, row, strict=True)) for row in rows))

    @property
    def generation(self) -> int:
        """The generation that this build makes."""
        return (self.previous.generation if self.previous else self._last) + 1

    @property
    def engine(self) -> Engine:
        """What searches the chunks, and shows those of a new generation once ``index`` returns."""
        return self._local

    def _vector_file(self) -> VectorFile | None:
        return vector_file(self.previous) if self.previous else None

    def _kept_vectors(self) -> Iterable[tuple[Vectors, Ids]]:
        """Yield all vectors with their chunks; a build, unlike a question, needs sound ones."""
        return self.chunk_vectors(self._dimensions)

    def entry_digests(self, root: Path, path: str) -> list[str]:
        """Return the digests of a note's entries in order; empty for an unknown note."""
        rows = self.query(
            "SELECT e.digest FROM entries e JOIN notes n ON n.id = e.note"
            " WHERE n.root = ? AND n.path = ? ORDER BY e.position",
            (str(root), path),
        )
        return [digest for (digest,) in rows]

    def read(self, file: NoteFile) -> tuple[Note, list[Entry]]:
        """Return a note as the index has it, without its text, and its entries."""
        ((row,),) = self.query(
            "SELECT id FROM notes WHERE root = ? AND path = ?", (str(file.root), file.path)
        )
        (stored,) = self.notes([row])
        entries = self.query("SELECT id FROM entries WHERE note = ? ORDER BY position", (row,))
        told = (stored.title, stored.tags, stored.date, stored.about)
        more = (stored.date_from, stored.aliases, stored.remarks)
        return (
            Note(file, "", stored.digest, 0, *told, *more, names=stored.names),
            [self.entry(entry).entry for (entry,) in entries],
        )

    def put_note(
        self,
        note: Note,
        entries: Sequence[tuple[str, Entry]],
        chunks: Mapping[str, Sequence[NewChunk]],
    ) -> None:
        """Write a note as it is now; entries that it had before keep their rows.

        Args:
            note: The note.
            entries: Its entries in order, each behind its digest.
            chunks: The chunks of the entries that it did not have before, by digest.
        """
        row = self.put_note_row(note)
        self.query("UPDATE notes SET centroid = NULL WHERE id = ?", (row,))
        kept: defaultdict[str, list[int]] = defaultdict(list)
        for digest, entry in self.query(
            "SELECT digest, id FROM entries WHERE note = ? ORDER BY id DESC", (row,)
        ):
            kept[digest].append(entry)
        moved = []
        for position, (digest, entry) in enumerate(entries):
            if kept[digest]:
                moved.append((position, entry.first_line, kept[digest].pop()))
            else:
                self._add_entry(row, position, digest, entry, chunks[digest])
        covered = {name: name for name in SUMS["entries", "checksum"]}
        covered |= {"position": "?1", "first_line": "?2"}
        self._many(
            "UPDATE entries SET position = ?1, first_line = ?2,"
            f" checksum = row_sum({', '.join(covered.values())}) WHERE id = ?3",
            moved,
        )
        self._delete_entries([entry for rows in kept.values() for entry in rows])
        if self.previous is None and len(self._added) >= AHEAD:
            self._put_ahead()

    def put_note_row(self, note: Note) -> int:
        """Write what is known of a note itself; return its row."""
        file = note.file
        row = {
            **{"root": str(file.root), "path": file.path, "name": file.name},
            **{"size": file.size, "modified_ns": file.modified_ns, "digest": note.digest},
            **{"title": note.title, "tags": json.dumps(note.tags), "date": note.date},
            **{"about": note.about, "state": file.state, "date_from": note.date_from},
            "aliases": json.dumps(note.aliases),
            "remarks": json.dumps([[remark.line, remark.words] for remark in note.remarks]),
            "names": json.dumps(note.names),
        }
        told = ", ".join([*row, "checksum"])
        excluded = ", ".join(f"excluded.{name}" for name in [*row, "checksum"])
        self.query(
            insertion("notes", tuple(row))
            + f" ON CONFLICT (root, path) DO UPDATE SET ({told}) = ({excluded})",
            row,
        )
        ((number,),) = self.query(
            "SELECT id FROM notes WHERE root = ? AND path = ?", (str(file.root), file.path)
        )
        return int(number)

    def remove_note(self, root: Path, path: str) -> None:
        """Delete a note."""
        ((row,),) = self.query(
            "SELECT id FROM notes WHERE root = ? AND path = ?", (str(root), path)
        )
        self._delete_entries(
            [entry for (entry,) in self.query("SELECT id FROM entries WHERE note = ?", (row,))]
        )
        self.query("DELETE FROM notes WHERE id = ?", (row,))

    def clear(self) -> None:
        """Delete everything but the vectors."""
        for table in ("chunks", "entries", "notes", "manifest", "plane", "map", "unread"):
            self.query(f"DELETE FROM {table}")
        self.engine.clear()

    def put_manifest(self, manifest: Manifest) -> Manifest:
        """Write the manifest, which names the generation that snapshots see from the commit on.

        Returns:
            The same with what the engine has it say.
        """
        told = replace(manifest, **self._stamp)
        self.query("DELETE FROM manifest")
        self.insert("manifest", content=told.to_json())
        self._told = told
        return told

    def counts(self) -> tuple[int, int, int]:
        """Return how many notes, entries and chunks there are."""
        tables = ("notes", "entries", "chunks")
        notes, entries, chunks = (self.query(f"SELECT count(*) FROM {t}")[0][0] for t in tables)
        return notes, entries, chunks

    def _add_entry(
        self, note: int, position: int, digest: str, entry: Entry, chunks: Sequence[NewChunk]
    ) -> None:
        row = self.insert(
            "entries",
            note=note,
            position=position,
            digest=digest,
            headings=json.dumps(entry.headings),
            heading=entry.heading_key,
            first_line=entry.first_line,
            text=entry.text,
            body=entry.body,
            blocks=json.dumps(entry.blocks),
        )
        for new in chunks:
            number = self.insert(
                "chunks",
                entry=row,
                start=new.chunk.start,
                end=new.chunk.end,
                text_digest=new.digest,
            )
            self._added.append((number, new))

    def _delete_entries(self, entries: Sequence[int]) -> None:
        """Delete entries with their chunks."""
        among = (json.dumps(entries),)
        these = "(SELECT value FROM json_each(?))"
        chunks = [c for (c,) in self.query(f"SELECT id FROM chunks WHERE entry IN {these}", among)]
        self.query(
            f"UPDATE vectors SET used = {self.generation} WHERE digest IN"
            f" (SELECT text_digest FROM chunks WHERE entry IN {these})",
            among,
        )
        self.query(f"DELETE FROM chunks WHERE id IN {these}", (json.dumps(chunks),))
        # The next entry may get the number of one that is deleted, and not its place.
        self.query(f"DELETE FROM map WHERE entry IN {these}", among)
        self.query(f"DELETE FROM entries WHERE id IN {these}", among)
        self._gone += chunks
