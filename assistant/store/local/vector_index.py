"""The dense index: FAISS over chunk vectors, exact while that is fast.

Vectors are unit length, so that the inner product is the cosine.
"""

from __future__ import annotations

import importlib
import os
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

_WIDTH = np.dtype(np.float32).itemsize

TRAINING_PER_CELL = 64
"""Vectors per cell that the clustering sees; FAISS asks for at least 39."""


def build(vectors: Vectors, ids: Ids, exact_up_to: int = EXACT_UP_TO) -> Index:
    """Return an index of the vectors under their ids.

    Args:
        vectors: Shape (n, d), unit length.
        ids: Shape (n,), distinct.
        exact_up_to: The largest n that is searched exactly; above it, cells of an inverted file.
    """
    count, dimensions = vectors.shape
    if count <= exact_up_to:
        index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))
    else:
        cells = max(1, int(4 * count**0.5))
        index = faiss.index_factory(dimensions, f"IVF{cells},Flat", faiss.METRIC_INNER_PRODUCT)
        sample = np.random.default_rng(0).permutation(count)[: cells * TRAINING_PER_CELL]
        index.train(vectors[np.sort(sample)])
        index.nprobe = max(1, round(cells * PROBED_SHARE))
    index.add_with_ids(vectors, ids)
    return index


def update(index: Index, gone: Ids, vectors: Vectors, ids: Ids) -> None:
    """Take vectors out of an index and put others in."""
    if len(gone):
        index.remove_ids(gone)
    if len(ids):
        index.add_with_ids(vectors, ids)


def suits(index: Index, exact_up_to: int = EXACT_UP_TO) -> bool:
    """Return whether an index is of the kind that its number of vectors asks for."""
    return bool(isinstance(index, faiss.IndexIVF)) == bool(index.ntotal > exact_up_to)


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
            if isinstance(index, faiss.IndexIVF)
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
    content = faiss.serialize_index(index)
    with files.create(path) as file:
        file.write(content)
        file.write(checksums.of(content))
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
    if type(index) is faiss.IndexIVFFlat:
        cells = faiss.downcast_index(index.quantizer)
        return (
            type(cells) is faiss.IndexFlatIP
            and (cells.ntotal, cells.d) == (index.nlist, dimensions)
            and index.code_size == dimensions * _WIDTH
        )
    if type(index) is not faiss.IndexIDMap2:
        return False
    vectors = faiss.downcast_index(index.index)
    return (
        type(vectors) is faiss.IndexFlatIP
        and (vectors.ntotal, vectors.d) == (count, dimensions)
        and vectors.codes.size() == count * dimensions * _WIDTH
        and index.id_map.size() == count
    )


def ids_of(index: Index) -> Ids:
    """Return the ids of an index, ascending."""
    if isinstance(index, faiss.IndexIVF):
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
