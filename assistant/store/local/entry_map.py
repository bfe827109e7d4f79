"""The map of the entries, drawn of the vectors of their chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from assistant.embedding import Ids, Plane, Vectors, placed


class Writer(Protocol):
    """What is needed of the holder of the lock, see ``update.Update``."""

    def query(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[Any]:
        """Return the rows of a query."""

    def insert(self, table: str, conflict: str = "", **row: object) -> int:
        """Put a row into a table, with its sums; return its number."""

    def replace_many(self, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Put rows into a table, with their sums, in the place of those with their keys."""

    def entry_of_chunks(self, since: int = 0) -> dict[int, int]:
        """Return the entry of each chunk above row ``since``."""

    def chunk_vectors(self, dimensions: int, since: int = 0) -> Iterator[tuple[Vectors, Ids]]:
        """Yield vectors and rows of chunks above row ``since``, some at a time."""


def draw(update: Writer, chunks: int, dimensions: int) -> None:
    """Place on the map the entries that are not there; all if the map is new.

    Args:
        update: The index.
        chunks: How many there are by now.
        dimensions: Of their vectors.
    """
    ((since,),) = update.query(
        "SELECT coalesce(min(id) - 1, (SELECT max(id) FROM chunks), 0) FROM chunks"
        " WHERE entry NOT IN (SELECT entry FROM map)"
    )
    planes = [Plane.from_bytes(*row) for row in update.query("SELECT vectors, content FROM plane")]
    if not (planes and planes[0].serves(chunks)):
        planes, since = [], 0
    entry_of = update.entry_of_chunks(since)
    if not entry_of:
        return
    plane = planes[0] if planes else Plane.fit_of(lambda: _vectors(update, dimensions))
    points, entries = placed(plane, _owned(update, entry_of, dimensions, since))
    rows = zip(entries.tolist(), *points.T.tolist(), strict=True)
    update.replace_many("map", ("entry", "x", "y"), rows)
    if not planes:
        update.query("DELETE FROM plane")
        update.insert("plane", vectors=plane.count, content=plane.to_bytes())


def _vectors(update: Writer, dimensions: int) -> Iterator[Vectors]:
    for vectors, _ in update.chunk_vectors(dimensions):
        yield vectors


def _owned(
    update: Writer, entry_of: Mapping[int, int], dimensions: int, since: int
) -> Iterator[tuple[Vectors, Ids]]:
    """Yield vectors of chunks with the entries that they are of."""
    for vectors, ids in update.chunk_vectors(dimensions, since):
        yield vectors, np.array([entry_of[row] for row in ids.tolist()], np.int64)
