"""The nearest of each of some vectors, by comparing all with all. Pure."""

from __future__ import annotations

import numpy as np

from assistant.embedding.vectors import Ids, Vectors

BLOCK = 1000
"""Vectors that are compared with all others at once, which bounds the memory that it takes."""


def nearest(vectors: Vectors, count: int) -> Ids:
    """Return the vectors of the highest cosine with each, itself not counted, in no order.

    Args:
        vectors: Shape (n, d); none is zero.
        count: How many of each; less than n.

    Returns:
        Shape (n, count).
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = np.empty((len(unit), count), np.int64)
    for first in range(0, len(unit), BLOCK):
        cosines = unit[first : first + BLOCK] @ unit.T
        rows = np.arange(len(cosines))
        cosines[rows, first + rows] = -np.inf
        found[first : first + BLOCK] = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    return found
