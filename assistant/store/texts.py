"""What the model made of texts: kept by their digests, so that no text is embedded twice."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from assistant.embedding import Vectors, centroid, packed, unpacked
from assistant.store.tables import TableRows

SPARE_BYTES = 32_000_000
"""Vectors and token states of texts that no note holds, kept at least, so that what is undone costs
nothing: a note that is emptied and put back, another branch and back. Some 6,000 chunks."""


@dataclass(frozen=True, slots=True)
class EmbeddedText:
    """What the model made of a text."""

    digest: str
    vector: Vectors
    """Shape (d,), unit length."""
    states: bytes | None
    """Packed token states, see ``maxsim``; None when they are not kept."""


Keep = Callable[[Sequence[EmbeddedText]], None]
"""Keeps what the model made of texts, also from other machines."""


class KeptTexts(TableRows):
    """The vectors and token states of texts, those of chunks and spare ones."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Do all or nothing of what the block does."""

    @property
    @abstractmethod
    def generation(self) -> int:
        """The generation that this build makes."""

    def known_texts(self, digests: Iterable[str], *, states: bool) -> set[str]:
        """Return those of the digests whose vectors, and states if asked for, are kept."""
        rows = self.query(
            f"SELECT digest FROM {_kept(states)} WHERE digest IN (SELECT value FROM json_each(?))",
            (json.dumps(list(digests)),),
        )
        return {digest for (digest,) in rows}

    def keep_texts(self, texts: Iterable[EmbeddedText]) -> None:
        """Keep what the model made of texts, at once, so that a killed build loses little."""
        with self.transaction():
            for text in texts:
                self.keep_vector(text.digest, packed(text.vector))
                if text.states is not None:
                    self.keep_states(text.digest, text.states)

    def keeper(self, dimensions: int) -> Keep | None:
        """Return what keeps texts without this object: nothing, a folder is written by one alone.

        Args:
            dimensions: Of their vectors.
        """
        del dimensions
        return None

    def keep_vector(self, digest: str, vector: bytes) -> None:
        """Keep a text's vector, see ``packed``, if there is none."""
        self.insert("vectors", "OR IGNORE", digest=digest, vector=vector, used=self.generation)

    def keep_states(self, digest: str, pieces: bytes) -> None:
        """Keep a text's token states if there are none."""
        self.insert("states", "OR IGNORE", digest=digest, pieces=pieces)

    def put_unread(self, texts: Mapping[str, str]) -> None:
        """Let texts wait to be embedded, by digest, in this order; what waits longer comes after.

        Till then this generation finds their chunks by words alone.
        """
        for digest, text in texts.items():
            self.insert("unread", "OR IGNORE", digest=digest, text=text, since=self.generation)

    def waiting(self, *, states: bool) -> list[tuple[str, int]]:
        """Return the texts to embed, next one first: digests and numbers of characters.

        Args:
            states: Whether those without token states count, too.
        """
        return self.query(
            "SELECT digest, length(text) FROM unread"
            f" WHERE digest NOT IN (SELECT digest FROM {_kept(states)}) ORDER BY since DESC, id"
        )

    def unread_texts(self, digests: Iterable[str]) -> dict[str, str]:
        """Return those of some texts that wait to be embedded, by digest."""
        rows = self.query(
            "SELECT digest, text FROM unread WHERE digest IN (SELECT value FROM json_each(?))"
            " ORDER BY since DESC, id",
            (json.dumps(list(digests)),),
        )
        return dict(rows)

    def take_as_read(self, *, states: bool) -> list[int]:
        """Count all chunks as read by meaning whose texts are embedded; return those that were not.

        Args:
            states: Whether they need token states.
        """
        if not self.query("SELECT 1 FROM unread LIMIT 1"):
            return []
        embedded = f"digest IN (SELECT digest FROM {_kept(states)})"
        rows = self.query(
            "SELECT c.id FROM chunks c JOIN unread u ON u.digest = c.text_digest"
            f" WHERE u.{embedded} ORDER BY c.id"
        )
        self.query(
            f"DELETE FROM unread WHERE {embedded} OR digest NOT IN (SELECT text_digest FROM chunks)"
        )
        return [row for (row,) in rows]

    def put_centroids(self) -> None:
        """Compute the centroids of the notes that have none, from their chunks in order.

        A note of which a chunk is unread gets none yet.
        """
        for (note,) in self.query(
            "SELECT id FROM notes WHERE centroid IS NULL AND id NOT IN (SELECT e.note FROM unread u"
            " JOIN chunks c ON c.text_digest = u.digest JOIN entries e ON e.id = c.entry)"
        ):
            rows = self.query(
                "SELECT v.vector FROM chunks c JOIN entries e ON e.id = c.entry"
                " JOIN vectors v ON v.digest = c.text_digest"
                " WHERE e.note = ? ORDER BY e.position, c.start",
                (note,),
            )
            if not rows:
                continue  # an empty note
            found = centroid(np.stack([unpacked(blob) for (blob,) in rows]))
            self.put_centroid(note, found)

    def put_centroid(self, note: int, vector: Vectors) -> None:
        """Write the centroid of a note, given by its row."""
        self.query(
            "UPDATE notes SET centroid = ?1, centroid_checksum = row_sum(?1) WHERE id = ?2",
            (vector.tobytes(), note),
        )

    def drop_states(self) -> None:
        """Delete all token states."""
        self.query("DELETE FROM states")

    def drop_spare_vectors(self) -> None:
        """Delete vectors and states that no chunk uses, longest unused first.

        A quarter of what the chunks use is kept, in bytes, and at least ``SPARE_BYTES``.
        """
        size = "length(vector) + coalesce(length(pieces), 0)"
        texts = f"SELECT digest, used, {size} AS size FROM vectors LEFT JOIN states USING (digest)"
        used = "SELECT text_digest FROM chunks UNION SELECT digest FROM multilingual"
        unused = f"digest NOT IN ({used})"
        ((spare, held),) = self.query(
            f"SELECT coalesce(sum(size) FILTER (WHERE {unused}), 0),"
            f" coalesce(sum(size) FILTER (WHERE NOT {unused}), 0) FROM ({texts})"
        )
        most = max(SPARE_BYTES, held // 4)
        if spare > most:
            self.query(
                "DELETE FROM vectors WHERE digest IN (SELECT digest FROM (SELECT digest,"
                " sum(size) OVER (ORDER BY used DESC, digest DESC) AS kept"
                f" FROM ({texts}) WHERE {unused}) WHERE kept > ?)",
                (most,),
            )
        self.query("DELETE FROM states WHERE digest NOT IN (SELECT digest FROM vectors)")


def _kept(states: bool) -> str:
    """Return the SQL of the texts that are embedded, with their token states if asked for."""
    return f"vectors{' JOIN states USING (digest)' if states else ''}"
