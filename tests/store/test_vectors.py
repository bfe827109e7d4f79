"""The FAISS index beside a search over all vectors in NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.embedding.vectors import Ids, Vectors, packed, unpacked
from assistant.errors import IndexDamagedError
from assistant.store.local import vector_index
from assistant.store.local.vector_index import faiss

DIMENSIONS = 24


def unit(rows: Vectors) -> Vectors:
    """Return vectors of length one in the same directions."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)


def random_vectors(count: int, seed: int = 0, dimensions: int = DIMENSIONS) -> Vectors:
    """Return unit vectors in random directions, in the form in which they are kept."""
    rng = np.random.default_rng(seed)
    drawn = unit(rng.standard_normal((count, dimensions)).astype(np.float32))
    return unpacked(packed(drawn)).reshape(drawn.shape)


def scattered_ids(count: int, seed: int = 0) -> Ids:
    """Return distinct ids in no order."""
    return np.random.default_rng(seed).permutation(10 * count + 1)[:count].astype(np.int64)


def brute_force(
    vectors: Vectors, ids: Ids, vector: Vectors, count: int, among: Ids | None = None
) -> list[int]:
    """Return the ids of the largest cosines, best first."""
    cosines = vectors.astype(np.float64) @ vector.astype(np.float64)
    allowed = set(ids.tolist() if among is None else among.tolist())
    order = sorted(zip(-cosines, ids.tolist(), strict=True))
    return [i for _, i in order if i in allowed][:count]


def found(
    index: vector_index.Index, vector: Vectors, count: int, among: Ids | None = None
) -> list[int]:
    """Return the ids that the index finds."""
    return [i for i, _ in vector_index.search(index, vector, count, among)]


@settings(max_examples=40)
@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_search_is_brute_force(size: int, count: int, seed: int) -> None:
    """The ids are those of brute force in its order, all of them when more are asked for."""
    vectors, ids = random_vectors(size, seed), scattered_ids(size, seed)
    vector = random_vectors(1, seed + 1)[0]

    assert found(vector_index.build(vectors, ids), vector, count) == brute_force(
        vectors, ids, vector, count
    )


@settings(max_examples=20)
@given(st.data(), st.integers(0, 2**32 - 1), st.sampled_from([10_000, 20]))
def test_search_among_some_is_brute_force_among_them(
    data: st.DataObject, seed: int, exact_up_to: int
) -> None:
    """With ``among``, only those count, also when no or unknown ids are named, in either kind."""
    vectors, ids = random_vectors(50, seed), scattered_ids(50, seed)
    picked = data.draw(st.lists(st.sampled_from([*ids.tolist(), 10_001, 10_002]), max_size=30))
    among = np.array(picked, np.int64)
    index = vector_index.build(vectors, ids, exact_up_to)
    vector = random_vectors(1, seed + 1)[0]

    assert found(index, vector, 8, among) == brute_force(vectors, ids, vector, 8, among)


def test_search_tells_cosines() -> None:
    """A vector is nearest to itself with 1, and to others with their inner products."""
    vectors, ids = random_vectors(30), scattered_ids(30)
    results = vector_index.search(vector_index.build(vectors, ids), vectors[3], 30)

    assert results[0][0] == ids[3]
    assert results[0][1] == pytest.approx(1, abs=1e-3)
    cosines = dict(zip(ids.tolist(), (vectors @ vectors[3]).tolist(), strict=True))
    assert dict(results) == pytest.approx(cosines, abs=1e-6)


def test_equals_come_by_id() -> None:
    """Among equal cosines the lower id comes first, whatever order they were added in."""
    same = np.repeat(random_vectors(1), 5, axis=0)
    index = vector_index.build(same, np.array([9, 2, 7, 4, 1]))

    assert found(index, same[0], 5) == [1, 2, 4, 7, 9]


@pytest.mark.parametrize("exact_up_to", [10_000, 50])
def test_update_is_building_anew(exact_up_to: int) -> None:
    """After some went and others came, the search is brute force over those that are there."""
    vectors, ids = random_vectors(120), np.arange(120)
    index = vector_index.build(vectors[:100], ids[:100], exact_up_to)
    gone = np.array([0, 5, 50, 99])
    vector_index.update(index, gone, vectors[100:], ids[100:])
    there = np.setdiff1d(ids, gone)

    assert index.ntotal == 116
    for vector in random_vectors(10, seed=1):
        # Naming them all makes the cells of an inverted file be searched one and all.
        assert found(index, vector, 10, there) == brute_force(vectors[there], there, vector, 10)


def test_update_with_nothing_changes_nothing() -> None:
    """An index to which nothing happened finds what it found."""
    vectors, ids = random_vectors(20), scattered_ids(20)
    index = vector_index.build(vectors, ids)
    before = vector_index.search(index, vectors[0], 20)
    vector_index.update(index, np.empty(0, np.int64), vectors[:0], ids[:0])

    assert vector_index.search(index, vectors[0], 20) == before


