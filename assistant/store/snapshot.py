"""One consistent view of an index: a database, and the file of vectors that its manifest names.

    index/
      index.sqlite3           notes, entries, chunks, terms, the manifest; vectors and token
                              states by text
      dense-<generation>.faiss    the vectors of that generation's chunks
      writer.lock             held while a build runs

A build writes its file of vectors first and then commits one transaction, so that readers see the
old index or the new one. SQLite runs in its write-ahead mode: readers never wait for the writer.
The file of the generation before is kept, for readers that had opened it by name only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from assistant import embedding
from assistant.errors import IndexUnusableError
from assistant.records import Chunk, ChunkPlace, Entry, NoteFile, Stamp, StoredEntry
from assistant.store import files
from assistant.store.catalog import Catalog
from assistant.store.connection import connect, damaged, identity, sqlite_errors
from assistant.store.engine import Searches
from assistant.store.local import multilingual
from assistant.store.local.engine import LocalEngine, VectorFile
from assistant.store.local.multilingual import MultilingualVectors
from assistant.store.manifest import Manifest, read_manifest
from assistant.store.tables import IS_READ, sound

if TYPE_CHECKING:
    from assistant.embedding import Ids, Vectors


AT_ONCE = 8192
"""Vectors that are read together, where all are."""


class Snapshot(Catalog):
    """One consistent view of the index: what it returns belongs to one generation.

    A view that is held for long keeps the writer from clearing its log away: who waits for the next
    question pauses it. Not for several threads at once.
    """

    def __init__(self, folder: Path) -> None:
        """Open the index of a folder and hold its present state.

        Raises:
            IndexUnusableError: There is no index, or it cannot be read.
        """
        self.folder = folder
        self.is_holding = False
        """Whether a state is held, so that the writer has to leave room for what is older."""
        self._file = identity(folder)
        self._connection = connect(folder)
        try:
            self.manifest = self._hold()
        except BaseException:
            self.close()
            raise

    def _hold(self) -> Manifest:
        """Hold the present state; return its manifest."""
        with sqlite_errors(self.folder):
            self._connection.execute("BEGIN")
        manifest = read_manifest(self._connection, self.folder)
        self.is_holding = True
        return manifest

    def pause(self) -> None:
        """Hold no state any more; nothing may be asked until ``resume`` returns True."""
        if self.is_holding:
            self._connection.rollback()
            self.is_holding = False

    def resume(self) -> bool:
        """Hold the present state again; return whether it is of the same build as before.

        If it is not, or cannot be read, the snapshot is of no more use but to be closed.
        """
        if self._file is None or self._file != identity(self.folder):
            return False  # another file by now: one could wait for news of this one for ever
        try:
            return self._hold() == self.manifest
        except IndexUnusableError:
            return False

    def close(self) -> None:
        """Release the view, so that the writer may tidy up behind it."""
        self.is_holding, self._file = False, None  # from now on `resume` returns False
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def query(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[Any]:
        """Return the rows of a query; SQLite's errors become the program's own."""
        with sqlite_errors(self.folder):
            return self._connection.execute(sql, parameters).fetchall()

    def _sound_rows(self, sql: str, ids: Iterable[int]) -> list[tuple[Any, ...]]:
        """Return the rows of a query about some ids; its first column says whether each is sound.

        Raises:
            IndexDamagedError: One is not.
        """
        rows = self.query(sql, (json.dumps(list(ids)),))
        if not all(row[0] for row in rows):
            raise damaged(self.folder, "a row was changed after it was written")
        return [row[1:] for row in rows]

    @cached_property
    def engine(self) -> Searches:
        """What searches this state of the index."""
        return self._local

    @cached_property
    def multilingual(self) -> MultilingualVectors | None:
        """What searches it for questions in other languages; None where it has no such vectors."""
        told = self.manifest.multilingual
        return MultilingualVectors(self, told) if told and told.file else None

    def languages(self) -> dict[int, str]:
        """Return the language of each note, by its row, in ISO 639-1; empty for one without words.

        Nothing is known of what has been written since a build last looked.
        """
        return multilingual.languages(self)

    @cached_property
    def _local(self) -> LocalEngine:
        return LocalEngine(
            self._connection,
            self.folder,
            self._vector_file(),
            self._kept_vectors,
            self.unread_chunks,
        )

    def _vector_file(self) -> VectorFile | None:
        """Return the file of vectors that is searched; None for none yet."""
        return vector_file(self.manifest)

    def _kept_vectors(self) -> Iterable[tuple[Vectors, Ids]]:
        """Yield all vectors with their chunks, to make the file of vectors anew from.

        They are also compared with what is searched, where they are damaged themselves, too.
        """
        return self.chunk_vectors(self.manifest.dimensions, also_damaged=True)

    def prepare_search(self) -> None:
        """Open what a search reads, which else is done when the first one comes.

        Raises:
            IndexDamagedError: It is missing or damaged; a later build may have deleted it.
        """
        self._local.open()
        if self.multilingual:
            self.multilingual.open()

    def leftovers(self) -> list[str]:
        """Return the names of the files that a build left that was stopped."""
        return files.unfinished(self.folder, self.manifest.dense, self.manifest.dense_before)

    def states(self, chunks: Iterable[int]) -> dict[int, bytes]:
        """Return the packed token states of chunks that are read by meaning, by row.

        There are none without late interaction.
        """
        rows = self._sound_rows(
            f"SELECT {sound('states', 's')}, c.id, s.pieces"
            " FROM chunks c JOIN states s ON s.digest = c.text_digest"
            f" WHERE c.id IN (SELECT value FROM json_each(?)) AND {IS_READ}",
            chunks,
        )
        return dict(rows)

    def size_of_states(self) -> int:
        """Return the bytes of all token states that are kept."""
        ((size,),) = self.query("SELECT coalesce(sum(length(pieces)), 0) FROM states")
        return int(size)

    def vectors(self, chunks: Iterable[int]) -> dict[int, Vectors]:
        """Return the vectors of chunks that are read by meaning, by row."""
        rows = self._sound_rows(
            f"SELECT {sound('vectors', 'v')}, c.id, v.vector"
            " FROM chunks c JOIN vectors v ON v.digest = c.text_digest"
            f" WHERE c.id IN (SELECT value FROM json_each(?)) AND {IS_READ}",
            chunks,
        )
        return {row: embedding.unpacked(blob) for row, blob in rows}

    def unread_chunks(self) -> Ids:
        """Return the rows of the chunks that are not read by meaning, ascending."""
        rows = self.query(
            "SELECT c.id FROM chunks c JOIN unread u ON u.digest = c.text_digest ORDER BY c.id"
            if self.query("SELECT 1 FROM unread LIMIT 1")
            else "SELECT id FROM chunks WHERE 0"
        )
        return np.array([row for (row,) in rows], np.int64)

    def chunk_vectors(
        self, dimensions: int, since: int = 0, *, also_damaged: bool = False
    ) -> Iterator[tuple[Vectors, Ids]]:
        """Yield vectors, shape (n, d), and rows, shape (n,), of chunks above row ``since``.

        Of those that are read by meaning, some at a time, at least once.

        Raises:
            IndexDamagedError: One is not as it was written, unless such are asked for, too.
        """
        while True:
            found = self.query(
                f"SELECT {sound('vectors', 'v')}, c.id, v.vector"
                " FROM chunks c JOIN vectors v ON v.digest = c.text_digest"
                f" WHERE c.id > ? AND {IS_READ} ORDER BY c.id LIMIT {AT_ONCE}",
                (since,),
            )
            if not (also_damaged or all(whole for whole, _, _ in found)):
                raise damaged(self.folder, "a vector was changed after it was written")
            ids = np.array([row for _, row, _ in found], np.int64)
            vectors = embedding.unpacked(b"".join(blob for _, _, blob in found))
            yield vectors.reshape(len(found), dimensions), ids
            if len(found) < AT_ONCE:
                return
            since = int(ids[-1])

    def centroids(self, notes: Iterable[int]) -> dict[int, Vectors]:
        """Return the centroids of notes, see ``vector_index.centroid``, by row.

        Notes that are not read by meaning whole have none.
        """
        rows = self._sound_rows(
            f"SELECT {sound('notes', column='centroid_checksum')}, id, centroid FROM notes"
            " WHERE id IN (SELECT value FROM json_each(?))"
            " AND (centroid IS NOT NULL OR NOT EXISTS (SELECT 1 FROM unread))",
            notes,
        )
        return {row: np.frombuffer(blob, np.float32) for row, blob in rows}

    def places(self, chunks: Iterable[int]) -> dict[int, ChunkPlace]:
        """Return where chunks stand in the notes, by row.

        Raises:
            IndexDamagedError: One of them is not there: the searches are of another index.
        """
        wanted = set(chunks)
        rows = self._sound_rows(
            f"SELECT {sound('chunks', 'c')} AND {sound('entries', 'e')},"
            " c.id, n.path, n.root, e.position, c.start, e.id, n.id FROM chunks c"
            " JOIN entries e ON e.id = c.entry JOIN notes n ON n.id = e.note"
            " WHERE c.id IN (SELECT value FROM json_each(?))",
            wanted,
        )
        if len(rows) != len(wanted):
            raise damaged(self.folder, "a passage that was found is missing")
        return {row: ChunkPlace(*rest) for row, *rest in rows}

    def titles(self, chunks: Iterable[int]) -> set[int]:
        """Return those of some chunks that hold the title of a section or note and nothing else.

        A heading with nothing below it is none: it may be all that a note says of something.
        """
        rows = self.query(
            "SELECT c.id FROM chunks c JOIN entries e ON e.id = c.entry"
            " JOIN entries below ON below.note = e.note AND below.position = e.position + 1"
            " WHERE c.id IN (SELECT value FROM json_each(?)) AND c.end <= e.body AND ("
            # Paths are lists in JSON: that of an entry below goes on where this one's ends.
            " substr(below.headings, 1, length(e.headings)) ="
            " substr(e.headings, 1, length(e.headings) - 1) || ','"
            # The title of a note stands in no path.
            " OR e.position = 0 AND e.text LIKE '# %' AND below.text LIKE '##%')",
            (json.dumps(list(chunks)),),
        )
        return {row for (row,) in rows}

    def entry(self, row: int) -> StoredEntry:
        """Return one entry with its note and its chunks."""
        found = self._sound_rows(
            f"SELECT {sound('entries', 'e')} AND {sound('entries', 'e', 'text_checksum')}"
            f" AND {sound('notes', 'n')},"
            " n.root, n.path, n.size, n.modified_ns, n.name, n.state, e.headings, e.first_line,"
            " e.text, e.body, e.blocks FROM entries e JOIN notes n ON n.id = e.note"
            " WHERE e.id IN (SELECT value FROM json_each(?))",
            (row,),
        )
        if not found:
            raise damaged(self.folder, "a passage that was found is missing")
        ((root, *file, headings, first_line, text, body, blocks),) = found
        chunks = self._sound_rows(
            f"SELECT {sound('chunks')}, id, start, end FROM chunks"
            " WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY start",
            (row,),
        )
        return StoredEntry(
            row,
            NoteFile(Path(root), *file),
            Entry(
                tuple(json.loads(headings)),
                first_line,
                text,
                body,
                tuple((line, depth) for line, depth in json.loads(blocks)),
            ),
            tuple((chunk, Chunk(start, end)) for chunk, start, end in chunks),
        )

    def digests(self) -> dict[NoteFile, str]:
        """Return the notes of the index with the digests of their bytes, in order of path."""
        return {NoteFile.from_stamp(stamp): digest for stamp, digest in self.stamps().items()}

    def stamps(self) -> dict[Stamp, str]:
        """Return the notes of the index as stamps with the digests of their bytes, by path.

        Every question compares them with what lies on the disk, so that they are plain tuples.
        """
        rows = self.query(
            "SELECT root, path, size, modified_ns, name, state, digest FROM notes"
            " ORDER BY path, root"
        )
        # Their sums would cost a large collection time at each question, and a note of which a
        # number changed is read again.
        if not all(isinstance(root, str) and isinstance(path, str) for root, path, *_ in rows):
            raise damaged(self.folder, "the table of notes cannot be read")
        return {row[:6]: row[6] for row in rows}


def vector_file(manifest: Manifest) -> VectorFile:
    """Return the file of vectors that a manifest names."""
    return VectorFile(manifest.dense, manifest.dense_seal, manifest.read, manifest.dimensions)
