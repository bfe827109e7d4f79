"""Changes of chunks behind the interface of ``store.engine``, and the counts of their words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from assistant.embedding import Vectors
from assistant.store import local
from assistant.store.engine import IndexedChunk
from assistant.store.milvus import collections, records, rows
from assistant.store.milvus.rows import FOREVER, alive
from assistant.store.milvus.searches import (
    Details,
    MilvusSearches,
    counts_of,
    held_of,
    versions_of,
    word_number,
)
from assistant.store.milvus.server import Row, Server

AT_ONCE = 1000
"""Chunks and words that are changed at once."""

MOST_TERMS = 20_000
"""Characters of the terms of a chunk that are kept: some notes hold data in a line."""


@dataclass
class _Change:
    """What a generation adds to and takes from the counts of words."""

    words: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    chunks: int = 0
    length: int = 0

    def count(self, texts: Sequence[tuple[str, str, str]], sign: int) -> None:
        """Count chunks by their terms, up or down."""
        told, keys, length = local.bm25.tally(texts)
        for word, number in told.items():
            self.words[word] += sign * number
        for key, number in keys.items():
            self.keys[key] += sign * number
        self.chunks += sign * len(texts)
        self.length += sign * length


class MilvusEngine(MilvusSearches):
    """A space as the one who builds it changes it, and as it will be."""

    def __init__(self, server: Server, space: str, generation: int) -> None:
        """Change a space.

        Args:
            server: Where it lies.
            space: Its name.
            generation: That to be made.
        """
        super().__init__(server, {space: generation - 1})
        self.details: dict[int, Details] = {}
        """Of the chunks that are put next, by number; taken away once they are."""
        self.generation = generation
        """The one that is made; seen once it is committed."""
        self._space = space
        self._change = _Change()

    @property
    def coming(self) -> int:
        """How many chunks there are to be by what was put and removed so far."""
        return self.chunk_count + self._change.chunks

    def put(self, chunks: Sequence[IndexedChunk]) -> None:
        """Take chunks in."""
        self.server.upsert(self._name, [self._row(chunk) for chunk in chunks])
        self._change.count([_fields(chunk) for chunk in chunks], +1)
        self.forget()

    def put_vectors(self, vectors: Mapping[int, Vectors]) -> None:
        """Take in the vectors of chunks that were put without.

        Whoever reads an earlier generation finds them by meaning from now on, and nothing else.
        """
        found = self.server.get(self._name, [*vectors], collections.CHUNK_FIELDS)
        changed = [
            {**row, "vector": vectors[int(row["id"])].tolist(), "is_read": True} for row in found
        ]
        self.server.upsert(self._name, changed)
        self.forget()

    def remove(self, numbers: Sequence[int]) -> None:
        """Let chunks die in this generation."""
        for some in rows.batches(numbers, AT_ONCE):
            found = self.server.get(self._name, some, collections.CHUNK_FIELDS)
            with self.server.reading():
                living = [row for row in found if int(row["died"]) > self.generation]
                self._change.count([held_of(row).fields for row in living], -1)
            self.server.upsert(self._name, [{**row, "died": self.generation} for row in living])
        self.forget()

    def clear(self) -> None:
        """Let all chunks die in this generation."""
        condition = alive({self._space: self.generation})
        living = [row["id"] for row in self.server.query(self._name, condition, ["id"])]
        self.remove(living)

    def commit(self, generation: int) -> Mapping[str, str]:
        """Write what was counted; the manifest, which makes it seen, is the catalog's to move."""
        assert generation == self.generation
        change, self._change = self._change, _Change()
        self._write_words(change)
        self.generations[self._space] = generation
        self.generation = generation + 1
        self.forget()
        return {}

    def discard(self) -> None:
        """Leave what was written where nobody sees it; the next build takes it away."""
        self._change = _Change()

    def forget(self) -> None:
        """Hold nothing in memory of what was before a change."""
        self._chunks.clear()
        self._counts.clear()
        self._words.clear()
        self.__dict__.pop("_totals", None)

    def _row(self, chunk: IndexedChunk) -> Row:
        told = self.details.pop(chunk.row, Details())
        fields = _fields(chunk)
        # A vector there has to be, also where there is none yet.
        vector = [1.0, *[0.0] * (self._dimensions - 1)] if chunk.vector is None else chunk.vector
        return {
            **{"id": chunk.row, "space": self._space, "born": self.generation, "died": FOREVER},
            **{"note": told.note, "entry": told.entry, "start": told.start, "end": told.end},
            **{"is_head": told.is_head, "is_read": chunk.vector is not None},
            "digest": told.digest,
            "terms": rows.pieces_of("\n".join(fields))[0],
            "tokens": local.bm25.document(*fields)[: rows.MOST_BYTES],
            "vector": vector if isinstance(vector, list) else vector.tolist(),
        }

    @cached_property
    def _dimensions(self) -> int:
        return collections.dimensions_of(self.server)

    def _write_words(self, change: _Change) -> None:
        """Write the counts of this generation."""
        local.bm25.STEMS.learn(change.words)
        of_key: dict[str, dict[str, int]] = {key: {} for key, n in change.keys.items() if n}
        for word, number in change.words.items():
            if number and (key := local.bm25.STEMS.key(word)):
                of_key.setdefault(key, {})[word] = number
        if change.chunks or change.length:
            of_key[""] = {"": change.length}
            change.keys[""] = change.chunks
        name = collections.name(self._name, "words")
        for keys in rows.batches(of_key, AT_ONCE):
            known = {
                int(row["id"]): row
                for row in self.server.get(
                    name, [word_number(self._space, key) for key in keys], ["id", "content"]
                )
            }
            self.server.upsert(
                name, [self._word_row(key, change.keys[key], of_key[key], known) for key in keys]
            )

    def _word_row(
        self, key: str, number: int, words: Mapping[str, int], known: Mapping[int, Row]
    ) -> Row:
        """Return the row of a key with the counts of this generation."""
        of = word_number(self._space, key)
        with self.server.reading():
            versions = versions_of(known[of]) if of in known else []
            held = rows.at(versions, self.generation) or [0, {}]
        told = Counter(counts_of(held[1]))
        for word, change in words.items():
            told[word] += change
        holding = int(held[0]) + number
        told_of = {word: count for word, count in told.items() if count > 0}
        versions = rows.with_version(versions, self.generation, [holding, told_of])
        return records.record(
            of,
            self._space,
            "word",
            key=key,
            born=self.generation,
            died=FOREVER if holding else self.generation,
            content=rows.pieces_of(json.dumps(versions))[0],
        )


def _fields(chunk: IndexedChunk) -> tuple[str, str, str]:
    heading, body, names = chunk.heading_terms, chunk.body_terms, chunk.name_terms
    return _cut(heading), _cut(body), _cut(names)


def _cut(text: str) -> str:
    if len(text) <= MOST_TERMS // 3:
        return text
    return text[: MOST_TERMS // 3].rpartition(" ")[0]
