"""Searches and changes of chunks behind the interface of ``store.engine``."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import ItemsView, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from assistant.embedding import Ids, Vectors
from assistant.store import local
from assistant.store.engine import Alternatives, Depth, Found, IndexedChunk
from assistant.store.milvus import collections, records, rows
from assistant.store.milvus.rows import FOREVER, alive, all_of, one_of
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
WORDS_AT_ONCE = 1000

LONG_SEARCH_SECONDS = 60.0

NEAREST = 128
"""Least size of the list by which a graph is searched (``ef``): recall .9 to 1 of ten with 100."""

MOST_TERMS = 20_000
"""Characters of the terms of a chunk that are kept: some notes hold data in a line."""


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
        return Words(self)

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
                chunk = _held(row)
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
                held = rows.at(_versions(row), self.generations[one[0]])
                if held is not None:
                    self._words[one] = (int(held[0]), _counts(held[1]))
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
                held = rows.at(_versions(row), self.generations[str(row["space"])])
                # What is counted under no stem are the totals.
                if held is not None and row["key"]:
                    found.update(_counts(held[1]))
        return +found

    @property
    def _least(self) -> int:
        return min(self.generations.values(), default=0)


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
        for some in rows.batches(numbers, MOST_AMONG):
            found = self.server.get(self._name, some, collections.CHUNK_FIELDS)
            with self.server.reading():
                living = [row for row in found if int(row["died"]) > self.generation]
                self._change.count([_held(row).fields for row in living], -1)
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
        for keys in rows.batches(of_key, WORDS_AT_ONCE):
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
            versions = _versions(known[of]) if of in known else []
            held = rows.at(versions, self.generation) or [0, {}]
        told = Counter(_counts(held[1]))
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


class Words(Mapping[str, int]):
    """The terms of an index, looked up one by one, or read at once to be walked over."""

    def __init__(self, searches: MilvusSearches) -> None:
        self._searches = searches

    @cached_property
    def _all(self) -> dict[str, int]:
        return dict(self._searches.all_words())

    def __getitem__(self, word: str) -> int:
        count = self._searches.word_count(word)
        if not count:
            raise KeyError(word)
        return count

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def items(self) -> ItemsView[str, int]:
        """Return all terms with their numbers, read at once."""
        return self._all.items()


def word_number(space: str, key: str) -> int:
    """Return the number of the row of a key."""
    return rows.number_of("word", space, key)


def _fields(chunk: IndexedChunk) -> tuple[str, str, str]:
    heading, body, names = chunk.heading_terms, chunk.body_terms, chunk.name_terms
    return _cut(heading), _cut(body), _cut(names)


def _cut(text: str) -> str:
    if len(text) <= MOST_TERMS // 3:
        return text
    return text[: MOST_TERMS // 3].rpartition(" ")[0]


def _held(row: Row) -> Held:
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


def _versions(row: Row) -> rows.Versions:
    versions: rows.Versions = json.loads(rows.joined([row["content"]]))
    return versions


def _counts(told: object) -> dict[str, int]:
    if not isinstance(told, dict):
        raise TypeError("counts of words are none")
    return {str(word): int(count) for word, count in told.items()}


def _literal(key: str) -> str:
    return rows.quoted(local.bm25.encoded(key))


def _best(hits: Iterable[tuple[int, float]], count: int) -> Found:
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:count]
