"""Where what is new belongs on a map: among what it is nearest to. Pure.

The map has a place for every entry that it was made of. Whatever else is put on it, a question or
an entry written since, stands at the point that is nearest to the places of its nearest entries,
the nearer the more: their weighted geometric median (Weiszfeld 1937). A mean would stand in the
middle of nowhere when the nearest lie in two regions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

NEAREST = 10
"""Entries that have a say."""

WIDTH = 0.04
"""By how much less a cosine has to be for an entry to have a say e times smaller."""

_STEPS = 30
_TOUCHING = 1.0
"""A distance on the map within which points lie together."""

Place = tuple[float, float]


def place(near: Iterable[tuple[int, float]], places: Mapping[int, Place]) -> Place | None:
    """Return where something belongs; None where nothing that it is near to has a place.

    Args:
        near: Entries with their cosines, best first; of one that comes again the first counts.
        places: Where entries lie.
    """
    cosines: dict[int, float] = {}
    for entry, cosine in near:
        if entry in places:
            cosines.setdefault(entry, cosine)
        if len(cosines) == NEAREST:
            break
    if not cosines:
        return None
    points = np.array([places[entry] for entry in cosines])
    values = np.array([*cosines.values()])
    weights = np.exp((values - values.max()) / WIDTH)
    at = weights @ points / weights.sum()
    for _ in range(_STEPS):
        pull = weights / np.sqrt(((points - at) ** 2).sum(axis=1) + _TOUCHING**2)
        at = pull @ points / pull.sum()
    return float(at[0]), float(at[1])
