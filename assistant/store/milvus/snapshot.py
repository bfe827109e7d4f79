"""One consistent view of the spaces that an address names.

A server holds nothing for a reader: a view is the generation of each space, and every read asks for
what was there in that. What dies meanwhile stays for some generations.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from assistant.engine_address import EngineAddress
from assistant.errors import IndexUnusableError
from assistant.records import ChunkPlace, NoteFile, Stamp
from assistant.store.engine import Searches
from assistant.store.manifest import Manifest
from assistant.store.milvus import collections, records, rows, spaces
from assistant.store.milvus.catalog import MilvusCatalog
from assistant.store.milvus.searches import Held, MilvusSearches
from assistant.store.milvus.server import Server

if TYPE_CHECKING:
    from assistant.embedding import Ids, Vectors

FRESH_SECONDS = 600.0
"""After a build, until servers need not be asked any more to have seen it: their clocks and ours
may differ by minutes."""

SAMPLED = 50
"""Texts whose token states tell how many bytes all take."""


class MilvusSnapshot(MilvusCatalog):
    """One consistent view of an index: what it returns belongs to one generation of each space.

    Not for several threads at once.
    """

    has_map = False
    """Whether entries have places on a map."""
    reads_others = False
    """Whether notes in other languages are read by an encoder of their own."""

    def __init__(self, address: EngineAddress) -> None:
        """Open the spaces that an address names, all unless it names some.

        Raises:
            IndexUnusableError: The server does not answer, or holds no such index.
        """
        super().__init__()
        self.folder = address
        """Where the index lies."""
        self.is_holding = False
        self.server = Server(address)
        try:
            collections.open_all(self.server)
            self._manifests = self._read_manifests()
        except BaseException:
            self.close()
            raise
        self.manifest = merged(self._manifests, address)
        self.generations = {name: told.generation for name, told in self._manifests.items()}
        self.server.is_fresh = _is_new(self.manifest)
        self.is_holding = True

    def _read_manifests(self) -> dict[str, Manifest]:
        """Return the manifests of the spaces whose vectors are of one model.

        Raises:
            IndexMissingError: There are none.
        """
        found = spaces.manifests(self.server)
        if not found:
            raise collections.missing(self.server)
        largest = max(found.values(), key=lambda told: told.chunks)
        return {
            name: told for name, told in found.items() if told.fingerprint == largest.fingerprint
        }

    def pause(self) -> None:
        """Hold nothing any more; nothing may be asked until ``resume`` returns True."""
        self.is_holding = False

    def resume(self) -> bool:
        """Return whether the present state is of the same builds as before.

        If it is not, or cannot be read, the snapshot is of no more use but to be closed.
        """
        self.server.is_fresh = True
        try:
            self.is_holding = self._read_manifests() == self._manifests
        except IndexUnusableError:
            return False
        self.server.is_fresh = _is_new(self.manifest)
        return self.is_holding

    def close(self) -> None:
        """Let go of the connection."""
        self.is_holding = False
        self.server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _searches(self) -> MilvusSearches:
        return MilvusSearches(self.server, self.generations)

    @property
    def engine(self) -> Searches:
        """What searches this state of the index."""
        return self._searches

    @property
    def multilingual(self) -> None:
        """What searches it for questions in other languages: there is none on a server."""
        return None

    @cached_property
    def _dimensions(self) -> int:
        return collections.dimensions_of(self.server)

    def prepare_search(self) -> None:
        """Open what a search reads: it is open."""

    def faults(self) -> Iterator[str]:
        """Yield what is wrong with what lies there, a line each."""
        yield from self.engine.faults("ids")
        told = {"notes": self.manifest.notes, "entries": self.manifest.entries}
        for (table, number), there in zip(told.items(), self._sizes(), strict=True):
            if there != number:
                yield f"there are {there} {table} at {self.folder}, and the manifest says {number}"

    def _sizes(self) -> tuple[int, int]:
        """Return how many notes and entries there are, as the server counts them."""
        notes = len(self._all_notes())
        return notes, self.server.count(self._part("entries"), f'{self._alive} and kind == "entry"')

    def leftovers(self) -> list[str]:
        """Return the spaces that a build left that was stopped."""
        return [name for name in self.generations if spaces.pending(self.server, name)]

    def states(self, chunks: Iterable[int]) -> dict[int, bytes]:
        """Return the packed token states of chunks that are read by meaning, by number.

        There are none without late interaction.
        """
        held = self.held(chunks)
        digests = sorted({chunk.details.digest for chunk in held.values()} - {""})
        found = {}
        name = self._part("texts")
        for some in rows.batches(digests, STATES_AT_ONCE):
            for row in self.server.get(name, some, ["id", "states", "has_states"]):
                with self.server.reading():
                    if row["has_states"]:
                        found[str(row["id"])] = base64.b64decode(row["states"], validate=True)
        return {
            row: found[chunk.details.digest]
            for row, chunk in held.items()
            if chunk.details.digest in found
        }

    def size_of_states(self) -> int:
        """Return about how many bytes all token states take that are kept."""
        if not self.manifest.late_interaction:
            return 0
        states = self.states(self.sample(SAMPLED))
        each = sum(map(len, states.values())) / max(1, len(states))
        return int(each * self.manifest.chunks)

    def sample(self, count: int) -> dict[int, Held]:
        """Return some chunks, as few as that."""
        some = self.server.query(self._name, self._alive, ["id"], count)
        return self.held([int(row["id"]) for row in some])

    def vectors(self, chunks: Iterable[int]) -> dict[int, Vectors]:
        """Return the vectors of chunks that are read by meaning, by number."""
        held = self.held(chunks)
        return {row: chunk.vector for row, chunk in held.items() if chunk.vector is not None}

    def unread_chunks(self) -> Ids:
        """Return the chunks that are not read by meaning: none, a build reads all."""
        return np.array([], np.int64)

    def centroids(self, notes: Iterable[int]) -> dict[int, Vectors]:
        """Return the centroids of notes, see ``vectors.centroid``, by number."""
        found = {}
        for row, note in self.held_notes(notes).items():
            with self.server.reading():
                centroid = records.centroid_of(note, self._dimensions)
            if centroid is not None:
                found[row] = centroid
        return found

    def places(self, chunks: Iterable[int]) -> dict[int, ChunkPlace]:
        """Return where chunks stand in the notes, by number.

        Raises:
            IndexDamagedError: One of them is not there.
        """
        wanted = {*map(int, chunks)}
        held = self.held(wanted)
        if len(held) != len(wanted):
            raise self.server.damaged("a passage that was found is missing")
        notes = self.held_notes({chunk.details.note for chunk in held.values()})
        positions = {
            row: {part.entry: at for at, part in enumerate(note.parts)}
            for row, note in notes.items()
        }
        found = {}
        for row, chunk in held.items():
            told = chunk.details
            note = notes.get(told.note)
            if note is None or told.entry not in positions[told.note]:
                raise self.server.damaged("a passage that was found is in no note")
            file = note.stored.file
            found[row] = ChunkPlace(
                file.path,
                str(file.root),
                positions[told.note][told.entry],
                told.start,
                told.entry,
                told.note,
            )
        return found

    def titles(self, chunks: Iterable[int]) -> set[int]:
        """Return those of some chunks that hold the title of a section or note and nothing else.

        A heading with nothing below it is none: it may be all that a note says of something.
        """
        heads = {row: one.details for row, one in self.held(chunks).items() if one.details.is_head}
        self.held_notes({told.note for told in heads.values()})
        below: dict[int, tuple[int, int]] = {}
        for row, told in heads.items():
            note, position = self.place_of(told.entry)
            if position + 1 < len(note.parts):
                below[row] = position, note.parts[position + 1].entry
        entries = self.held_entries(
            [*(told.entry for told in heads.values()), *(entry for _, entry in below.values())]
        )
        found = set()
        for row, (position, next_entry) in below.items():
            own, after = entries.get(heads[row].entry), entries.get(next_entry)
            if own is None or after is None:
                continue
            # Paths of an entry below go on where this one's ends; a title stands in no path.
            is_below = after.headings[: len(own.headings)] == own.headings and (
                len(after.headings) > len(own.headings)
            )
            is_title = position == 0 and own.mark == "# " and after.mark == "##"
            if is_below or is_title:
                found.add(row)
        return found

    def digests(self) -> dict[NoteFile, str]:
        """Return the notes of the index with the digests of their bytes, in order of path."""
        return {NoteFile.from_stamp(stamp): digest for stamp, digest in self.stamps().items()}

    def stamps(self) -> dict[Stamp, str]:
        """Return the notes as stamps with the digests of their bytes, by path.

        Of the space that a build would write alone: others hold what others build.
        """
        space = self.folder.space if len(self.folder.spaces) < 2 else ""
        return {
            held.stored.file.stamp: held.stored.digest
            for held in sorted(
                (held for held in self._all_notes().values() if held.space == space),
                key=lambda held: (held.stored.path, str(held.stored.file.root)),
            )
        }

    def entry_of_chunks(self, since: int = 0) -> Mapping[int, int]:
        """Return the entry of each chunk, looked up as it is asked for."""
        assert not since  # numbers are in no order
        return _EntryOf(self)

    def plane(self) -> tuple[int, bytes] | None:
        """Return how the map was made: there is none on a server."""
        return None

    def points(self) -> dict[int, tuple[float, float]]:
        """Return where entries lie on the map: there is none on a server."""
        return {}

    def held(self, chunks: Iterable[int]) -> dict[int, Held]:
        """Return those of some chunks that are there, by number."""
        return self._searches.held(chunks)

    @property
    def _name(self) -> str:
        return self.server.address.name


STATES_AT_ONCE = 200
"""Texts whose token states are read at once: up to 4 MB."""


class _EntryOf(Mapping[int, int]):
    """The entries of chunks."""

    def __init__(self, snapshot: MilvusSnapshot) -> None:
        self._snapshot = snapshot

    def __getitem__(self, chunk: int) -> int:
        held = self._snapshot.held([chunk])
        if chunk not in held:
            raise KeyError(chunk)
        return held[chunk].details.entry

    def __iter__(self) -> Iterator[int]:
        entries = self._snapshot._all_entries()
        return (chunk for entry in entries.values() for chunk, _ in entry.chunks)

    def __len__(self) -> int:
        return self._snapshot._searches.chunk_count


def merged(manifests: Mapping[str, Manifest], address: EngineAddress) -> Manifest:
    """Return what the manifests of some spaces say together.

    The calibration is that of the largest space, whose scores those of the others are most alike;
    the generation is the sum, which any build of any of them moves.
    """
    if len(manifests) == 1:
        return next(iter(manifests.values()))
    told = sorted(manifests.items(), key=lambda one: (-one[1].chunks, one[0]))
    largest = told[0][1]
    own = manifests.get(address.space) if len(address.spaces) < 2 else None
    return replace(
        largest,
        generation=sum(one.generation for _, one in told),
        sources=own.sources if own else (),
        mark=own.mark if own else "",
        built=max(one.built for _, one in told),
        notes=sum(one.notes for _, one in told),
        entries=sum(one.entries for _, one in told),
        chunks=sum(one.chunks for _, one in told),
        late_interaction=all(one.late_interaction for _, one in told),
        skipped=own.skipped if own else (),
    )


def _is_new(manifest: Manifest) -> bool:
    """Return whether an index was built so lately that a server may not have seen all of it."""
    age = time.time() - datetime.fromisoformat(manifest.built).astimezone(UTC).timestamp()
    return age < FRESH_SECONDS
