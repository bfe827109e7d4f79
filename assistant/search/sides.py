"""What one encoder makes of a question and the chunks that compete for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.embedding import Ids, Vectors
from assistant.embedding import maxsim as late_interaction
from assistant.records import ChunkPlace
from assistant.results import ReadBy
from assistant.store import Snapshot

Reader = ReadBy
"""Which encoder reads a question."""

OF_MODEL = ("en", "zh")
"""Languages of questions that the index's model reads: English, and Chinese by the dictionary."""


@dataclass(frozen=True, slots=True)
class Side:
    """One encoder's view of some chunks; one that it has not read is in none of these."""

    ranks: Mapping[int, int] = field(default_factory=dict)
    """Rank by cosine, from 1, of those that its search gave."""
    cosines: Mapping[int, float] = field(default_factory=dict)
    of_notes: Mapping[int, float] = field(default_factory=dict)
    """Cosine of the note as a whole, by chunk; that of the chunk where not all of it is read."""
    late: Mapping[int, float] = field(default_factory=dict)
    """By late interaction, where token states are kept."""


def by_model(
    snapshot: Snapshot,
    question: Vectors,
    pieces: Vectors,
    near: Sequence[tuple[int, float]],
    places: Mapping[int, ChunkPlace],
) -> Side:
    """Return what the index's model makes of chunks.

    Args:
        snapshot: The index.
        question: Vector of the question.
        pieces: Its word pieces, from ``maxsim.project``.
        near: What the search by vectors gave.
        places: The chunks.
    """
    states = snapshot.states(sorted(places))
    cosines = _cosines(question, sorted(places), dict(near), snapshot.vectors)
    scores = late_interaction.scores(pieces, list(states.values())) if states else []
    return Side(
        _ranks(near),
        cosines,
        _of_notes(question, places, cosines, snapshot.centroids),
        dict(zip(states, scores, strict=True)),
    )


def by_other(
    snapshot: Snapshot,
    question: Vectors,
    near: Sequence[tuple[int, float]],
    places: Mapping[int, ChunkPlace],
) -> Side:
    """Return what the encoder of other languages makes of chunks; it keeps no token states."""
    vectors = snapshot.multilingual
    if vectors is None:
        return Side()
    cosines = _cosines(question, sorted(places), dict(near), vectors.vectors)
    return Side(_ranks(near), cosines, _of_notes(question, places, cosines, vectors.centroids))


def nearest(
    snapshot: Snapshot, question: Vectors, by: Reader, pool: int, only: Ids | None
) -> list[tuple[int, float]]:
    """Return the chunks nearest to a question by one encoder's vectors, with their cosines."""
    if by == "model":
        (found,) = snapshot.engine.search_vectors(question[None], pool, only)
        return found
    if snapshot.multilingual is None:
        return []
    (found,) = snapshot.multilingual.search(question[None], pool, only)
    return found


def _ranks(near: Sequence[tuple[int, float]]) -> dict[int, int]:
    return {row: rank for rank, (row, _) in enumerate(near, 1)}


def _cosines(
    question: Vectors,
    rows: Sequence[int],
    known: Mapping[int, float],
    vectors: Callable[[Collection[int]], Mapping[int, Vectors]],
) -> dict[int, float]:
    """Return the cosine of each chunk: those the search gave, the others computed."""
    others = vectors([row for row in rows if row not in known])
    found = {row: float(vector @ question) for row, vector in others.items()}
    return {row: cosine for row in rows if (cosine := known.get(row, found.get(row))) is not None}


def _of_notes(
    question: Vectors,
    places: Mapping[int, ChunkPlace],
    cosines: Mapping[int, float],
    centroids: Callable[[Collection[int]], Mapping[int, Vectors]],
) -> dict[int, float]:
    """Return the cosine of the note of each chunk that is read, its own if not all of it is."""
    found = centroids({place.note for place in places.values()})
    notes = {note: float(vector @ question) for note, vector in found.items()}
    return {row: notes.get(places[row].note, cosine) for row, cosine in cosines.items()}
