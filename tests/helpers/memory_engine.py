"""An engine of a few lines: brute force over all vectors, and BM25 counted term by term.

The oracle of the engines: it has no SQL, no files and no transactions, keeps each generation under
its number, and computes everything from the definitions.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from assistant.embedding import Ids, Vectors
from assistant.store.engine import (
    HEADING_WEIGHT,
    NAME_WEIGHT,
    Alternatives,
    Depth,
    Found,
    IndexedChunk,
)

K1, B = 1.2, 0.75
"""Of BM25, as FTS5 has them."""

LEAST_WEIGHT = 1e-6
"""Of a term that stands in more than half of the chunks, as FTS5 has it."""

SHORTEST_STEMMED = 3
"""Letters of a word that has a stem."""

Generations = dict[int, dict[int, IndexedChunk]]
"""The chunks of each generation, by number."""


def stem(term: str) -> str:
    """Return a term as the index compares it: without accents, one for singular and plural.

    The first rules of Porter (1980), and none of the others: the texts of the contract hold no
    words that those would take for one.
    """
    split = unicodedata.normalize("NFD", term.lower())
    plain = "".join(letter for letter in split if not unicodedata.combining(letter))
    if len(plain) < SHORTEST_STEMMED:
        return plain
    for ending, left in (("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")):
        if plain.endswith(ending):
            plain = plain.removesuffix(ending) + left
            break
    return re.sub("y$", "i", plain)


@dataclass
class MemoryEngine:
    """One generation of chunks, and the next one in the making."""

    generations: Generations = field(default_factory=dict)
    chunks: dict[int, IndexedChunk] = field(default_factory=dict)
    coming: dict[int, IndexedChunk] = field(default_factory=dict)

    @classmethod
    def at(cls, generations: Generations, generation: int) -> Self:
        """Open a generation; 0 is the empty one before the first."""
        chunks = generations.get(generation, {})
        return cls(generations, chunks, dict(chunks))

    def search_vectors(self, vectors: Vectors, count: int, among: Ids | None = None) -> list[Found]:
        """Return for each of some vectors the nearest chunks."""
        every = ((row, self.chunks[row].vector) for row in self._among(among))
        known = {row: own for row, own in every if own is not None}
        return [
            _best({row: float(own @ vector) for row, own in known.items()}, count)
            for vector in vectors
        ]

    def search_terms(
        self, terms: Sequence[str], count: int, among: Iterable[int] | None = None
    ) -> Found:
        """Return the chunks that hold any of some terms, by BM25F."""
        texts = {row: self._terms(row) for row in self.chunks}
        average = sum(map(len, texts.values())) / max(1, len(texts))
        scores: dict[int, float] = {}
        rows = self._among(among)
        for term in map(stem, terms):
            holding = sum(term in text for text in texts.values())
            rarity = math.log((len(texts) - holding + 0.5) / (holding + 0.5))
            for row in rows:
                if often := self._often(row, term):
                    length = 1 - B + B * len(texts[row]) / average
                    score = max(rarity, LEAST_WEIGHT) * often * (K1 + 1) / (often + K1 * length)
                    scores[row] = scores.get(row, 0.0) + score
        return _best(scores, count)

    def count(self, word: Alternatives, most: int) -> int:
        """Return how many chunks hold a word, counting no further than ``most``."""
        return min(most, len(self.holding(word, self.chunks)))

    def holding(self, word: Alternatives, among: Iterable[int]) -> set[int]:
        """Return those of some chunks that hold a word."""
        wanted = [{stem(term) for term in terms} for terms in word]
        return {
            row
            for row in self._among(among)
            if any(terms <= set(self._terms(row)) for terms in wanted)
        }

    def vocabulary(self) -> Mapping[str, int]:
        """Return the terms and in how many chunks each stands."""
        return Counter(
            term for chunk in self.chunks.values() for term in {*" ".join(_fields(chunk)).split()}
        )

    def faults(self, depth: Depth) -> Iterator[str]:
        """Yield nothing."""
        yield from ()

    def put(self, chunks: Sequence[IndexedChunk]) -> None:
        """Take chunks in."""
        self.coming |= {chunk.row: chunk for chunk in chunks}

    def put_vectors(self, vectors: Mapping[int, Vectors]) -> None:
        """Take in the vectors of chunks that were put without."""
        self.coming |= {row: replace(self.coming[row], vector=v) for row, v in vectors.items()}

    def remove(self, rows: Sequence[int]) -> None:
        """Take chunks out."""
        for row in rows:
            del self.coming[row]

    def clear(self) -> None:
        """Take all chunks out."""
        self.coming = {}

    def commit(self, generation: int) -> Mapping[str, str]:
        """Make a generation of what was put and removed."""
        self.chunks = self.generations[generation] = dict(self.coming)
        return {}

    def discard(self) -> None:
        """Forget the last generation."""
        del self.generations[max(self.generations)]

    def _among(self, rows: Iterable[int] | None) -> list[int]:
        return list(self.chunks) if rows is None else [int(r) for r in rows if r in self.chunks]

    def _terms(self, row: int) -> list[str]:
        return [stem(term) for term in " ".join(_fields(self.chunks[row])).split()]

    def _often(self, row: int, term: str) -> float:
        """Return how often a chunk has a term, by what each field counts."""
        weights = (HEADING_WEIGHT, 1.0, NAME_WEIGHT)
        fields = ([stem(one) for one in text.split()] for text in _fields(self.chunks[row]))
        return sum(w * field.count(term) for w, field in zip(weights, fields, strict=True))


def _fields(chunk: IndexedChunk) -> tuple[str, str, str]:
    return chunk.heading_terms, chunk.body_terms, chunk.name_terms


def _best(scores: Mapping[int, float], count: int) -> Found:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:count]