@pytest.mark.parametrize("exact_up_to", [10_000, 50])
@pytest.mark.parametrize("writable", [False, True])
def test_an_index_read_is_the_one_written(tmp_path: Path, exact_up_to: int, writable: bool) -> None:
    """Mapped or in memory, exact or in cells, a file finds what was written to it."""
    vectors, ids = random_vectors(200), scattered_ids(200)
    index = vector_index.build(vectors, ids, exact_up_to)
    vector_index.write(index, tmp_path / "v.faiss")
    again = vector_index.read(tmp_path / "v.faiss", 200, writable=writable)

    assert vector_index.suits(again, exact_up_to)
    for vector in random_vectors(10, seed=1):
        assert vector_index.search(again, vector, 10) == vector_index.search(index, vector, 10)


def test_an_index_read_to_be_changed_can_be_changed(tmp_path: Path) -> None:
    """Read, updated, written and mapped, it holds the new and no longer the old."""
    vectors, ids = random_vectors(60), np.arange(60)
    vector_index.write(vector_index.build(vectors[:50], ids[:50]), tmp_path / "old.faiss")
    index = vector_index.read(tmp_path / "old.faiss", 50, writable=True)
    vector_index.update(index, ids[:10], vectors[50:], ids[50:])
    vector_index.write(index, tmp_path / "new.faiss")
    mapped = vector_index.read(tmp_path / "new.faiss", 50)

    for vector in random_vectors(10, seed=1):
        assert found(mapped, vector, 7) == brute_force(vectors[10:], ids[10:], vector, 7)


@pytest.mark.parametrize("writable", [False, True])
def test_an_empty_index_finds_nothing(tmp_path: Path, writable: bool) -> None:
    """Notes without a single chunk make an index that can be written, read, asked and filled."""
    none = random_vectors(0)
    vector_index.write(vector_index.build(none, np.empty(0, np.int64)), tmp_path / "v.faiss")
    index = vector_index.read(tmp_path / "v.faiss", 0, writable=writable)

    assert vector_index.search(index, random_vectors(1)[0], 5) == []
    if writable:
        vector_index.update(index, np.empty(0, np.int64), random_vectors(1), np.array([4]))
        assert found(index, random_vectors(1)[0], 5) == [4]


@pytest.mark.parametrize("writable", [False, True])
@pytest.mark.parametrize("exact_up_to", [10_000, 50])
def test_a_file_cut_short_is_damaged(tmp_path: Path, writable: bool, exact_up_to: int) -> None:
    """Wherever a file is cut, and whatever is appended, it is refused: FAISS itself would crash."""
    path = tmp_path / "v.faiss"
    vector_index.write(vector_index.build(random_vectors(60), np.arange(60), exact_up_to), path)
    content = path.read_bytes()
    lengths = {0, 1, 7, 8, 40, 41, 100, len(content) - 21, len(content) - 20, len(content) - 1}
    for wrong in [*(content[:n] for n in sorted(lengths)), content + b"\0", content * 2]:
        path.write_bytes(wrong)
        with pytest.raises(IndexDamagedError, match="damaged"):
            vector_index.read(path, 60, writable=writable)


@settings(max_examples=60)
@given(at=st.integers(0, 199), flip=st.integers(1, 255), writable=st.booleans())
def test_a_file_changed_in_its_head_is_damaged(
    tmp_path_factory: pytest.TempPathFactory, at: int, flip: int, writable: bool
) -> None:
    """A byte of the layout that a disk lost is noticed before FAISS believes it."""
    path = tmp_path_factory.getbasetemp() / "head.faiss"
    vector_index.write(vector_index.build(random_vectors(60), np.arange(60)), path)
    content = bytearray(path.read_bytes())
    content[at] ^= flip
    path.write_bytes(content)

    with pytest.raises(IndexDamagedError):
        vector_index.read(path, 60, writable=writable)


