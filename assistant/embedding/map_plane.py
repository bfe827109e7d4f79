"""A map of the notes: vectors of many dimensions drawn in two, by principal components. Pure.

Principal components (Pearson 1901) keep as much of the distances as a plane can. They are of the
covariance, a matrix as small as the vectors are long, however many vectors there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from assistant.embedding.vectors import Ids, Vectors

GROWTH = 1.5
"""A plane is fitted anew when there are this many times as many vectors as it was fitted to."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Where vectors of d dimensions are drawn."""

    count: int
    """Vectors that it was fitted to."""
    center: Vectors
    """Shape (d,)."""
    axes: Vectors
    """Shape (2, d), orthonormal; the first shows the most."""

    @classmethod
    def fit(cls, vectors: Vectors) -> Plane:
        """Return the plane that shows most of how vectors, shape (n, d), differ."""
        return cls.fit_of(lambda: [vectors])

    @classmethod
    def fit_of(cls, batches: Callable[[], Iterable[Vectors]]) -> Plane:
        """Return the same of vectors that are given some at a time, twice; there are some."""
        count, total = 0, np.zeros(1)
        for vectors in batches():
            count, total = count + len(vectors), total + vectors.sum(axis=0, dtype=np.float64)
        center = total / count
        spread = np.zeros((len(center), len(center)))
        for vectors in batches():
            centred = vectors - center.astype(np.float32)
            spread += centred.T @ centred
        _, found = np.linalg.eigh(spread)
        axes = found[:, ::-1][:, :2].T
        # The sign of an axis is free: its largest component is made positive.
        largest = np.abs(axes).argmax(axis=1)
        axes = axes * np.sign(axes[[0, 1], largest])[:, np.newaxis]
        return cls(count, center.astype(np.float32), axes.astype(np.float32))

    @classmethod
    def from_bytes(cls, count: int, content: bytes) -> Plane:
        """Return a plane as ``to_bytes`` wrote it."""
        rows = np.frombuffer(content, np.float32).reshape(3, -1)
        return cls(count, rows[0], rows[1:])

    def to_bytes(self) -> bytes:
        """Return center and axes, as they are stored."""
        return np.vstack([self.center, self.axes]).astype(np.float32).tobytes()

    def place(self, vectors: Vectors) -> Vectors:
        """Return where vectors, shape (n, d), are drawn, shape (n, 2)."""
        return np.asarray((vectors - self.center) @ self.axes.T, np.float32)

    def serves(self, count: int) -> bool:
        """Return whether it still shows as many vectors as there are now."""
        return self.count / GROWTH <= count <= self.count * GROWTH


def placed(plane: Plane, batches: Iterable[tuple[Vectors, Ids]]) -> tuple[Vectors, Ids]:
    """Return where each owner of vectors is drawn, amid them, and the owners, ascending.

    Args:
        plane: Where they are drawn.
        batches: Some vectors, shape (n, d), and the owner of each, at a time; there are some.
    """
    points, owners = zip(*((plane.place(some), of) for some, of in batches), strict=True)
    return means(np.concatenate(points), np.concatenate(owners))


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
