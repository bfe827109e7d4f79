"""Where vectors lie on a plane, so that near ones lie near: t-SNE. Pure.

t-distributed stochastic neighbour embedding (van der Maaten and Hinton, JMLR 2008): each point is
drawn to the nearest of its vector, and pushed by all points. Here the nearest count alike, which
spares fitting a width for each and shows as much (Böhm and others, JMLR 2022); the start is the
plane of the principal components, so that the whole has a sense and every run gives the same
(Kobak and Berens, Nature Communications 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assistant.embedding.layout.neighbours import nearest
from assistant.embedding.layout.repulsion import Grid
from assistant.embedding.vectors import Ids, Vectors

NEAREST = 15
"""Vectors that each point is drawn to, of fewer than three times as many a third: points that all
are drawn to all others do not part."""

FIRST_STEPS, STEPS = 60, 150
"""Steps in which points find their neighbours, then in which they find their places."""

FIRST_PULL = 12.0
"""How much more points are drawn to their nearest in the first steps."""

BEGINNING = 0.01
"""Spread of the points before the first step: so small that all of them can pass each other."""


@dataclass(frozen=True, slots=True)
class _Pulls:
    """Which points are drawn to which, both ways, ordered by the first of the two."""

    one: Ids
    other: Ids
    weight: Vectors
    """In all, 1."""
    starts: Ids
    """Where those of each point begin."""

    @classmethod
    def between(cls, near: Ids) -> _Pulls:
        """Return the pulls between points and their nearest, shape (n, k)."""
        count, each = near.shape
        one, other = np.repeat(np.arange(count), each), near.ravel()
        both = np.concatenate([one * count + other, other * count + one])
        pairs, times = np.unique(both, return_counts=True)
        weight = (times / (2 * each * count)).astype(np.float32)
        first = pairs // count
        return cls(first, pairs % count, weight, np.searchsorted(first, np.arange(count)))

    def forces(self, places: Vectors) -> Vectors:
        """Return how each point is drawn, shape (n, 2), away from where it is drawn to."""
        away = places[self.one] - places[self.other]
        strength = self.weight / (1 + (away**2).sum(axis=1))
        return np.add.reduceat(strength[:, np.newaxis] * away, self.starts, axis=0)


def arranged(vectors: Vectors, start: Vectors | None = None) -> Vectors:
    """Return where vectors lie, shape (n, 2); the unit is that of near points.

    Args:
        vectors: Shape (n, d), n at least 1; none is zero.
        start: Where they lay before, shape (n, 2), which they are not moved far from; None to
            begin anew.
    """
    count = len(vectors)
    if count < 3:  # there is nothing that lies nearer than something else
        return np.asarray([[float(n), 0.0] for n in range(count)], np.float32)
    pulls = _Pulls.between(nearest(vectors, min(NEAREST, count // 3)))
    if start is not None:
        return _moved(np.asarray(start, np.float32), pulls, STEPS, pull=1.0, momentum=0.8)
    places = principal(vectors)
    places *= BEGINNING / max(float(places[:, 0].std()), 1e-9)
    places = _moved(places, pulls, FIRST_STEPS, pull=FIRST_PULL, momentum=0.5)
    return _moved(places, pulls, STEPS, pull=1.0, momentum=0.8)


def principal(vectors: Vectors) -> Vectors:
    """Return vectors on the plane that shows most of how they differ, shape (n, 2).

    By principal components (Pearson 1901), of the covariance, which is as small as the vectors
    are long.
    """
    centred = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    _, found = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    axes = found[:, ::-1][:, :2].T
    # The sign of an axis is free: its largest component is made positive.
    axes = axes * np.sign(axes[[0, 1], np.abs(axes).argmax(axis=1)])[:, np.newaxis]
    return np.asarray(centred @ axes.T, np.float32)


def _moved(places: Vectors, pulls: _Pulls, steps: int, *, pull: float, momentum: float) -> Vectors:
    """Return where points lie after some steps of gradient descent.

    With a rate of the number of points over the pull (Belkina and others, Nature Communications
    2019), and gains that grow while a point goes on in one direction (Jacobs 1988).
    """
    rate = len(places) / pull
    speed, gains = np.zeros_like(places), np.ones_like(places)
    grid = None
    for _ in range(steps):
        grid = Grid.over(float(np.ptp(places, axis=0).max()) or BEGINNING, grid)
        force = 4 * (pull * pulls.forces(places) - grid.forces(places))
        same = np.sign(force) == np.sign(speed)
        gains = np.maximum(np.where(same, gains * 0.8, gains + 0.2), 0.01)
        speed = momentum * speed - rate * gains * force
        places = places + speed
        places -= places.mean(axis=0)
    return np.asarray(places, np.float32)
