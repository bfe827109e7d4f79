"""What every engine promises, asked of the one in the index folder and of the oracle in memory."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import count as count_up
from pathlib import Path

import numpy as np
import pytest
from indexes import PYTORCH, TOOLS, Case
from memory_engine import Generations, MemoryEngine
from milvus_server import MilvusServer

from assistant.embedding import Ids, Vectors, packed, unpacked
from assistant.engine_address import EngineAddress
from assistant.store import snapshot
from assistant.store.connection import connect
from assistant.store.engine import Alternatives, Engine, Found, IndexedChunk, Searches
from assistant.store.local import LocalEngine
from assistant.store.local.engine import VectorFile
from assistant.store.milvus import collections
from assistant.store.milvus.searches import MilvusSearches
from assistant.store.milvus.server import Server
from assistant.store.milvus.writing.engine import MilvusEngine
from assistant.store.tables import TABLES

DIMENSIONS = 16

WORDS = (
    (
        "tensor tensors gradient gradients memory memories batch loss losses naive naïve torch.cuda"
        " empty_cache batch-first std::vector 查看 c++ x2 the of GPU"
    )
    .lower()
    .split()
)
"""Terms of every kind: plurals, accents, names with joints, Chinese, numbers."""

SEEDS = 3
"""Histories over which the engines are compared."""

GOING = 0.3
"""Share of the chunks that each generation takes out."""

CLOSE = 2e-6
"""How far scores of the same may differ that were added up in another order."""

COMMON = "common"
"""A term of every chunk."""


def chunks(first: int, count: int, seed: int = 0) -> list[IndexedChunk]:
    """Return chunks with consecutive numbers, some of them alike."""
    random = np.random.default_rng([seed, first])
    vectors = random.standard_normal((count, DIMENSIONS)).astype(np.float32)
    vectors[1::5] = vectors[0]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = unpacked(packed(vectors)).reshape(vectors.shape)  # as the catalog has them
    texts = [" ".join(random.choice(WORDS, size=random.integers(1, 30))) for _ in range(count)]
    heads = [" ".join(random.choice(WORDS, size=random.integers(0, 4))) for _ in range(count)]
    names = [" ".join(random.choice(WORDS, size=random.integers(0, 3))) for _ in range(count)]
    return [
        IndexedChunk(first + i, vectors[i], heads[i], f"{texts[i]} {COMMON}", names[i])
        for i in range(count)
    ]


def questions(count: int) -> Vectors:
    """Return unit vectors to search for, shape (n, d)."""
    found = np.random.default_rng(9).standard_normal((count, DIMENSIONS)).astype(np.float32)
    unit: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


class Bench:
    """Holds an engine's generations, and opens it to write and to read."""

    def __init__(self) -> None:
        self.last = 0

    @contextmanager
    def writing(self) -> Iterator[Engine]:
        """Lend the engine with the last generation; what is committed in it stays."""
        raise NotImplementedError

    @contextmanager
    def reading(self) -> Iterator[Searches]:
        """Lend the engine as it shows the last generation, for as long as the block takes."""
        raise NotImplementedError

    def make(self, change: Callable[[Engine], None]) -> None:
        """Make a generation of one change."""
        with self.writing() as engine:
            change(engine)
            engine.commit(self.last + 1)
        self.last += 1


