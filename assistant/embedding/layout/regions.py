"""Where the points of a map lie close together, as the hills of their density. Pure.

Each point belongs to the hill that one reaches by always going up from where it lies, as in mean
shift (Comaniciu and Meer, PAMI 2002), here from field to field of a grid. That needs no number of
regions, takes no time to speak of, and finds regions of any shape.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assistant.embedding.layout.placing import Place
from assistant.embedding.vectors import Ids

Plane = npt.NDArray[np.float64]

FIELDS = 128
"""Of the grid, in each direction."""

WIDTH = 0.07
"""Of what a point adds to the density around it, as a share of the map, for a single point; of n
points the sixth root of n times less, so that more points show smaller regions."""


def regions(places: Sequence[Place]) -> list[list[int]]:
    """Return the points of each region, by number, from its middle outwards; the largest first.

    Args:
        places: Of the points.
    """
    if not places:
        return []
    at = np.array(places)
    numbers = _hills(at)
    _, numbers, sizes = np.unique(numbers, return_inverse=True, return_counts=True)
    found = []
    for region in np.argsort(-sizes, kind="stable").tolist():
        (members,) = np.nonzero(numbers == region)
        away = ((at[members] - np.median(at[members], axis=0)) ** 2).sum(axis=1)
        found.append(members[np.argsort(away, kind="stable")].tolist())
    return found


def _hills(at: Plane) -> Ids:
    """Return the top of the hill of each point, shape (n,)."""
    extent = float(np.ptp(at, axis=0).max()) or 1.0
    fields = ((at - at.min(axis=0)) / extent * (FIELDS - 1)).astype(np.int64)
    flat = fields[:, 0] * FIELDS + fields[:, 1]
    density = np.bincount(flat, minlength=FIELDS**2).reshape(FIELDS, FIELDS).astype(np.float64)
    width = WIDTH / len(at) ** (1 / 6) * FIELDS
    reach = np.arange(-FIELDS, FIELDS + 1)
    kernel = np.exp(-(reach**2) / (2 * width**2))
    for _ in range(2):  # along one direction, then the other
        density = np.array([np.convolve(row, kernel)[FIELDS : 2 * FIELDS] for row in density.T])
    return np.asarray(_tops(density)[flat])


def _tops(density: Plane) -> Ids:
    """Return the field that one reaches from each by going up, flat."""
    padded = np.pad(density, 1, constant_values=-1.0)
    here = np.arange(FIELDS**2)
    steps = [(dx, dy) for dx in (0, -1, 1) for dy in (0, -1, 1)]
    around = np.stack(
        [padded[1 + dx : 1 + dx + FIELDS, 1 + dy : 1 + dy + FIELDS].ravel() for dx, dy in steps]
    )
    offsets = np.array([dx * FIELDS + dy for dx, dy in steps])
    up = here + offsets[around.argmax(axis=0)]
    while not np.array_equal(up, up[up]):
        up = up[up]
    return np.asarray(up, np.int64)
