"""The map of the notes, as a build draws it: once, and then only what is new is put on it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

import numpy as np

from assistant.embedding import Ids, Vectors, layout, means
from assistant.store import Update

FORM = b"t-SNE"
"""How a map is made; one that was made otherwise is made anew."""

GROWTH = 1.5
"""A map is made anew when there are this many times as many entries as it was made of, or as many
times fewer; the places that there are lead to the new ones, so that one knows it again."""

MOST = 10_000
"""Entries that a map is made of, which takes seconds; of more, evenly chosen, others are placed as
if they were written since."""

SHOWN = 30_000
"""Entries on a map: of more, evenly chosen, a browser would not draw them at once."""

FEW = 100
"""Entries whose nearest the engine finds; of more, they are compared with all that the map is made
of, which takes less time."""

_BATCH = 1000
_NEAR = 40
"""Chunks that are looked at for the nearest entries, of which one may have several."""


def draw(update: Update, dimensions: int) -> None:
    """Place on the map the entries that are not there; all if the map is made anew.

    Args:
        update: The index, whose engine has all chunks by now.
        dimensions: Of its vectors.
    """
    _, count, _ = update.counts()
    made_of, form = update.plane() or (0, b"")
    serves = form == FORM and made_of / GROWTH <= min(count, MOST) <= made_of * GROWTH
    if count and not serves:
        _make(update, dimensions, keep=form == FORM)
    _place(update, dimensions)


def _make(update: Update, dimensions: int, *, keep: bool) -> None:
    """Make the map, from the places that there are if they are to be kept."""
    if keep:
        _place(update, dimensions)
    every = sorted({*update.entry_of_chunks().values()})
    entries, centres = _all_centres(update, dimensions, _evenly(every, MOST))
    if not entries:
        return
    before = update.points()
    known = keep and all(entry in before for entry in entries)
    start = np.array([before[entry] for entry in entries]) if known else None
    places = layout.tsne.arranged(centres, start)
    update.clear_map()
    update.put_points(dict(zip(entries, map(tuple, places.tolist()), strict=True)))
    update.put_plane(len(entries), FORM)


def _place(update: Update, dimensions: int) -> None:
    """Place entries that are not on the map among those that they are nearest to."""
    points = update.points()
    room = SHOWN - len(points)
    lacking = _evenly(update.unplaced(), room) if room > 0 else []
    if not lacking or not points:
        return
    nearest = _found_by_engine if len(lacking) <= FEW else _found_by_comparing
    for entry, near in nearest(update, dimensions, lacking, points):
        if place := layout.placing.place(near, points):
            update.put_points({entry: place})


def _found_by_engine(
    update: Update, dimensions: int, entries: Sequence[int], points: Container[int]
) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    """Yield entries, each with those on the map that it is nearest to and their cosines."""
    entry_of = update.entry_of_chunks()
    placed = np.array([c for c, entry in entry_of.items() if entry in points], np.int64)
    for some, vectors in _centres(update, dimensions, entries):
        found = update.engine.search_vectors(vectors, _NEAR, placed)
        for entry, near in zip(some, found, strict=True):
            yield entry, [(entry_of[chunk], cosine) for chunk, cosine in near]


def _found_by_comparing(
    update: Update, dimensions: int, entries: Sequence[int], points: Iterable[int]
) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    """Yield the same, by comparing with all entries on the map, or as many as one is made of."""
    marks, centres = _all_centres(update, dimensions, _evenly(sorted(points), MOST))
    count = min(layout.placing.NEAREST, len(marks))
    for some, vectors in _centres(update, dimensions, entries):
        cosines = vectors @ centres.T
        nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        for entry, row, near in zip(some, cosines, nearest.tolist(), strict=True):
            yield entry, [(marks[at], float(row[at])) for at in near]


def _evenly(entries: list[int], most: int) -> list[int]:
    """Return entries, or as many as that from among them at even distances."""
    count = len(entries)
    return entries if count <= most else [entries[at * count // most] for at in range(most)]


def _all_centres(
    update: Update, dimensions: int, entries: Sequence[int]
) -> tuple[list[int], Vectors]:
    """Return those of some entries that are read, with the directions of their mean vectors."""
    found = list(_centres(update, dimensions, entries))
    none: Vectors = np.zeros((0, dimensions), np.float32)
    centres = np.concatenate([centre for _, centre in found]) if found else none
    return [entry for some, _ in found for entry in some], centres


def _centres(
    update: Update, dimensions: int, entries: Sequence[int]
) -> Iterator[tuple[list[int], Vectors]]:
    """Yield entries with the directions of their mean vectors, some at a time."""
    for first in range(0, len(entries), _BATCH):
        pairs = update.chunks_of_entries(entries[first : first + _BATCH])
        vectors = update.vectors(chunk for chunk, _ in pairs)
        known = [(chunk, entry) for chunk, entry in pairs if chunk in vectors]
        if not known:
            continue
        owners: Ids = np.array([entry for _, entry in known])
        centres, found = means(np.stack([vectors[chunk] for chunk, _ in known]), owners)
        norms = np.linalg.norm(centres, axis=1, keepdims=True)
        yield found.tolist(), centres / np.maximum(norms, 1e-9)