def test_a_file_that_is_none_of_ours_is_damaged(tmp_path: Path) -> None:
    """A missing file, a folder and text are refused, with the path and what to do."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("not an index " * 100)
    for name in ("missing", "folder", "text"):
        with pytest.raises(IndexDamagedError, match=name) as caught:
            vector_index.read(tmp_path / name, 1)
        assert "assistant build" in caught.value.remedy


def test_a_file_of_another_number_of_vectors_is_damaged(tmp_path: Path) -> None:
    """A file that the manifest does not describe is refused, even if it is whole."""
    vector_index.write(vector_index.build(random_vectors(5), np.arange(5)), tmp_path / "v.faiss")

    for count in (0, 4, 6):
        with pytest.raises(IndexDamagedError):
            vector_index.read(tmp_path / "v.faiss", count)


def other_indexes() -> dict[str, Any]:
    """Return indexes of five vectors that FAISS would open and search, none of them ours."""
    vectors, ids = random_vectors(5), np.arange(5)
    wide = vector_index.build(random_vectors(5, dimensions=DIMENSIONS + 1), ids)
    distance = faiss.IndexIDMap2(faiss.IndexFlatL2(DIMENSIONS))
    distance.add_with_ids(vectors, ids)
    nested = faiss.IndexIDMap2(faiss.IndexIDMap2(faiss.IndexFlatIP(DIMENSIONS)))
    flat = faiss.IndexFlatIP(DIMENSIONS)
    flat.add(vectors)
    four_bytes = faiss.IndexIDMap2(faiss.IndexFlatIP(DIMENSIONS))
    four_bytes.add_with_ids(vectors, ids)
    one_byte = faiss.IndexIDMap2(
        faiss.IndexScalarQuantizer(
            DIMENSIONS, faiss.ScalarQuantizer.QT_8bit_direct, faiss.METRIC_INNER_PRODUCT
        )
    )
    one_byte.add_with_ids(vectors, ids)
    residual = faiss.index_factory(DIMENSIONS, "IVF1,SQfp16", faiss.METRIC_INNER_PRODUCT)
    residual.train(vectors)
    residual.add_with_ids(vectors, ids)
    few_ids = vector_index.build(vectors, ids)
    few_ids.id_map.resize(2)
    few_vectors = vector_index.build(vectors, ids)
    faiss.downcast_index(few_vectors.index).codes.resize(8)
    graph = faiss.IndexHNSWFlat(DIMENSIONS, 4, faiss.METRIC_INNER_PRODUCT)
    graph.add(vectors)
    return {
        "wider": wide,
        "another measure": distance,
        "in one another": nested,
        "without ids": flat,
        "four bytes a number": four_bytes,
        "one byte a number": one_byte,
        "rounded once more": residual,
        "few ids": few_ids,
        "few vectors": few_vectors,
        "a graph": graph,
    }


@pytest.mark.parametrize("writable", [False, True])
@pytest.mark.parametrize("name", other_indexes())
def test_an_index_that_no_build_makes_is_damaged(tmp_path: Path, name: str, writable: bool) -> None:
    """Another width, measure or kind, or counts that disagree, are refused, seal or not."""
    vector_index.write(other_indexes()[name], tmp_path / "v.faiss")

    with pytest.raises(IndexDamagedError):
        vector_index.read(tmp_path / "v.faiss", 5, dimensions=DIMENSIONS, writable=writable)


@pytest.mark.parametrize("writable", [False, True])
@pytest.mark.parametrize("most", [5, 300])
def test_what_a_build_makes_is_opened(tmp_path: Path, most: int, writable: bool) -> None:
    """Flat or in cells, its own kinds pass."""
    vector_index.write(
        vector_index.build(random_vectors(300), np.arange(300), most), tmp_path / "v.faiss"
    )
    index = vector_index.read(tmp_path / "v.faiss", 300, dimensions=DIMENSIONS, writable=writable)

    assert found(index, random_vectors(1)[0], 1)


def test_many_vectors_are_searched_in_cells() -> None:
    """Above the limit the index is an inverted file, up to it a flat one, and ``suits`` tells."""
    vectors, ids = random_vectors(300), np.arange(300)
    flat, cells = vector_index.build(vectors, ids, 300), vector_index.build(vectors, ids, 299)

    assert (vector_index.suits(flat, 300), vector_index.suits(flat, 299)) == (True, False)
    assert (vector_index.suits(cells, 299), vector_index.suits(cells, 300)) == (True, False)


def test_cells_keep_the_recall() -> None:
    """On vectors in clusters, as texts make them, cells keep recall@10 of 0.98 against brute force.

    The queries are noisier than the vectors, as questions are farther from passages than passages
    of one subject from each other.
    """
    rng = np.random.default_rng(3)
    size, dimensions = 20_000, 48
    centres = random_vectors(400, 4, dimensions)[rng.integers(0, 400, size)]
    spread = rng.standard_normal((size, dimensions)).astype(np.float32) / dimensions**0.5
    vectors, ids = unit(centres + 0.7 * spread), np.arange(size)
    noise = rng.standard_normal((200, dimensions)).astype(np.float32) / dimensions**0.5
    queries = unit(vectors[rng.integers(0, size, 200)] + 0.8 * noise)
    index = vector_index.build(vectors, ids, exact_up_to=1000)
    best = np.argpartition(-(queries @ vectors.T), 10, axis=1)[:, :10]
    hits = [
        len(set(found(index, query, 10)) & set(row.tolist())) / 10
        for query, row in zip(queries, best, strict=True)
    ]

    assert index.nprobe < index.nlist / 5
    assert np.mean(hits) >= 0.98
