"""Vectors of texts: their types, and what stands for several of them. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""Shape (n, d), or (d,) of one."""

Ids = npt.NDArray[np.int64]
"""Of chunks, shape (n,)."""


def centroid(vectors: Vectors) -> Vectors:
    """Return the direction of the sum of vectors, shape (d,): what a note or an entry is about.

    Chunks under headings such as ``Description`` do not say what they describe; their note does.
    This is the centroid of Rocchio (1971), as cluster-based retrieval smooths a passage with the
    document around it (Liu and Croft, SIGIR 2004).

    Args:
        vectors: Shape (n, d), unit length, such as of all chunks of a note in their order.
    """
    total = vectors.sum(axis=0, dtype=np.float64)
    found: Vectors = (total / max(float(np.linalg.norm(total)), 1e-12)).astype(np.float32)
    return found


def means(vectors: Vectors, owners: Ids) -> tuple[Vectors, Ids]:
    """Return the mean vector of each owner, and the owners, ascending.

    Args:
        vectors: Shape (n, d).
        owners: Shape (n,), the owner of each vector.
    """
    distinct, where, counts = np.unique(owners, return_inverse=True, return_counts=True)
    sums = np.zeros((len(distinct), vectors.shape[1]), np.float32)
    np.add.at(sums, where, vectors)
    return np.asarray(sums / counts[:, np.newaxis], np.float32), distinct


def packed(vector: Vectors) -> bytes:
    """Return a vector of unit length as it is kept: two bytes a number, cosines good to 1e-4."""
    return vector.astype("<f2").tobytes()


def unpacked(content: bytes) -> Vectors:
    """Return what was kept of vectors, one after another: shape (n * d,)."""
    found: Vectors = np.frombuffer(content, "<f2").astype(np.float32)
    return found
