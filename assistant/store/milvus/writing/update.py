"""What a build does to a space, one generation after the other.

Everything is written under the generation to come, which no reader sees, until the manifest moves
in one upsert. What a build leaves that was stopped is taken away by the next; what the model made
of texts stays, so that no text is embedded twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from assistant.embedding import Vectors
from assistant.engine_address import EngineAddress
from assistant.errors import IndexBusyError
from assistant.store import provenance
from assistant.store.engine import BATCH, Engine, IndexedChunk
from assistant.store.manifest import MILVUS, Manifest
from assistant.store.milvus import collections, records, rows, spaces
from assistant.store.milvus.rows import one_of
from assistant.store.milvus.server import Server
from assistant.store.milvus.snapshot import MilvusSnapshot
from assistant.store.milvus.writing import sweeping
from assistant.store.milvus.writing.engine import MilvusEngine
from assistant.store.milvus.writing.keeper import Keeper, keep
from assistant.store.milvus.writing.lock import SpaceLock
from assistant.store.milvus.writing.notes import NOTES_AT_ONCE, NotesUpdate, Pending
from assistant.store.texts import EmbeddedText, Keep

SETTLED_FROM = 200
"""Chunks of a generation from which on it waits for the graph of vectors. Fewer are found without;
a server stores what it was given on its own, and lets nobody ask for it often."""


class MilvusUpdate(NotesUpdate):
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
        self._pending = Pending()
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
            sweeping.undo(self.server, self.space, self.generation - 1)
            spaces.put_pending(self.server, self.space, 0)
            self._follow()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of what the block does, and move the manifest at the end if it says so."""
        yield
        # Of what is there: nothing else than the generation's own notes changes.
        self._write_notes(self.generation - 1)
        self._move()

    def _move(self) -> None:
        if self._told and self._told != self.previous:
            self._lock.check()
            spaces.put_manifest(self.server, self.space, self._told)
            self.previous = self._told
        self._told = None
        for some in rows.batches(self._pending.stale, NOTES_AT_ONCE):
            self.server.delete(self._part("notes"), one_of("id", some))
        self._pending.stale.clear()

    @contextmanager
    def new_generation(self, dimensions: int) -> Iterator[None]:
        """Do all or nothing of a generation: notes, ``index``, the manifest.

        Args:
            dimensions: Of its vectors.
        """
        self._make(dimensions)
        self._pending = Pending()
        spaces.put_pending(self.server, self.space, self.generation)
        try:
            yield
        except BaseException:
            self._engine.discard()
            self._told = None
            raise
        self._write_notes(self.generation)
        written = len(self._pending.added)
        if written >= SETTLED_FROM:
            collections.settle(self.server)
        self._move()
        spaces.put_pending(self.server, self.space, 0)
        sweeping.sweep(self.server, self.space, self.generation - 1)
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

    def clear(self) -> None:
        """Delete everything but what the model made of texts."""
        notes = [*self._all_notes()]
        for some in rows.batches(_parts_of(self.held_notes(notes).values()), NOTES_AT_ONCE):
            sweeping.let_die(self.server, self._part("entries"), some, self.generation)
        self._bury(notes)
        self._engine.clear()
        self.forget()
        self._has_all_notes = True

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


def _parts_of(notes: Iterable[records.HeldNote]) -> Iterator[int]:
    return (part.entry for note in notes for part in note.parts)
