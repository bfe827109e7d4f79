"""Searches of chunks behind the interface of ``store.engine``: one generation of some spaces."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assistant.embedding import Ids, Vectors
from assistant.store import local
from assistant.store.engine import Alternatives, Depth, Found, Vocabulary
from assistant.store.milvus import collections, rows
from assistant.store.milvus.rows import alive, all_of, one_of
from assistant.store.milvus.server import Row, Server

MOST_FOUND = 16_384
"""Rows that a server finds at most."""

MOST_AMONG = 5_000
"""Numbers that a filter names at once."""

MOST_HELD = 5_000
"""Chunks that are held in memory, some 10 kB each."""

MOST_SCORED = 2_000
"""Chunks asked about that are scored one by one, and not searched for."""

VECTORS_AT_ONCE = 16

LONG_SEARCH_SECONDS = 60.0

NEAREST = 128
"""Least size of the list by which a graph is searched (``ef``): recall .9 to 1 of ten with 100."""


@dataclass(frozen=True, slots=True)
class Details:
    """What the catalog has to say of a chunk."""

    note: int = 0
    entry: int = 0
    start: int = 0
    end: int = 0
    is_head: bool = False
    """Whether it ends with the heading of its entry."""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A chunk as a server keeps it."""

    row: int
    details: Details
    fields: tuple[str, str, str]
    """Terms of its headings, its text and the names of its note."""
    counted: local.bm25.Counted
    vector: Vectors | None
    """None where it is found by its terms alone."""


