"""The dense index: FAISS over chunk vectors, exact while that is fast.

Vectors are unit length, so that the inner product is the cosine. They lie in the file as they are
kept in the database, two bytes a number, so that a file holds to the bit what it is made from.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from assistant import memory
from assistant.disk import shown_name
from assistant.embedding import Ids, Vectors
from assistant.errors import IndexDamagedError, IndexUnusableError
from assistant.store import files
from assistant.store.local import checksums

# The stubs that FAISS ships do not know what its wrappers in Python accept.
faiss: Any = importlib.import_module("faiss")

Index = Any
"""A ``faiss.Index``."""

EXACT_UP_TO = 200_000
"""Chunks that one pass over all vectors still searches in about 20 ms on a laptop."""

PROBED_SHARE = 0.05
"""Share of the cells searched above that; benchmarks/dense.py measures the recall it keeps."""

Batch = tuple[Vectors, Ids]
"""Some vectors, shape (n, d), and their ids, shape (n,)."""

_WIDTH = np.dtype(np.float16).itemsize

CELLS_PER_ROOT = 2
"""Cells of an inverted file for each root of its vectors: to cluster them takes time with the
square of the cells, and twice as many found no more."""

TRAINING_PER_CELL = 40
"""Vectors per cell that the clustering sees; FAISS asks for at least 39."""


def build(vectors: Vectors, ids: Ids, exact_up_to: int = EXACT_UP_TO) -> Index:
    """Return an index of vectors under their ids, see ``build_of``."""
    return build_of(lambda: [(vectors, ids)], len(ids), exact_up_to)


def build_of(
    batches: Callable[[], Iterable[Batch]], count: int, exact_up_to: int = EXACT_UP_TO
) -> Index:
    """Return an index of vectors under their ids, which are distinct.

    Args:
        batches: Gives the vectors, at least one batch even if that is empty. It is asked twice
            for an inverted file, so that they never have to be in memory together.
        count: All vectors.
        exact_up_to: How many are searched exactly; of more, cells of an inverted file.
    """
    index: Any = None
    for vectors, ids in batches():
        if index is None:
            dimensions = vectors.shape[1]
            index = (
                _exact(dimensions)
                if count <= exact_up_to
                else _in_cells(_sample(batches(), count), count, dimensions)
            )
        index.add_with_ids(vectors, ids)
    return index


def _exact(dimensions: int) -> Index:
    flat = faiss.IndexScalarQuantizer(
        dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    return faiss.IndexIDMap2(flat)


def _in_cells(sample: Vectors, count: int, dimensions: int) -> Index:
    """Return an empty inverted file, its cells around those of a sample."""
    cells = _cells(count)
    index = faiss.index_factory(dimensions, f"IVF{cells},SQfp16", faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False  # else vectors would be rounded once more
    index.train(sample)
    index.nprobe = max(1, round(cells * PROBED_SHARE))
    return index


def _cells(count: int) -> int:
    return max(1, int(CELLS_PER_ROOT * count**0.5))


def _sample(batches: Iterable[Batch], count: int) -> Vectors:
    """Return as many vectors as it takes to find the cells for all."""
    wanted = np.sort(
        np.random.default_rng(0).permutation(count)[: _cells(count) * TRAINING_PER_CELL]
    )
    return np.concatenate(list(_at(batches, wanted)))


def _at(batches: Iterable[Batch], positions: Ids) -> Iterator[Vectors]:
    """Yield the vectors at some positions, ascending, among those of all batches."""
    begin = 0
    for vectors, _ in batches:
        low, high = np.searchsorted(positions, [begin, begin + len(vectors)])
        yield vectors[positions[low:high] - begin]
        begin += len(vectors)


def update(index: Index, gone: Ids, vectors: Vectors, ids: Ids) -> None:
    """Take vectors out of an index and put others in."""
    if len(gone):
        index.remove_ids(gone)
    if len(ids):
        index.add_with_ids(vectors, ids)


def suits(index: Index, exact_up_to: int = EXACT_UP_TO) -> bool:
    """Return whether an index is of the kind that its number of vectors asks for."""
    return is_in_cells(index) == bool(index.ntotal > exact_up_to)


def is_in_cells(index: Index) -> bool:
    """Return whether an index is an inverted file, and not one that is searched exactly."""
    return isinstance(index, faiss.IndexIVF)


def search(
    index: Index, vector: Vectors, count: int, among: Ids | None = None
) -> list[tuple[int, float]]:
    """Return the ids nearest to a vector with their cosines, best first; the lower id of equals.

    Args:
        index: As ``build`` or ``read`` returns it.
        vector: Shape (d,), unit length.
        count: Results at most.
        among: The only ids to consider; None for all.
    """
    if not index.ntotal or (among is not None and not len(among)):
        return []
    parameters: Any = None
    if among is not None:
        selector = faiss.IDSelectorBatch(among)
        parameters = (
            faiss.SearchParametersIVF(sel=selector, nprobe=index.nlist)
            if is_in_cells(index)
            else faiss.SearchParameters(sel=selector)
        )
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)  # memory sets the pace, and idle threads spin between questions
    try:
        cosines, ids = index.search(vector[np.newaxis], min(count, index.ntotal), params=parameters)
    finally:
        faiss.omp_set_num_threads(threads)
    return _ranked(ids[0], cosines[0])


def search_all(index: Index, vectors: Vectors, count: int) -> list[list[tuple[int, float]]]:
    """Return for each of many vectors, shape (n, d), what ``search`` returns, in one pass."""
    if not index.ntotal:
        return [[] for _ in vectors]
    cosines, ids = index.search(vectors, min(count, index.ntotal))
    return [_ranked(row, near) for row, near in zip(ids, cosines, strict=True)]


def _ranked(ids: Ids, cosines: Vectors) -> list[tuple[int, float]]:
    """Return what FAISS found, best first; the lower id of equals. An id below 0 is none."""
    found = [(int(i), float(c)) for i, c in zip(ids, cosines, strict=True) if i >= 0]
    return sorted(found, key=lambda item: (-item[1], item[0]))


def write(index: Index, path: Path) -> None:
    """Write an index to a file that its owner alone may read, and see it on the disk.

    Raises:
        OSError: The disk is full or the folder is not writable.
    """
    with files.create(path) as file:
        sealed = checksums.Sealing(file)
        # A copy in memory of a large index would take as much room as the index.
        faiss.write_index(index, faiss.PyCallbackIOWriter(sealed.write))
        sealed.finish()
        file.flush()
        os.fsync(file.fileno())  # the manifest that names the file is not to be on disk before it
    files.sync_folder(path.parent)


def read(
    path: Path, count: int, sealed: str = "", *, dimensions: int = 0, writable: bool = False
) -> Index:
    """Open an index file.

    Args:
        path: The file.
        count: Vectors that it must hold.
        sealed: The seal that it must have, see ``checksums.at_end``; empty for any.
        dimensions: How many each of them must have; 0 for any number.
        writable: Read it into memory, to be changed; else it is mapped, and opens at once.

    Raises:
        IndexDamagedError: The file is missing, damaged, or holds anything but these vectors.
        IndexUnusableError: Its path is one that FAISS cannot be given.
    """
    shown = shown_name(str(path))
    if shown != str(path):
        raise IndexUnusableError(
            f"the path {shown} is not valid UTF-8", "name another index folder"
        )
    try:
        if not checksums.holds(path, sealed, whole=writable):
            raise damaged(path)
        index = faiss.read_index(str(path), 0 if writable else faiss.IO_FLAG_MMAP_IFC)
    except (OSError, RuntimeError) as error:
        if memory.is_used_up(error):
            raise
        raise damaged(path) from error
    if not _holds(index, count, dimensions or index.d):
        raise damaged(path)
    return index


def _holds(index: Index, count: int, dimensions: int) -> bool:
    """Return whether an index is one that ``build`` makes, of so many vectors of this width.

    FAISS opens any kind that its files can be of, and believes the counts in them.
    """
    if (index.ntotal, index.d) != (count, dimensions):
        return False
    if index.metric_type != faiss.METRIC_INNER_PRODUCT:
        return False
    if type(index) is faiss.IndexIVFScalarQuantizer:
        cells = faiss.downcast_index(index.quantizer)
        return (
            type(cells) is faiss.IndexFlatIP
            and (cells.ntotal, cells.d) == (index.nlist, dimensions)
            and _is_plain(index, dimensions)
            and not index.by_residual
        )
    if type(index) is not faiss.IndexIDMap2:
        return False
    vectors = faiss.downcast_index(index.index)
    return (
        type(vectors) is faiss.IndexScalarQuantizer
        and (vectors.ntotal, vectors.d) == (count, dimensions)
        and vectors.metric_type == faiss.METRIC_INNER_PRODUCT
        and _is_plain(vectors, dimensions)
        and vectors.codes.size() == count * dimensions * _WIDTH
        and index.id_map.size() == count
    )


def _is_plain(index: Index, dimensions: int) -> bool:
    """Return whether an index holds vectors of this width, two bytes a number."""
    told = (index.code_size, index.sq.code_size, index.sq.d, index.sq.qtype)
    width = dimensions * _WIDTH
    return bool(told == (width, width, dimensions, faiss.ScalarQuantizer.QT_fp16))


def ids_of(index: Index) -> Ids:
    """Return the ids of an index, ascending."""
    if is_in_cells(index):
        lists = index.invlists
        found = [
            faiss.rev_swig_ptr(lists.get_ids(cell), lists.list_size(cell)).copy()
            for cell in range(index.nlist)
            if lists.list_size(cell)
        ]
        ids = np.concatenate([np.zeros(0, np.int64), *found])
    else:
        ids = faiss.vector_to_array(index.id_map)
    return np.sort(ids)


def damaged(path: Path) -> IndexDamagedError:
    """Return the error for a file of vectors that cannot be used."""
    return IndexDamagedError(
        f"the vectors in {path} are missing, damaged, or belong to another index",
        "run `assistant build`, which restores them from the database",
    )
