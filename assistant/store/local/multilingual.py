"""What the encoder of other languages made of notes: vectors of chunks, beside those of the model.

Two tables say which note is in which language, and which chunk has which vector; vectors lie with
the others, by the digest of their text. A file beside that of the model's vectors is searched.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count as count_up
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from assistant import embedding
from assistant.store import files, local
from assistant.store.connection import damaged
from assistant.store.engine import Found
from assistant.store.local import checksums
from assistant.store.manifest import Multilingual
from assistant.store.tables import sound

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.embedding import Ids, Vectors

_THESE = "(SELECT value FROM json_each(?))"


class View(Protocol):
    """What is needed of a view of the index, see ``snapshot.Snapshot``."""

    folder: Path

    def query(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[Any]:
        """Return the rows of a query."""


class Writer(View, Protocol):
    """What is needed of the holder of the lock, see ``update.Update``."""

    is_beside: bool

    @property
    def generation(self) -> int:
        """The generation that this build makes."""

    def insert(self, table: str, conflict: str = "", **row: object) -> int:
        """Put a row into a table, with its sums; return its number."""


class MultilingualVectors:
    """The vectors of other languages as one view of the index shows them."""

    def __init__(self, snapshot: View, told: Multilingual) -> None:
        """Search what a snapshot shows.

        Args:
            snapshot: The index.
            told: What its manifest says of these vectors.
        """
        self._snapshot = snapshot
        self._told = told
        self._index: local.vector_index.Index | None = None

    def open(self) -> None:
        """Open the file, which a search otherwise does when it comes.

        Raises:
            IndexDamagedError: It is missing or damaged; a later build may have deleted it.
        """
        if self._index is None:
            told = self._told
            path = self._snapshot.folder / told.file
            self._index = local.vector_index.read(
                path, told.count, told.seal, dimensions=told.dimensions
            )

    def search(self, vectors: Vectors, count: int, among: Ids | None = None) -> list[Found]:
        """Return for each of some vectors the nearest chunks, see ``engine.Searches``.

        Chunks that the last build took away are left out.
        """
        self.open()
        if len(vectors) == 1 or among is not None:
            found = [
                local.vector_index.search(self._index, vector, count, among) for vector in vectors
            ]
        else:
            found = local.vector_index.search_all(self._index, vectors, count)
        here = self._here({row for near in found for row, _ in near})
        return [[(row, cosine) for row, cosine in near if row in here] for near in found]

    def vectors(self, chunks: Iterable[int]) -> dict[int, Vectors]:
        """Return the vectors of those of some chunks that have one, by row."""
        rows = self._snapshot.query(
            f"SELECT {sound('vectors', 'v')}, m.chunk, v.vector"
            " FROM multilingual m JOIN vectors v ON v.digest = m.digest"
            f" WHERE m.chunk IN {_THESE}",
            (json.dumps(list(chunks)),),
        )
        if not all(whole for whole, _, _ in rows):
            raise damaged(self._snapshot.folder, "a vector was changed after it was written")
        return {row: embedding.unpacked(blob) for _, row, blob in rows}

    def centroids(self, notes: Iterable[int]) -> dict[int, Vectors]:
        """Return what notes are about, by the vectors of their chunks; of those that have any."""
        rows = self._snapshot.query(
            "SELECT note, centroid FROM languages"
            f" WHERE centroid IS NOT NULL AND {sound('languages')} AND note IN {_THESE}",
            (json.dumps(list(notes)),),
        )
        return {row: np.frombuffer(blob, np.float32) for row, blob in rows}

    def _here(self, chunks: Iterable[int]) -> set[int]:
        rows = self._snapshot.query(
            "SELECT c.id FROM chunks c JOIN multilingual m ON m.chunk = c.id"
            f" WHERE c.id IN {_THESE}",
            (json.dumps(list(chunks)),),
        )
        return {row for (row,) in rows}

    def faults(self) -> Iterator[str]:
        """Yield what is wrong with the file and the tables."""
        try:
            if not checksums.holds(self._snapshot.folder / self._told.file, self._told.seal):
                yield f"the vectors in {self._told.file} are missing or damaged"
        except OSError:
            yield f"the vectors in {self._told.file} cannot be read"


def languages(snapshot: View) -> dict[int, str]:
    """Return the language of each note, by its row; empty where it has no words to tell it by."""
    return dict(snapshot.query("SELECT note, language FROM languages"))


def counts(snapshot: View) -> dict[str, int]:
    """Return how many notes there are in each language, by its code."""
    return dict(
        snapshot.query(
            "SELECT language, count(*) FROM languages WHERE language <> ''"
            " GROUP BY language ORDER BY count(*) DESC, language"
        )
    )


class MultilingualUpdate:
    """The tables and the file as the one holder of the lock changes them."""

    def __init__(self, update: Writer) -> None:
        self._update = update

    def unknown_notes(self) -> list[int]:
        """Return the rows of the notes whose language is not known, or that have changed since."""
        rows = self._update.query(
            "SELECT n.id FROM notes n LEFT JOIN languages l ON l.note = n.id"
            f" AND l.digest = n.digest AND {sound('languages', 'l')}"
            " WHERE l.note IS NULL ORDER BY n.id"
        )
        return [row for (row,) in rows]

    def forget_gone(self) -> None:
        """Delete the rows of notes and chunks that are no more."""
        self._update.query("DELETE FROM languages WHERE note NOT IN (SELECT id FROM notes)")
        self._update.query("DELETE FROM multilingual WHERE chunk NOT IN (SELECT id FROM chunks)")

    def put_language(self, note: int, language: str) -> None:
        """Write the language of a note; what it is about has to be written after."""
        ((digest,),) = self._update.query("SELECT digest FROM notes WHERE id = ?", (note,))
        self._update.insert(
            "languages", "OR REPLACE", note=note, digest=digest, language=language, centroid=None
        )

    def put_centroid(self, note: int, vector: Vectors | None) -> None:
        """Write what a note is about; None for one whose chunks have no such vectors."""
        ((digest, language),) = self._update.query(
            "SELECT digest, language FROM languages WHERE note = ?", (note,)
        )
        self._update.insert(
            "languages",
            "OR REPLACE",
            note=note,
            digest=digest,
            language=language,
            centroid=None if vector is None else vector.tobytes(),
        )

    def without_centroid(self) -> list[int]:
        """Return the notes of which chunks have such vectors, and they themselves have none."""
        rows = self._update.query(
            "SELECT DISTINCT l.note FROM languages l JOIN entries e ON e.note = l.note"
            " JOIN chunks c ON c.entry = e.id JOIN multilingual m ON m.chunk = c.id"
            " WHERE l.centroid IS NULL ORDER BY l.note"
        )
        return [row for (row,) in rows]

    def vectors_of(self, note: int) -> list[Vectors]:
        """Return the vectors of the chunks of a note, in order."""
        rows = self._update.query(
            "SELECT v.vector FROM chunks c JOIN entries e ON e.id = c.entry"
            " JOIN multilingual m ON m.chunk = c.id JOIN vectors v ON v.digest = m.digest"
            " WHERE e.note = ? ORDER BY e.position, c.start",
            (note,),
        )
        return [embedding.unpacked(blob) for (blob,) in rows]

    def entries_of(self, note: int) -> list[int]:
        """Return the rows of the entries of a note, in order."""
        rows = self._update.query(
            "SELECT id FROM entries WHERE note = ? ORDER BY position", (note,)
        )
        return [row for (row,) in rows]

    def lacking(self, notes: Iterable[int]) -> dict[int, list[int]]:
        """Return the chunks without such a vector of each of some notes, by entry."""
        rows = self._update.query(
            "SELECT c.id, e.id FROM chunks c JOIN entries e ON e.id = c.entry"
            f" WHERE e.note IN {_THESE} AND c.id NOT IN (SELECT chunk FROM multilingual)"
            " ORDER BY e.note, e.position, c.start",
            (json.dumps(list(notes)),),
        )
        found: dict[int, list[int]] = {}
        for chunk, entry in rows:
            found.setdefault(entry, []).append(chunk)
        return found

    def give(self, digests: Mapping[int, str]) -> None:
        """Say which text's vector each of some chunks has; the notes are about something else."""
        for chunk, digest in digests.items():
            self._update.insert("multilingual", "OR REPLACE", chunk=chunk, digest=digest)
        self._update.query(
            "UPDATE languages SET centroid = NULL, checksum = row_sum(note, digest, language, NULL)"
            " WHERE note IN (SELECT e.note FROM chunks c JOIN entries e ON e.id = c.entry"
            f" WHERE c.id IN {_THESE})",
            (json.dumps(list(digests)),),
        )

    def keep_only(self, notes: Sequence[int]) -> None:
        """Let the chunks of all other notes have no such vectors any more."""
        self._update.query(
            "DELETE FROM multilingual WHERE chunk NOT IN (SELECT c.id FROM chunks c"
            f" JOIN entries e ON e.id = c.entry WHERE e.note IN {_THESE})",
            (json.dumps(list(notes)),),
        )

    def write_file(self) -> dict[str, Any]:
        """Write the file that is searched; return what the manifest has to say of it.

        Raises:
            IndexDamagedError: A vector is missing, or not as it was written.
            IndexUnusableError: It cannot be written.
        """
        folder = self._update.folder
        rows = self._update.query(
            f"SELECT coalesce({sound('vectors', 'v')}, 0), m.chunk, v.vector FROM multilingual m"
            " LEFT JOIN vectors v ON v.digest = m.digest ORDER BY m.chunk"
        )
        if not all(whole for whole, _, _ in rows):
            raise damaged(folder, "a vector was changed after it was written")
        if not rows:
            return {}
        ids = np.array([row for _, row, _ in rows], np.int64)
        vectors = embedding.unpacked(b"".join(blob for _, _, blob in rows))
        index = local.vector_index.build(vectors.reshape(len(rows), -1), ids)
        names = (files.MULTILINGUAL.format(at) for at in count_up(self._update.generation))
        path = next(p for name in names if not os.path.lexists(p := folder / name))
        try:
            local.vector_index.write(index, path)
            seal = checksums.at_end(path)
        except OSError as error:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise files.unwritable(folder, error.strerror or str(error)) from error
        return {"file": path.name, "seal": seal, "count": len(ids), "dimensions": index.d}

    def remove_strays(self, *keep: str) -> None:
        """Delete files that no reader asks for; not while another database is in force."""
        if not self._update.is_beside:
            files.remove_multilingual(self._update.folder, keep)
