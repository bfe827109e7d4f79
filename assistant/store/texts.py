"""What the model made of texts: kept by their digests, so that no text is embedded twice."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from assistant.embedding import Vectors

SPARE_BYTES = 32_000_000
"""Vectors and token states of texts that no note holds, kept at least, so that what is undone costs
nothing: a note that is emptied and put back, another branch and back. Some 3,000 chunks."""


@dataclass(frozen=True, slots=True)
class EmbeddedText:
    """What the model made of a text."""

    digest: str
    vector: Vectors
    """Shape (d,), unit length."""
    states: bytes | None
    """Packed token states, see ``maxsim``; None when they are not kept."""


class KeptTexts(ABC):
    """The vectors and token states of texts, those of chunks and spare ones."""

    @abstractmethod
    def query(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[Any]:
        """Return the rows of a query."""

    @abstractmethod
    def insert(self, table: str, conflict: str = "", **row: object) -> int:
        """Put a row into a table, with its sums; return its number."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Do all or nothing of what the block does."""

    @property
    @abstractmethod
    def generation(self) -> int:
        """The generation that this build makes."""

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
                self.keep_vector(text.digest, text.vector.tobytes())
                if text.states is not None:
                    self.keep_states(text.digest, text.states)

    def keep_vector(self, digest: str, vector: bytes) -> None:
        """Keep a text's vector if there is none."""
        self.insert("vectors", "OR IGNORE", digest=digest, vector=vector, used=self.generation)

    def keep_states(self, digest: str, pieces: bytes) -> None:
        """Keep a text's token states if there are none."""
        self.insert("states", "OR IGNORE", digest=digest, pieces=pieces)

    def drop_states(self) -> None:
        """Delete all token states."""
        self.query("DELETE FROM states")

    def drop_spare_vectors(self) -> None:
        """Delete vectors and states that no chunk uses, longest unused first.

        A quarter of what the chunks use is kept, in bytes, and at least ``SPARE_BYTES``.
        """
        size = "length(vector) + coalesce(length(pieces), 0)"
        texts = f"SELECT digest, used, {size} AS size FROM vectors LEFT JOIN states USING (digest)"
        unused = "digest NOT IN (SELECT text_digest FROM chunks UNION SELECT digest FROM multilingual)"
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
