"""How points of a plane push each other apart, summed on a grid. Pure.

Of n points, n² pairs push each other. What all points do to a place depends on the place smoothly,
so that it is enough to know it on a grid: the points are spread over the grid, convolved with what
one point does, and read off between its lines (Linderman and others, Nature Methods 2019).
"""

from __future__ import annotations

import numpy as np

from assistant.embedding.vectors import Vectors

FINE, COARSE = 0.5, 1.0
"""Between the lines of the grid, in the unit of the map, which is the width of what one point
does. The coarse one keeps as much of the neighbourhoods of many points, four times as fast."""

LARGE = 80.0
"""Extent of a map from which on its grid is coarse."""

SMALLEST = 48
"""Lines of a grid at least; a map that has just begun is smaller than its unit."""


class Grid:
    """A square grid, with what one point does to every place of it."""

    def __init__(self, lines: int, spacing: float) -> None:
        """Compute what one point does.

        Args:
            lines: In each direction.
            spacing: Between them.
        """
        self.lines = lines
        self.spacing = spacing
        away = np.fft.fftfreq(2 * lines, 1 / (2 * lines)) * spacing
        dx, dy = np.meshgrid(away, away, indexing="ij")
        near = 1 / (1 + dx**2 + dy**2)
        kernels = np.stack([near, dx * near**2, dy * near**2]).astype(np.float32)
        self._kernels = np.fft.rfft2(kernels)

    @classmethod
    def over(cls, extent: float, before: Grid | None) -> Grid:
        """Return a grid for points that extend so far, the last one where it serves."""
        usual = FINE if extent < LARGE else COARSE
        lines = SMALLEST
        while lines < extent / usual + 3:
            lines += lines // 2
        smallest = usual * (SMALLEST // 4)
        spacing = usual if extent > smallest else usual * extent / smallest
        if before is not None and (before.lines, before.spacing) == (lines, spacing):
            return before
        return cls(lines, spacing)

    def forces(self, places: Vectors) -> Vectors:
        """Return how all points push each of them, shape (n, 2), the sum over all pairs as one.

        That is ``sum_j (y_i - y_j) / (1 + d_ij^2)^2`` over ``sum_ij 1 / (1 + d_ij^2)``.

        Args:
            places: Shape (n, 2), no further apart than the grid is wide.
        """
        at = (places - places.min(axis=0)) / self.spacing
        cells = at.astype(np.int64)
        shares = at - cells
        # Each point stands between four crossings and is shared among them.
        corners, weights = [], []
        for right in (0, 1):
            for up in (0, 1):
                corners.append((cells[:, 0] + right) * self.lines + cells[:, 1] + up)
                across = shares[:, 0] if right else 1 - shares[:, 0]
                along = shares[:, 1] if up else 1 - shares[:, 1]
                weights.append(across * along)
        where, weight = np.stack(corners), np.stack(weights)
        mass = np.bincount(where.ravel(), weight.ravel(), self.lines**2)
        wide = (2 * self.lines, 2 * self.lines)  # so that nothing comes around the edges
        spread = np.fft.rfft2(mass.reshape(self.lines, self.lines).astype(np.float32), wide)
        fields = np.fft.irfft2(spread * self._kernels, wide)[:, : self.lines, : self.lines]
        flat = fields.reshape(3, -1)
        near, dx, dy = (flat[:, where] * weight).sum(axis=1)
        pairs = max(float(near.sum() - self._own(shares).sum()), 1e-9)
        return np.asarray(np.stack([dx, dy], axis=1) / pairs, np.float32)

    def _own(self, shares: Vectors) -> Vectors:
        """Return how near points are to themselves as they are spread over the grid, shape (n,)."""
        apart = 2 * shares * (1 - shares)  # of a point with itself, one line apart and none
        across, along = apart.T
        one, both = 1 / (1 + self.spacing**2), 1 / (1 + 2 * self.spacing**2)
        beside = across * (1 - along) + along * (1 - across)
        own = (1 - across) * (1 - along) + beside * one + across * along * both
        return np.asarray(own, np.float32)