class MilvusSearches:
    """One generation of each of some spaces."""

    def __init__(self, server: Server, generations: Mapping[str, int]) -> None:
        self.server = server
        self.generations = dict(generations)
        self._chunks: OrderedDict[int, Held] = OrderedDict()
        self._counts: dict[tuple[Alternatives, int], int] = {}
        self._words: dict[tuple[str, str], tuple[int, Mapping[str, int]]] = {}

    @property
    def _name(self) -> str:
        return self.server.address.name

    @property
    def _alive(self) -> str:
        return alive(self.generations)

    def search_vectors(self, vectors: Vectors, count: int, among: Ids | None = None) -> list[Found]:
        """Return for each of some vectors the nearest chunks, see ``engine.Searches``."""
        found: list[Found] = [[] for _ in vectors]
        for condition in self._among(None if among is None else among.tolist()):
            for at in range(0, len(vectors), VECTORS_AT_ONCE):
                some = [vector.tolist() for vector in vectors[at : at + VECTORS_AT_ONCE]]
                near = self._nearest(some, count, all_of(condition, "is_read == true"))
                for number, hits in enumerate(near, at):
                    found[number] += hits
        return [_best(hits, count) for hits in found]

    def _nearest(self, vectors: list[list[float]], count: int, condition: str) -> list[Found]:
        count = min(count, MOST_FOUND)
        size = {"ef": max(NEAREST, min(2 * count, 32_768))}
        parameters = {"metric_type": "COSINE", "params": size}
        return self.server.search(self._name, vectors, "vector", count, condition, parameters)

    def search_terms(
        self, asked: Sequence[str], count: int, among: Iterable[int] | None = None
    ) -> Found:
        """Return the chunks that hold any of some terms, see ``engine.Searches``.

        The server finds candidates, more than are asked for, by a BM25 of its own.
        """
        keys = [key for key in map(local.bm25.STEMS.key, asked) if key]
        if not keys:
            return []
        chosen = None if among is None else [int(row) for row in among]
        if chosen is not None and len(chosen) <= MOST_SCORED:
            candidates = chosen
        else:
            candidates = self._candidates(keys, count, chosen)
        chunks, length = self._totals
        average = max(1, length) / max(1, chunks)
        self._learn(keys)
        rarities = [(key, local.bm25.rarity(chunks, self._holding(key))) for key in keys]
        held = self.held(candidates)
        scored = (
            (row, local.bm25.score(one.counted, rarities, average)) for row, one in held.items()
        )
        return _best([(row, score) for row, score in scored if score > 0], count)

    def _candidates(self, keys: Sequence[str], count: int, among: list[int] | None) -> list[int]:
        text = " ".join(map(local.bm25.encoded, keys))
        most = min(2 * count + 50, MOST_FOUND)
        found: list[int] = []
        for condition in self._among(among):
            (hits,) = self.server.search(
                self._name, [text], "sparse", most, condition, {"metric_type": "BM25"}
            )
            found += [row for row, _ in hits]
        return found

    def _among(self, chosen: list[int] | None) -> Iterator[str]:
        """Yield the filters that together are of the chunks to consider."""
        if chosen is None:
            yield self._alive
            return
        for at in range(0, len(chosen), MOST_AMONG):
            yield all_of(one_of("id", chosen[at : at + MOST_AMONG]), self._alive)

    def count(self, word: Alternatives, most: int) -> int:
        """Return how many chunks hold a word, counting no further than ``most``."""
        known = self._counts.get((word, most))
        if known is None:
            known = self._counts[word, most] = min(most, self._counted(word, most))
        return known

    def _counted(self, word: Alternatives, most: int) -> int:
        wanted = {frozenset(map(local.bm25.STEMS.key, alternative)) for alternative in word}
        wanted = {keys for keys in wanted if keys and "" not in keys}
        single = [next(iter(keys)) for keys in wanted if len(keys) == 1]
        several = [keys for keys in wanted if len(keys) > 1]
        self._learn(key for keys in wanted for key in keys)
        least = max(map(self._holding, single), default=0)
        several = [keys for keys in several if all(map(self._holding, keys))]
        if least >= most or (not several and len(single) <= 1):
            return least
        conditions = [
            "(" + all_of(*(f"TEXT_MATCH(tokens, {_literal(key)})" for key in sorted(keys))) + ")"
            for keys in (*({one} for one in single), *several)
        ]
        return self.server.count(self._name, all_of(self._alive, f"({' or '.join(conditions)})"))

    def holding(self, word: Alternatives, among: Iterable[int]) -> set[int]:
        """Return those of some chunks that hold a word."""
        wanted = [[*map(local.bm25.STEMS.key, alternative)] for alternative in word]
        return {
            row
            for row, chunk in self.held(among).items()
            if any(all(key in chunk.counted.often for key in keys) for keys in wanted)
        }

    def vocabulary(self) -> Mapping[str, int]:
        """Return the terms and in how many chunks each stands."""
        return Vocabulary(self.word_count, self.all_words)

    def faults(self, depth: Depth) -> Iterator[str]:
        """Yield what is wrong with the generation; a glance looks at nothing."""
        if depth == "glance":
            return
        chunks, _ = self._totals
        there = self.server.count(self._name, self._alive)
        if there != chunks:
            yield f"there are {there} chunks at {self.server.address}, and {chunks} were put"

    def held(self, wanted: Iterable[int]) -> dict[int, Held]:
        """Return those of some chunks that are there, by number."""
        asked = [*dict.fromkeys(map(int, wanted))]
        unknown = [row for row in asked if row not in self._chunks]
        for row in self.server.get(self._name, unknown, collections.CHUNK_FIELDS):
            with self.server.reading():
                chunk = held_of(row)
                if self._is_alive(row):
                    self._chunks[chunk.row] = chunk
        found = {row: self._chunks[row] for row in asked if row in self._chunks}
        for number in found:
            self._chunks.move_to_end(number)
        while len(self._chunks) > max(MOST_HELD, len(asked)):
            self._chunks.popitem(last=False)
        return found

    def _is_alive(self, row: Row) -> bool:
        generation = self.generations.get(str(row["space"]), -1)
        return int(row["born"]) <= generation < int(row["died"])

    @property
    def chunk_count(self) -> int:
        """How many chunks there are."""
        return self._totals[0]

    @cached_property
    def _totals(self) -> tuple[int, int]:
        """How many chunks there are, and how many stems they have together."""
        found = self._word_rows([""])
        return sum(one for one, _ in found.values()), sum(
            told.get("", 0) for _, told in found.values()
        )

    def _learn(self, keys: Iterable[str]) -> None:
        """Look up in how many chunks keys stand, at once."""
        self._word_rows([*keys])

    def _holding(self, key: str) -> int:
        """Return in how many chunks a key stands."""
        return sum(count for count, _ in self._word_rows([key]).values())

    def _word_rows(
        self, keys: Sequence[str]
    ) -> dict[tuple[str, str], tuple[int, Mapping[str, int]]]:
        """Return by space and key in how many chunks keys and the terms with them stand."""
        asked = [(space, key) for space in self.generations for key in keys]
        unknown = {word_number(*one): one for one in asked if one not in self._words}
        self._words.update(dict.fromkeys(unknown.values(), (0, {})))
        name = collections.name(self._name, "words")
        for row in self.server.get(name, [*unknown], ["id", "content"]):
            with self.server.reading():
                one = unknown[int(row["id"])]
                held = rows.at(versions_of(row), self.generations[one[0]])
                if held is not None:
                    self._words[one] = (int(held[0]), counts_of(held[1]))
        return {one: self._words[one] for one in asked}

    def word_count(self, term: str) -> int:
        """Return in how many chunks a term stands, as it was put."""
        key = local.bm25.STEMS.key(term)
        return sum(told.get(term, 0) for _, told in self._word_rows([key]).values()) if key else 0

    def all_words(self) -> Counter[str]:
        """Return all terms with their numbers."""
        found: Counter[str] = Counter()
        condition = all_of(one_of("space", self.generations), f"died > {self._least}")
        name = collections.name(self._name, "words")
        for row in self.server.query(name, condition, ["space", "key", "content"]):
            with self.server.reading():
                held = rows.at(versions_of(row), self.generations[str(row["space"])])
                # What is counted under no stem are the totals.
                if held is not None and row["key"]:
                    found.update(counts_of(held[1]))
        return +found

    @property
    def _least(self) -> int:
        return min(self.generations.values(), default=0)


def word_number(space: str, key: str) -> int:
    """Return the number of the row of a key."""
    return rows.number_of("word", space, key)


def held_of(row: Row) -> Held:
    """Return the chunk that a row holds; raises ValueError and the like for none."""
    heading, body, names = rows.joined([row["terms"]]).split("\n")
    vector = np.array(row["vector"], np.float32) if row["is_read"] else None
    if vector is not None and not np.isfinite(vector).all():
        raise ValueError("a vector is none")
    details = Details(
        int(row["note"]),
        int(row["entry"]),
        int(row["start"]),
        int(row["end"]),
        bool(row["is_head"]),
        str(row["digest"]),
    )
    fields = (heading, body, names)
    return Held(int(row["id"]), details, fields, local.bm25.counted(*fields), vector)


def versions_of(row: Row) -> rows.Versions:
    """Return the versions that a row holds; raises ValueError for none."""
    versions: rows.Versions = json.loads(rows.joined([row["content"]]))
    return versions


def counts_of(told: object) -> dict[str, int]:
    """Return counts of words; raises TypeError for what is none."""
    if not isinstance(told, dict):
        raise TypeError("counts of words are none")
    return {str(word): int(count) for word, count in told.items()}


def _literal(key: str) -> str:
    return rows.quoted(local.bm25.encoded(key))


def _best(hits: Iterable[tuple[int, float]], count: int) -> Found:
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:count]
