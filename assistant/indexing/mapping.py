"""The map of the notes, as a build draws it: once, and then only what is new is put on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from assistant.embedding import Ids, Vectors, layout, means
from assistant.store import Update

FORM = b"t-SNE"
"""How a map is made; one that was made otherwise is made anew."""

GROWTH = 1.5
"""A map is made anew when there are this many times as many entries as it was made of, or as many
times fewer; the places that there are lead to the new ones, so that one knows it again."""

MOST = 10_000
"""Entries that a map is made of, which takes seconds; of more, evenly chosen, all others are placed
as if they were written since."""

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
    chosen = [every[at * len(every) // MOST] for at in range(MOST)] if len(every) > MOST else every
    entries, centres = [], []
    for some, of_some in _centres(update, dimensions, chosen):
        entries += some
        centres.append(of_some)
    if not entries:
        return
    before = update.points()
    known = keep and all(entry in before for entry in entries)
    start = np.array([before[entry] for entry in entries]) if known else None
    places = layout.tsne.arranged(np.concatenate(centres), start)
    update.clear_map()
    update.put_points(dict(zip(entries, map(tuple, places.tolist()), strict=True)))
    update.put_plane(len(entries), FORM)


def _place(update: Update, dimensions: int) -> None:
    """Place each entry that is not on the map among those that it is nearest to."""
    lacking = update.unplaced()
    if not lacking:
        return
    entry_of = update.entry_of_chunks()
    points = update.points()
    placed = np.array([c for c, entry in entry_of.items() if entry in points], np.int64)
    for entries, vectors in _centres(update, dimensions, lacking):
        found = update.engine.search_vectors(vectors, _NEAR, placed)
        for entry, near in zip(entries, found, strict=True):
            told = [(entry_of[chunk], cosine) for chunk, cosine in near]
            if place := layout.placing.place(told, points):
                update.put_points({entry: place})


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
