"""The engine in the index folder: terms in a table of the database, vectors in a file beside it.

Terms change in the transaction of the catalog, and are seen with it. A generation's vectors are a
file of its own, which the manifest names: a snapshot opens it when it first searches, so that who
asks for no passage loads no FAISS.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count as count_up
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import IndexDamagedError
from assistant.store import files, local
from assistant.store.connection import damaged, sqlite_errors
from assistant.store.engine import (
    HEADING_WEIGHT,
    NAME_WEIGHT,
    Alternatives,
    Depth,
    Found,
    IndexedChunk,
    Vocabulary,
)
from assistant.store.local import checksums, fts5

if TYPE_CHECKING:
    from assistant.embedding import Ids, Vectors
    from assistant.store.local import vector_index

MOST_HELD = 60_000
"""Chunks that hold the terms of a search, added up, as far as all of them are searched: of 100,000
chunks, half as many hold those of a usual question."""

_THESE = "(SELECT value FROM json_each(?))"
_BM25 = f"bm25(lexical, {HEADING_WEIGHT}, 1.0, {NAME_WEIGHT})"


@dataclass(frozen=True, slots=True)
class VectorFile:
    """The file of vectors of a generation, as its manifest tells of it."""

    name: str
    seal: str
    """What it ends with, see ``checksums.at_end``: no other file can stand in for it."""
    count: int
    """Vectors in it."""
    dimensions: int


class LocalEngine:
    """FTS5 and FAISS as one view of the database shows them."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        folder: Path,
        file: VectorFile | None,
        kept: Callable[[], Iterable[vector_index.Batch]],
        unread: Callable[[], Ids] | None = None,
    ) -> None:
        """Search what a connection sees.

        Args:
            connection: To the database with the tables ``lexical`` and ``words``.
            folder: Where the file of vectors lies.
            file: That of the present generation; None before the first.
            kept: Gives all vectors with their chunks, ascending, from where they are kept apart, at
                least one batch: a file that is lost is made anew from them.
            unread: Returns the chunks without vectors, ascending; all have some unless given.
        """
        self._connection = connection
        self._folder = folder
        self._file = file
        self._kept = kept
        self._unread = unread
        self._index: vector_index.Index | None = None
        self._counts: dict[tuple[Alternatives, int], int] = {}
        self._added: list[tuple[int, Vectors]] = []
        self._gone: list[int] = []
        self._new_counts = Counter[str]()
        """By how much more or fewer chunks each term stands in than the table of words has it."""
        self._has_late = False
        """Whether chunks got their vectors after they were put."""
        self._written: Path | None = None

    def open(self) -> None:
        """Open the file of vectors, which a search otherwise does when it comes.

        Raises:
            IndexDamagedError: It is missing or damaged; a later build may have deleted it.
        """
        if self._index is None:
            self._index = self._opened(self._expected())

    def search_vectors(self, vectors: Vectors, count: int, among: Ids | None = None) -> list[Found]:
        """Return for each of some vectors the nearest chunks, see ``Engine``."""
        self.open()
        if len(vectors) == 1 or among is not None:
            return [
                local.vector_index.search(self._index, vector, count, among) for vector in vectors
            ]
        return local.vector_index.search_all(self._index, vectors, count)

    def search_terms(
        self, terms: Sequence[str], count: int, among: Iterable[int] | None = None
    ) -> Found:
        """Return the chunks that hold any of some terms, see ``Engine``.

        The scores are BM25 (Robertson and Walker 1994) as FTS5 computes it.
        """
        terms = self._rarest(terms) if among is None else terms
        if not terms:
            return []
        # The plus keeps SQLite from running the whole match anew for each of the rows.
        only = "" if among is None else f"AND +rowid IN {_THESE}"
        rows = self._query(
            # By `rank`, FTS5 would ask a second query of its own, at half the speed.
            f"SELECT rowid, -{_BM25} FROM lexical WHERE lexical MATCH ?"
            f" {only} ORDER BY {_BM25}, rowid LIMIT ?",
            (fts5.any_of(terms), *([] if among is None else [json.dumps(list(among))]), count),
        )
        return [(row, score) for row, score in rows]

    def _rarest(self, terms: Sequence[str]) -> list[str]:
        """Return those terms that are searched: all, unless they stand in too many chunks.

        BM25 is computed of every chunk that holds any of them. The commonest weigh least, and what
        has them beside the rarer ones is told by what else speaks for a chunk.
        """
        known = self.vocabulary()
        counts = [known.get(term, 0) for term in terms]
        told, kept = 0, set[int]()
        for at in sorted(range(len(terms)), key=lambda at: (counts[at], at)):
            told += counts[at]
            if told > MOST_HELD and any(counts[other] for other in kept):
                break
            kept.add(at)
        return [term for at, term in enumerate(terms) if at in kept]

    def count(self, word: Alternatives, most: int) -> int:
        """Return how many chunks hold a word, counting no further than ``most``."""
        known = self._counts.get((word, most))
        if known is None:
            ((known,),) = self._query(
                "SELECT count(*) FROM (SELECT 1 FROM lexical WHERE lexical MATCH ? LIMIT ?)",
                (fts5.word(word), most),
            )
            self._counts[word, most] = known
        return int(known)

    def holding(self, word: Alternatives, among: Iterable[int]) -> set[int]:
        """Return those of some chunks that hold a word."""
        rows = self._query(
            f"SELECT rowid FROM lexical WHERE lexical MATCH ? AND rowid IN {_THESE}",
            (fts5.word(word), json.dumps(list(among))),
        )
        return {row for (row,) in rows}

    def vocabulary(self) -> Mapping[str, int]:
        """Return the terms and in how many chunks each stands."""
        return Vocabulary(self._chunks_with, self._every_word)

    def _chunks_with(self, word: str) -> int:
        rows = self._query("SELECT chunks FROM words WHERE word = ?", (word,))
        return int(rows[0][0]) if rows else 0

    def _every_word(self) -> dict[str, int]:
        return dict(self._query("SELECT word, chunks FROM words"))

    def faults(self, depth: Depth) -> Iterator[str]:
        """Yield what is wrong with the file of vectors; a closer look reads all of it."""
        file = self._expected()
        try:
            if not checksums.holds(self._folder / file.name, file.seal, whole=depth != "glance"):
                raise local.vector_index.damaged(self._folder / file.name)
            if depth == "glance":
                return
            index = self._opened(file)
        except OSError:
            yield local.vector_index.damaged(self._folder / file.name).cause
            return
        except IndexDamagedError as error:
            yield error.cause
            return
        if depth == "vectors":
            wrong = sum(not _is_in(index, row, vector) for vector, row in self._pairs())
            if wrong:
                yield f"{wrong} vectors in {file.name} differ from those in the database"
        elif not self._is_of_chunks(index):
            yield f"the vectors in {file.name} are not those of the chunks in the database"

    def put(self, chunks: Sequence[IndexedChunk]) -> None:
        """Take chunks in."""
        self._many(
            "INSERT INTO lexical (rowid, headings, body, names) VALUES (?, ?, ?, ?)",
            ((chunk.row, *_terms(chunk)) for chunk in chunks),
        )
        self._count_words(map(_terms, chunks), +1)
        self._add_vectors((c.row, c.vector) for c in chunks if c.vector is not None)

    def put_vectors(self, vectors: Mapping[int, Vectors]) -> None:
        """Take in the vectors of chunks that were put without, see ``Engine``."""
        self._add_vectors(vectors.items())
        self._has_late = self._has_late or bool(vectors)

    def _add_vectors(self, vectors: Iterable[tuple[int, Vectors]]) -> None:
        """Remember vectors for the last file; a first one is made of all that are kept."""
        if self._file:
            self._added += vectors

    def remove(self, rows: Sequence[int]) -> None:
        """Take chunks out."""
        gone = (json.dumps(list(rows)),)
        held = self._query(
            f"SELECT headings, body, names FROM lexical WHERE rowid IN {_THESE}", gone
        )
        self._count_words(held, -1)
        self._query(f"DELETE FROM lexical WHERE rowid IN {_THESE}", gone)
        self._gone += rows

    def clear(self) -> None:
        """Take all chunks out."""
        self._query("DELETE FROM words")
        self._query("DELETE FROM lexical")
        self._file, self._added, self._gone = None, [], []
        self._new_counts.clear()

    def commit(self, generation: int) -> Mapping[str, str]:
        """Write the vectors of a generation to a file of its own; return what names it."""
        self._write_counts()
        index = self._brought_up_to_date()
        # The name may be taken: a build that was stopped left it, and a reader may have it mapped.
        names = (f"dense-{number}.faiss" for number in count_up(generation))
        path = next(p for name in names if not os.path.lexists(p := self._folder / name))
        self._written = path
        try:
            local.vector_index.write(index, path)
            seal = checksums.at_end(path)
        except OSError as error:
            raise files.unwritable(self._folder, error.strerror or str(error)) from error
        self._file = VectorFile(path.name, seal, index.ntotal, index.d)
        # A large one is not held in memory any more, but mapped once it is searched.
        self._index = None if local.vector_index.is_in_cells(index) else index
        self._added, self._gone, self._has_late = [], [], False
        self._counts.clear()
        return {"dense": path.name, "dense_seal": seal}

    def discard(self) -> None:
        """Delete the file that was written, or a part of it: a full disk needs the room."""
        if self._written:
            with suppress(OSError):
                self._written.unlink(missing_ok=True)

    def _expected(self) -> VectorFile:
        if self._file is None:
            raise damaged(self._folder, "it has no vectors yet")
        return self._file

    def _opened(self, file: VectorFile, *, writable: bool = False) -> vector_index.Index:
        return local.vector_index.read(
            self._folder / file.name,
            file.count,
            file.seal,
            dimensions=file.dimensions,
            writable=writable,
        )

    def _brought_up_to_date(self) -> vector_index.Index:
        """Return the index of all chunks: the last one with what changed, where that serves.

        Once the last vector has come later than its chunk, it is made anew, as if they all had come
        with their chunks.
        """
        if self._file and not (self._has_late and not len(self._without_vectors())):
            with suppress(IndexDamagedError):
                index = self._opened(self._file, writable=True)
                rows = np.array([row for row, _ in self._added], np.int64)
                vectors = np.array([vector for _, vector in self._added], np.float32)
                local.vector_index.update(
                    index, np.array(self._gone, np.int64), vectors.reshape(-1, index.d), rows
                )
                if local.vector_index.suits(index) and self._is_of_chunks(index):
                    return index
        index = local.vector_index.build_of(self._kept, len(self._chunks_read()))
        if not self._is_of_chunks(index):
            raise damaged(self._folder, "some vectors are missing")
        return index

    def _without_vectors(self) -> Ids:
        return self._unread() if self._unread else np.array([], np.int64)

    def _is_of_chunks(self, index: vector_index.Index) -> bool:
        """Return whether an index is of the chunks whose terms there are, and of no unread one."""
        return np.array_equal(local.vector_index.ids_of(index), self._chunks_read())

    def _chunks_read(self) -> Ids:
        """Return the chunks whose terms there are, without those that are unread, ascending."""
        rows = self._query("SELECT id FROM lexical_docsize ORDER BY id")
        chunks = np.fromiter((row for (row,) in rows), np.int64, len(rows))
        return np.setdiff1d(chunks, self._without_vectors(), assume_unique=True)

    def _pairs(self) -> Iterator[tuple[Vectors, int]]:
        for vectors, rows in self._kept():
            yield from zip(vectors, rows.tolist(), strict=True)

    def _count_words(self, terms: Iterable[Sequence[str]], sign: int) -> None:
        """Count in how many chunks each term stands, up or down."""
        counts = Counter(term for texts in terms for term in {*" ".join(texts).split()})
        (self._new_counts.update if sign > 0 else self._new_counts.subtract)(counts)

    def _write_counts(self) -> None:
        """Bring the table of words up to date, once a generation."""
        self._many(
            "INSERT INTO words VALUES (?1, ?2)"
            " ON CONFLICT (word) DO UPDATE SET chunks = chunks + ?2",
            ((word, number) for word, number in self._new_counts.items() if number),
        )
        self._query("DELETE FROM words WHERE chunks <= 0")
        self._new_counts.clear()

    def _query(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        with sqlite_errors(self._folder):
            return self._connection.execute(sql, parameters).fetchall()

    def _many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        with sqlite_errors(self._folder):
            self._connection.executemany(sql, rows)


def _terms(chunk: IndexedChunk) -> tuple[str, str, str]:
    """Return the terms of a chunk by column."""
    return chunk.heading_terms, chunk.body_terms, chunk.name_terms


def _is_in(index: vector_index.Index, row: int, vector: Vectors) -> bool:
    """Return whether an index has a vector under a number, to the bit."""
    try:
        return bool(index.reconstruct(row).tobytes() == vector.tobytes())
    except RuntimeError:  # FAISS has no such row
        return False