class MemoryBench(Bench):
    """Of the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self.generations: Generations = {}

    @contextmanager
    def writing(self) -> Iterator[Engine]:
        """Lend the oracle."""
        yield MemoryEngine.at(self.generations, self.last)

    @contextmanager
    def reading(self) -> Iterator[Searches]:
        """Lend the oracle."""
        yield MemoryEngine.at(self.generations, self.last)


class LocalBench(Bench):
    """Of FTS5 and FAISS in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.file: VectorFile | None = None
        self.vectors: dict[int, Vectors] = {}
        self.without: set[int] = set()
        folder.mkdir(exist_ok=True)
        with closing(connect(folder, write=True)) as connection:
            connection.executescript(TABLES)

    @contextmanager
    def writing(self) -> Iterator[Engine]:
        """Lend the engine in a transaction."""
        with closing(connect(self.folder, write=True)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield _Kept(connection, self)
            connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[Searches]:
        """Lend the engine in a transaction, which sees no later one."""
        with closing(connect(self.folder)) as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM words").fetchall()  # holds the state
            yield LocalEngine(connection, self.folder, self.file, self.kept, self.unread)

    def kept(self) -> Iterator[tuple[Vectors, Ids]]:
        """Yield all vectors, as the catalog keeps them."""
        rows = sorted(self.vectors)
        for at in range(0, max(1, len(rows)), 7):
            some = rows[at : at + 7]
            vectors = np.array([self.vectors[row] for row in some], np.float32)
            yield vectors.reshape(-1, DIMENSIONS), np.array(some, np.int64)

    def unread(self) -> Ids:
        """Return the chunks without vectors."""
        return np.array(sorted(self.without), np.int64)


class _Kept(LocalEngine):
    """The engine beside what a catalog keeps of what is put into it."""

    def __init__(self, connection: sqlite3.Connection, bench: LocalBench) -> None:
        super().__init__(connection, bench.folder, bench.file, bench.kept, bench.unread)
        self.bench = bench

    def put(self, chunks: Sequence[IndexedChunk]) -> None:
        super().put(chunks)
        self.bench.vectors |= {c.row: c.vector for c in chunks if c.vector is not None}
        self.bench.without |= {c.row for c in chunks if c.vector is None}

    def put_vectors(self, vectors: Mapping[int, Vectors]) -> None:
        super().put_vectors(vectors)
        self.bench.vectors |= vectors
        self.bench.without -= vectors.keys()

    def remove(self, rows: Sequence[int]) -> None:
        super().remove(rows)
        for row in rows:
            self.bench.vectors.pop(row, None)
            self.bench.without.discard(row)

    def clear(self) -> None:
        super().clear()
        self.bench.vectors.clear()
        self.bench.without.clear()

    def commit(self, generation: int) -> Mapping[str, str]:
        told = super().commit(generation)
        self.bench.file = VectorFile(
            told["dense"], told["dense_seal"], len(self.bench.vectors), DIMENSIONS
        )
        return told


class MilvusBench(Bench):
    """Of a space on a server."""

    def __init__(self, address: EngineAddress) -> None:
        super().__init__()
        self.server = Server(address)
        collections.make_all(self.server, DIMENSIONS)

    @contextmanager
    def writing(self) -> Iterator[Engine]:
        """Lend the engine with the generation that is to come."""
        yield MilvusEngine(self.server, self.server.address.space, self.last + 1)

    @contextmanager
    def reading(self) -> Iterator[Searches]:
        """Lend the engine as it shows one generation, whatever is written later."""
        yield MilvusSearches(self.server, {self.server.address.space: self.last})


_spaces = count_up()


@pytest.fixture(params=["memory", "local", "milvus"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Each engine in turn, empty."""
    if request.param == "milvus":
        server: MilvusServer = request.getfixturevalue("milvus")
        return MilvusBench(server.address("contract", f"space{next(_spaces)}"))
    return MemoryBench() if request.param == "memory" else LocalBench(tmp_path)


@dataclass(frozen=True)
class Both:
    """The oracle and the engine in the folder, with the same generations."""

    oracle: MemoryBench
    local: LocalBench

    def make(self, change: Callable[[Engine], None]) -> None:
        """Make a generation of one change in both."""
        self.oracle.make(change)
        self.local.make(change)

    @contextmanager
    def reading(self) -> Iterator[tuple[Searches, Searches]]:
        """Lend both."""
        with self.oracle.reading() as oracle, self.local.reading() as local:
            yield oracle, local


def grown(seed: int) -> Iterator[Callable[[Engine], None]]:
    """Yield changes one after the other: chunks come and go, some in one generation."""
    random = np.random.default_rng([7, seed])
    there: list[int] = []
    at = 1
    for _ in range(4):
        gone = [row for row in there if random.random() < GOING]
        new = chunks(at, int(random.integers(0, 60)), seed)
        at += len(new)
        there = [row for row in there if row not in gone] + [chunk.row for chunk in new]

        def change(
            engine: Engine,
            gone: Sequence[int] = tuple(gone),
            new: Sequence[IndexedChunk] = tuple(new),
        ) -> None:
            engine.remove(gone)
            for half in (new[: len(new) // 2], new[len(new) // 2 :]):
                engine.put(half)

        yield change


@pytest.fixture(params=range(SEEDS), scope="module")
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Both engines after some generations."""
    found = Both(MemoryBench(), LocalBench(tmp_path_factory.mktemp("engine")))
    for change in grown(request.param):
        found.make(change)
    return found


def same(one: Found, other: Found) -> bool:
    """Return whether two engines found the same, whose scores differ in the last digits alone.

    Chunks with scores as good as equal may change places: each engine orders its own digits.
    """
    assert [score for _, score in one] == pytest.approx([score for _, score in other], abs=CLOSE)
    expected = dict(other)
    return {row for row, _ in one} == expected.keys() and all(
        abs(score - expected[row]) < CLOSE for row, score in one
    )


# What the engine in the folder has in common with the oracle


def test_the_same_vectors_are_near(both: Both) -> None:
    """Chunks and cosines are the oracle's, for one vector and for many, among all and some."""
    with both.reading() as (oracle, local):
        asked = questions(30)
        some = np.array(sorted(local.holding((("memory",),), range(1, 300))), np.int64)
        for vectors, among in ((asked, None), (asked[:1], None), (asked[:5], some)):
            found = local.search_vectors(vectors, 1000, among)
            expected = oracle.search_vectors(vectors, 1000, among)
            assert len(found) == len(expected) == len(vectors)
            assert all(map(same, found, expected))


def test_the_same_terms_are_found(both: Both) -> None:
    """Chunks, scores and their order are the oracle's, for any terms, among all and some."""
    with both.reading() as (oracle, local):
        odd = [row for row, _ in oracle.search_terms([COMMON], 1000)][::2]
        for terms in ([word] for word in (*WORDS, COMMON, "absent")):
            for asked in (terms, [*terms, "losses", "gpu"]):
                for among in (None, odd):
                    found = local.search_terms(asked, 1000, among)
                    assert same(found, oracle.search_terms(asked, 1000, among))


def test_the_same_chunks_hold_a_word(both: Both) -> None:
    """Words are counted and found as the oracle does, also such as are terms together."""
    words: list[Alternatives] = [((word,),) for word in (*WORDS, "absent")]
    words += [(("gradient", "memory"),), (("gradient", "gpu"), ("naive",)), (("absent", "the"),)]
    with both.reading() as (oracle, local):
        for word in words:
            assert local.holding(word, range(0, 300, 3)) == oracle.holding(word, range(0, 300, 3))
            for most in (1, 5, 1000):
                assert local.count(word, most) == oracle.count(word, most)


def test_the_same_terms_are_told(both: Both) -> None:
    """The vocabulary is the oracle's, term by term and as a whole."""
    with both.reading() as (oracle, local):
        expected = oracle.vocabulary()
        told = local.vocabulary()
        assert dict(told.items()) == dict(expected)
        assert {term: told[term] for term in expected} == dict(expected)
        assert len(told) == len(expected)
        assert "absent" not in told


# What each engine promises


def test_an_empty_engine_finds_nothing(bench: Bench) -> None:
    """A generation without chunks is one, too."""
    bench.make(lambda engine: engine.put([]))
    with bench.reading() as engine:
        assert engine.search_vectors(questions(2), 5) == [[], []]
        assert engine.search_vectors(questions(1), 5) == [[]]
        assert engine.search_terms(["gpu"], 5) == engine.search_terms([], 5) == []
        assert engine.count((("gpu",),), 5) == 0
        assert engine.holding((("gpu",),), [1]) == set()
        assert len(engine.vocabulary()) == 0


def test_no_more_is_found_than_asked_for(bench: Bench) -> None:
    """The count bounds what is found, and what is left out are the worst."""
    bench.make(lambda engine: engine.put(chunks(1, 50)))
    with bench.reading() as engine:
        ((*near,),) = engine.search_vectors(questions(1), 50)
        assert engine.search_vectors(questions(1), 7) == [near[:7]]
        terms = engine.search_terms([COMMON, "memory"], 50)
        assert engine.search_terms([COMMON, "memory"], 7) == terms[:7]
        assert len(terms) == len(near) == 50


def test_equals_come_in_the_order_of_their_numbers(bench: Bench) -> None:
    """Of chunks that are alike, whole or in their vectors, the lower number comes first."""
    (one,) = chunks(1, 1)
    bench.make(lambda engine: engine.put([replace(one, row=row) for row in range(3, 9)]))
    with bench.reading() as engine:
        assert [row for row, _ in engine.search_terms([COMMON], 4)] == [3, 4, 5, 6]
        for vectors in (questions(1), questions(3)):
            found = engine.search_vectors(vectors, 9)
            assert all([row for row, _ in near] == [*range(3, 9)] for near in found)


def test_none_but_the_chosen_are_found(bench: Bench) -> None:
    """Chunks that are not among those asked for are not found; none of none, and no unknown one."""
    bench.make(lambda engine: engine.put(chunks(1, 40)))
    some = [3, 8, 30, 99]
    with bench.reading() as engine:
        (near,) = engine.search_vectors(questions(1), 40, np.array(some, np.int64))
        assert {row for row, _ in near} == {3, 8, 30}
        assert {row for row, _ in engine.search_terms([COMMON], 40, some)} == {3, 8, 30}
        assert engine.holding(((COMMON,),), some) == {3, 8, 30}
        assert engine.search_vectors(questions(1), 40, np.zeros(0, np.int64)) == [[]]
        assert engine.search_terms([COMMON], 40, []) == []
        assert engine.holding(((COMMON,),), []) == set()


def test_what_is_removed_is_found_no_more(bench: Bench) -> None:
    """Neither by its vector nor by its terms, which are counted without it."""
    given = chunks(1, 40)
    bench.make(lambda engine: engine.put(given))
    bench.make(lambda engine: engine.remove([2, 7]))
    with bench.reading() as engine:
        ((*near,),) = engine.search_vectors(questions(1), 99)
        assert {row for row, _ in near} == set(range(1, 41)) - {2, 7}
        assert {row for row, _ in engine.search_terms([COMMON], 99)} == {row for row, _ in near}
        assert engine.count(((COMMON,),), 99) == engine.vocabulary()[COMMON] == 38
        assert not any(engine.faults("vectors"))


def late_vectors(some: Sequence[IndexedChunk]) -> Callable[[Engine], None]:
    """Return the change that gives chunks their vectors, which were put without."""
    vectors = {chunk.row: chunk.vector for chunk in some if chunk.vector is not None}
    return lambda engine: engine.put_vectors(vectors)


def test_a_chunk_without_a_vector_is_found_by_its_terms(bench: Bench) -> None:
    """And by its vector from the generation on in which that comes."""
    known, late = chunks(1, 20), chunks(21, 20)
    bench.make(lambda engine: engine.put([*known, *(replace(c, vector=None) for c in late)]))
    with bench.reading() as engine:
        assert {row for row, _ in engine.search_vectors(questions(1), 99)[0]} == set(range(1, 21))
        assert len(engine.search_terms([COMMON], 99)) == 40
        assert not any(engine.faults("vectors"))
    for some in (late[5:], late[:5]):
        bench.make(late_vectors(some))
        with bench.reading() as engine:
            assert not any(engine.faults("ids"))
            assert not any(engine.faults("vectors"))
    with bench.reading() as engine:
        found = engine.search_vectors(questions(1), 99)
    whole = type(bench)() if isinstance(bench, MemoryBench) else None
    if whole is not None:
        whole.make(lambda engine: engine.put([*known, *late]))
        with whole.reading() as engine:
            assert found == engine.search_vectors(questions(1), 99)
    assert {row for row, _ in found[0]} == set(range(1, 41))


def test_the_last_vector_makes_the_file_that_all_at_once_make(tmp_path: Path) -> None:
    """However they come, the file of vectors is the same to the byte."""
    whole, grown = LocalBench(tmp_path / "whole"), LocalBench(tmp_path / "grown")
    every = chunks(1, 30)
    whole.make(lambda engine: engine.put(every))
    grown.make(lambda engine: engine.put([replace(chunk, vector=None) for chunk in every]))
    for some in (every[20:], every[:20]):
        grown.make(late_vectors(some))
    assert whole.file is not None
    assert grown.file is not None
    one, other = (tmp_path / name for name in ("whole", "grown"))
    assert (one / whole.file.name).read_bytes() == (other / grown.file.name).read_bytes()


def test_the_commonest_terms_of_very_many_chunks_are_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rarest is always, however common, and where they are told among which chunks, all are."""
    bench = LocalBench(tmp_path)
    rare = IndexedChunk(41, chunks(41, 1)[0].vector, "", "quokka", "")
    bench.make(lambda engine: engine.put([*chunks(1, 40), rare]))

    def found(*terms: str, among: list[int] | None = None) -> set[int]:
        with bench.reading() as engine:
            return {row for row, _ in engine.search_terms(terms, 99, among)}

    assert found("quokka", COMMON) == set(range(1, 42))
    monkeypatch.setattr("assistant.store.local.engine.MOST_HELD", 30)
    assert found("quokka", COMMON) == {41}
    assert found("unheard", COMMON) == found(COMMON) == set(range(1, 41))
    assert found("quokka", COMMON, among=[1, 2, 41]) == {1, 2, 41}


def test_a_cleared_engine_starts_anew(bench: Bench) -> None:
    """After clearing there is what was put since, and nothing else."""
    bench.make(lambda engine: engine.put(chunks(1, 40)))

    def anew(engine: Engine) -> None:
        engine.clear()
        engine.put(chunks(41, 5))

    bench.make(anew)
    with bench.reading() as engine:
        assert {row for row, _ in engine.search_vectors(questions(2), 99)[1]} == set(range(41, 46))
        assert engine.vocabulary()[COMMON] == 5
        assert not any(engine.faults("vectors"))


def test_an_open_generation_stays_as_it_is(bench: Bench) -> None:
    """Who has opened one goes on to see it while the next is made; who comes then sees the next."""

    def change(engine: Engine) -> None:
        engine.remove([1, 2, 3])
        engine.put(chunks(21, 9))

    bench.make(lambda engine: engine.put(chunks(1, 20)))
    with bench.reading() as before:
        (near,) = before.search_vectors(questions(1), 99)
        terms = before.search_terms([COMMON, "gpu"], 99)
        bench.make(change)
        assert before.search_vectors(questions(1), 99) == [near]
        assert before.search_terms([COMMON, "gpu"], 99) == terms
        assert before.count(((COMMON,),), 99) == 20
        with bench.reading() as after:
            assert {row for row, _ in after.search_terms([COMMON], 99)} == set(range(4, 30))
            assert {row for row, _ in after.search_vectors(questions(1), 99)[0]} == set(
                range(4, 30)
            )


def test_who_commits_sees_the_generation(bench: Bench) -> None:
    """The verdict is calibrated on a new generation before anybody else knows of it."""
    with bench.writing() as engine:
        engine.put(chunks(1, 20))
        engine.commit(1)
        assert len(engine.search_vectors(questions(1), 99)[0]) == 20
        assert engine.count(((COMMON,),), 99) == 20
        engine.remove([5])
        engine.commit(2)
        assert len(engine.search_vectors(questions(1), 99)[0]) == 19
        assert engine.count(((COMMON,),), 99) == 19


@dataclass
class _AsFile(MemoryEngine):
    """The oracle under the names that a manifest has for files of vectors."""

    def open(self) -> None:
        """Have everything at hand."""

    def commit(self, generation: int) -> Mapping[str, str]:
        super().commit(generation)
        return {"dense": f"dense-{generation}.faiss", "dense_seal": ""}


def test_the_program_needs_no_more_of_an_engine_than_its_interface(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Builds and questions go as well over the oracle, which has neither files nor SQL."""
    generations: Generations = {}

    def oracle(_: sqlite3.Connection, __: Path, file: VectorFile | None, *___: object) -> _AsFile:
        number = re.findall(r"\d+", file.name) if file else ["0"]
        return _AsFile.at(generations, int(number[0]))

    monkeypatch.setattr(snapshot, "LocalEngine", oracle)
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.write("tools.md", TOOLS)
    case.build()
    assert case.ask("free GPU memory")[0] == "pytorch.md: Free GPU memory"

    case.edit("pytorch.md", "## Save a model", "## Keep a model")
    (case.notes / "tools.md").unlink()
    assert case.build().removed == 1
    assert case.ask("keep a model")[0] == "pytorch.md: Keep a model"
    assert {found.partition(":")[0] for found in case.ask("list files of a folder")} == {
        "pytorch.md"
    }
    assert sorted(generations) == [1, 2]
    assert not list(case.index.glob("*.faiss"))
    assert case.build().read == 0
