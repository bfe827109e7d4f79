"""The one writer of the index: what a build does to the tables, in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import filelock
import numpy as np

from assistant.dense import Ids, Vectors, centroid
from assistant.errors import IndexBusyError, IndexDamagedError
from assistant.projection import Plane, means
from assistant.records import Chunk, Entry, Note
from assistant.store import (
    DATABASE,
    SCHEMA,
    TABLES,
    Manifest,
    Reader,
    connect,
    read_manifest,
    sqlite_errors,
    unwritable,
)

LOCK = "writer.lock"

ASIDE = f"{DATABASE}.damaged"
"""Where a damaged database lies until its vectors are taken over."""

SPARE_VECTORS = 500
"""Vectors kept of texts that no note holds any more, so that an undone edit costs nothing."""


@dataclass(frozen=True, slots=True)
class Window:
    """A chunk ready to be written."""

    chunk: Chunk
    digest: str
    """Of the embedded text and the model: the key of its vector."""
    heading_terms: str
    body_terms: str
    """Terms of the lexical index, between spaces."""


@dataclass(frozen=True, slots=True)
class EmbeddedText:
    """What the model made of a text."""

    digest: str
    vector: Vectors
    """Shape (d,), unit length."""
    states: bytes | None
    """Packed token states, see ``late``; None when they are not kept."""


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of an index folder, so that one process writes at a time.

    The operating system lets go of it when the process ends, however it ends.

    Raises:
        IndexBusyError: Another process holds it.
        IndexUnusableError: The folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / LOCK, timeout=0)
        lock.acquire()
    except filelock.Timeout as error:
        raise IndexBusyError(
            f"another process is building the index in {folder}",
            "wait until it has ended; the last index answers meanwhile",
        ) from error
    # Some network drives have no locks, which filelock tells by NotImplementedError.
    except (OSError, NotImplementedError) as error:
        raise unwritable(folder, getattr(error, "strerror", None) or str(error)) from error
    try:
        yield
    finally:
        lock.release()


def open_writer(folder: Path) -> Writer:
    """Open the index of a folder for writing, anew if it is damaged or of another version.

    What can still be read of a damaged index's vectors is taken over.

    Raises:
        IndexUnusableError: The folder cannot be written to.
    """
    try:
        writer = Writer(folder)
    except IndexDamagedError:
        return start_over(folder)
    _take_over(writer)  # from a build that was killed while it started over
    return writer


def start_over(folder: Path) -> Writer:
    """Set a damaged database aside, make a new one, and take over the vectors that are sound."""
    try:
        (folder / DATABASE).replace(folder / ASIDE)
        for suffix in ("-wal", "-shm"):
            (folder / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(folder, error.strerror or str(error)) from error
    writer = Writer(folder)
    _take_over(writer)
    return writer


def _take_over(writer: Writer) -> None:
    """Keep the vectors of the database that was set aside, if there is one, and delete it."""
    aside = writer.folder / ASIDE
    if aside.exists():
        try:
            writer.keep_texts(_salvaged(aside))
        except BaseException:
            writer.close()
            raise
        with suppress(OSError):  # the next build tries again
            aside.unlink()


def _salvaged(database: Path) -> Iterator[EmbeddedText]:
    """Yield the vectors of a damaged database as far as SQLite reads them and they are sound."""
    try:
        uri = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            rows = "SELECT digest, vector, pieces FROM vectors LEFT JOIN states USING (digest)"
            for digest, blob, states in connection.execute(rows):
                vector = np.frombuffer(blob, np.float32)
                if abs(float(vector @ vector) - 1) < 1e-3:
                    yield EmbeddedText(digest, vector, states)
    except (sqlite3.Error, ValueError, TypeError):
        return


class Writer(Reader):
    """The tables as the one holder of the lock changes them."""

    def __init__(self, folder: Path) -> None:
        """Open the database for writing, with new tables if it has none.

        Raises:
            IndexDamagedError: It cannot be used as it is.
            IndexUnusableError: The folder cannot be written to.
        """
        self.folder = folder
        self._connection = connect(folder, write=True)
        self.previous: Manifest | None = None
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

    def _many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        with sqlite_errors(self.folder):
            self._connection.executemany(sql, rows)

    def _insert(self, sql: str, row: Sequence[object]) -> int:
        with sqlite_errors(self.folder):
            return self._connection.execute(sql, row).lastrowid or 0

    @property
    def generation(self) -> int:
        """The generation that this build makes."""
        return self.previous.generation + 1 if self.previous else 1

    def known_texts(self, digests: Iterable[str], *, states: bool) -> set[str]:
        """Return those of the digests whose vectors, and states if asked for, are kept."""
        both = "JOIN states USING (digest)" if states else ""
        rows = self.query(
            f"SELECT digest FROM vectors {both} WHERE digest IN (SELECT value FROM json_each(?))",
            (json.dumps(list(digests)),),
        )
        return {digest for (digest,) in rows}

    def keep_texts(self, texts: Iterable[EmbeddedText]) -> None:
        """Keep what the model made of texts, at once, so that a killed build loses little."""
        with self.transaction():
            for text in texts:
                self._insert(
                    "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
                    (text.digest, text.vector.tobytes(), self.generation),
                )
                if text.states is not None:
                    self._insert(
                        "INSERT OR IGNORE INTO states VALUES (?, ?)", (text.digest, text.states)
                    )

    def chunk_vectors(self, dimensions: int, since: int = 0) -> tuple[Vectors, Ids]:
        """Return vectors, shape (n, d), and rows, shape (n,), of chunks above row ``since``."""
        rows = self.query(
            "SELECT c.id, v.vector FROM chunks c JOIN vectors v ON v.digest = c.text_digest"
            " WHERE c.id > ? ORDER BY c.id",
            (since,),
        )
        ids = np.array([row for row, _ in rows], np.int64)
        vectors = np.frombuffer(b"".join(blob for _, blob in rows), np.float32)
        return vectors.reshape(len(rows), dimensions), ids

    def entry_digests(self, root: Path, path: str) -> list[str]:
        """Return the digests of a note's entries in order; empty for an unknown note."""
        rows = self.query(
            "SELECT e.digest FROM entries e JOIN notes n ON n.id = e.note"
            " WHERE n.root = ? AND n.path = ? ORDER BY e.position",
            (str(root), path),
        )
        return [digest for (digest,) in rows]

    def last_chunk(self) -> int:
        """Return the highest row of a chunk so far, 0 when there is none."""
        ((row,),) = self.query("SELECT coalesce(max(id), 0) FROM chunks")
        return int(row)

    def put_note(
        self,
        note: Note,
        entries: Sequence[tuple[str, Entry]],
        windows: Mapping[str, Sequence[Window]],
    ) -> list[int]:
        """Write a note as it is now; entries that it had before keep their rows.

        Args:
            note: The note.
            entries: Its entries in order, each behind its digest.
            windows: The windows of the entries that it did not have before, by digest.

        Returns:
            The rows of the chunks that are gone.
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
                self._add_entry(row, position, digest, entry, windows[digest])
        self._many("UPDATE entries SET position = ?, first_line = ? WHERE id = ?", moved)
        return self._delete_entries([entry for rows in kept.values() for entry in rows])

    def put_centroids(self) -> None:
        """Compute the centroids of the notes that have none, from their chunks in order."""
        for (note,) in self.query("SELECT id FROM notes WHERE centroid IS NULL"):
            rows = self.query(
                "SELECT v.vector FROM chunks c JOIN entries e ON e.id = c.entry"
                " JOIN vectors v ON v.digest = c.text_digest"
                " WHERE e.note = ? ORDER BY e.position, c.start",
                (note,),
            )
            if not rows:
                continue  # an empty note
            found = centroid(np.stack([np.frombuffer(blob, np.float32) for (blob,) in rows]))
            self.query("UPDATE notes SET centroid = ? WHERE id = ?", (found.tobytes(), note))

    def drop_states(self) -> None:
        """Delete all token states."""
        self.query("DELETE FROM states")

    def put_note_row(self, note: Note) -> int:
        """Write what is known of a note itself; return its row."""
        file = note.file
        self._insert(
            "INSERT INTO notes (root, path, size, modified_ns, digest, title, tags, date)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (root, path) DO UPDATE SET"
            " (size, modified_ns, digest, title, tags, date) ="
            " (excluded.size, excluded.modified_ns, excluded.digest, excluded.title, excluded.tags,"
            " excluded.date)",
            (
                *(str(file.root), file.path, file.size, file.modified_ns),
                *(note.digest, note.title, json.dumps(note.tags), note.date),
            ),
        )
        ((row,),) = self.query(
            "SELECT id FROM notes WHERE root = ? AND path = ?", (str(file.root), file.path)
        )
        return int(row)

    def remove_note(self, root: Path, path: str) -> list[int]:
        """Delete a note; return the rows of its chunks."""
        ((row,),) = self.query(
            "SELECT id FROM notes WHERE root = ? AND path = ?", (str(root), path)
        )
        gone = self._delete_entries(
            [entry for (entry,) in self.query("SELECT id FROM entries WHERE note = ?", (row,))]
        )
        self.query("DELETE FROM notes WHERE id = ?", (row,))
        return gone

    def clear(self) -> None:
        """Delete everything but the vectors."""
        for table in ("chunks", "entries", "notes", "words", "manifest", "lexical", "plane", "map"):
            self.query(f"DELETE FROM {table}")

    def put_manifest(self, manifest: Manifest) -> None:
        """Write the manifest, which names the generation that readers see from the commit on."""
        self.query("DELETE FROM manifest")
        self._insert("INSERT INTO manifest VALUES (?)", (manifest.to_json(),))

    def counts(self) -> tuple[int, int, int]:
        """Return how many notes, entries and chunks there are."""
        tables = ("notes", "entries", "chunks")
        notes, entries, chunks = (self.query(f"SELECT count(*) FROM {t}")[0][0] for t in tables)
        return notes, entries, chunks

    def draw_map(self, dimensions: int, since: int, chunks: int) -> None:
        """Place on the map the entries whose chunks are above row ``since``; all if it is new."""
        planes = [Plane.from_bytes(*row) for row in self.query("SELECT * FROM plane")]
        if not (planes and planes[0].serves(chunks)):
            planes, since = [], 0
        vectors, ids = self.chunk_vectors(dimensions, since)
        self.query("DELETE FROM map WHERE entry NOT IN (SELECT id FROM entries)")
        if not len(ids):
            return
        plane = planes[0] if planes else Plane.fit(vectors)
        entry_of = dict(self.query("SELECT id, entry FROM chunks WHERE id > ?", (since,)))
        points, entries = means(vectors, np.array([entry_of[row] for row in ids.tolist()]))
        self._many(
            "INSERT OR REPLACE INTO map VALUES (?, ?, ?)",
            (
                (entry, *place)
                for entry, place in zip(entries.tolist(), plane.place(points).tolist(), strict=True)
            ),
        )
        if not planes:
            self.query("DELETE FROM plane")
            self._insert("INSERT INTO plane VALUES (?, ?)", (plane.count, plane.to_bytes()))

    def drop_spare_vectors(self, keep: int = SPARE_VECTORS) -> None:
        """Delete vectors that no chunk uses, longest unused first; keep a quarter of the chunks."""
        unused = "digest NOT IN (SELECT text_digest FROM chunks)"
        ((spare, chunks),) = self.query(
            f"SELECT (SELECT count(*) FROM vectors WHERE {unused}), (SELECT count(*) FROM chunks)"
        )
        excess = spare - max(keep, chunks // 4)
        if excess > 0:
            self.query(
                "DELETE FROM vectors WHERE digest IN"
                f" (SELECT digest FROM vectors WHERE {unused} ORDER BY used, digest LIMIT ?)",
                (excess,),
            )
        self.query("DELETE FROM states WHERE digest NOT IN (SELECT digest FROM vectors)")

    def _add_entry(
        self, note: int, position: int, digest: str, entry: Entry, windows: Sequence[Window]
    ) -> None:
        row = self._insert(
            "INSERT INTO entries (note, position, digest, headings, first_line, text, body, blocks)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(note, position, digest, json.dumps(entry.headings), entry.first_line),
                *(entry.text, entry.body, json.dumps(entry.blocks)),
            ),
        )
        for window in windows:
            chunk = self._insert(
                "INSERT INTO chunks (entry, start, end, text_digest) VALUES (?, ?, ?, ?)",
                (row, window.chunk.start, window.chunk.end, window.digest),
            )
            self._insert(
                "INSERT INTO lexical (rowid, headings, body) VALUES (?, ?, ?)",
                (chunk, window.heading_terms, window.body_terms),
            )
        self._count_words([(w.heading_terms, w.body_terms) for w in windows], +1)

    def _delete_entries(self, entries: Sequence[int]) -> list[int]:
        """Delete entries with their chunks; return the rows of the chunks."""
        among = (json.dumps(entries),)
        these = "(SELECT value FROM json_each(?))"
        chunks = [c for (c,) in self.query(f"SELECT id FROM chunks WHERE entry IN {these}", among)]
        gone = (json.dumps(chunks),)
        self.query(
            f"UPDATE vectors SET used = {self.generation} WHERE digest IN"
            f" (SELECT text_digest FROM chunks WHERE entry IN {these})",
            among,
        )
        self._count_words(
            self.query(f"SELECT headings, body FROM lexical WHERE rowid IN {these}", gone), -1
        )
        self.query(f"DELETE FROM lexical WHERE rowid IN {these}", gone)
        self.query(f"DELETE FROM chunks WHERE id IN {these}", gone)
        self.query(f"DELETE FROM entries WHERE id IN {these}", among)
        return chunks

    def _count_words(self, terms: Iterable[tuple[str, str]], sign: int) -> None:
        """Count in how many chunks each term stands, up or down."""
        counts = Counter(term for texts in terms for term in {*" ".join(texts).split()})
        self._many(
            "INSERT INTO words VALUES (?1, ?2)"
            " ON CONFLICT (word) DO UPDATE SET chunks = chunks + ?2",
            ((word, sign * count) for word, count in counts.items()),
        )
        if sign < 0:
            self.query("DELETE FROM words WHERE chunks <= 0")
