"""What speaks for and against a chunk beside the searches: names, dates, numbers, opposites."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from assistant.language import analyzer, opposites
from assistant.records import ChunkPlace, StoredNote
from assistant.search import dates, names, numbers
from assistant.search.fusion import Signs
from assistant.search.names import Rarity
from assistant.store import Snapshot

_STRETCH = re.compile(r"\d{4}[- ]?[WQ]\d", re.IGNORECASE)

MOST_WORDS = 32
"""Terms of a question that are looked up in the chunks; more say nothing more and cost time."""

OF_MONTH, LOOSELY = 0.5, 0.25
"""What a date counts beside a whole day: a month, and what may be meant otherwise, see
``dates.Asked.is_firm``."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a question asks for to the letter."""

    question: str
    terms: tuple[str, ...]
    dates: dates.Asked
    numbers: frozenset[str]
    signs: frozenset[str]
    opposites: tuple[opposites.Opposition, ...]


def wording(question: str, terms: Collection[str], today: date) -> Wording:
    """Return what a question asks for to the letter.

    Args:
        question: As the user wrote it.
        terms: Of the lexical search.
        today: What its "yesterday" is counted from.
    """
    asked = dates.asked(question, today)
    return Wording(
        question,
        tuple(terms)[:MOST_WORDS],
        asked,
        numbers.asked(question, asked.spans if asked.is_firm else ()),
        numbers.signs(question),
        opposites.of_question(question),
    )


def signs(
    snapshot: Snapshot,
    asked: Wording,
    places: Mapping[int, ChunkPlace],
    bm25: Mapping[int, float],
) -> dict[int, Signs]:
    """Return what speaks for each chunk of a pool.

    Args:
        snapshot: The index.
        asked: What is asked for.
        places: Of the chunks, by row.
        bm25: Of those that the lexical search found.
    """
    rarity = _rarity(snapshot)
    told = {analyzer.stem(term): rarity(term) for term in asked.terms}
    notes = {note.row: note for note in snapshot.notes({place.note for place in places.values()})}
    headings = snapshot.headings({place.entry for place in places.values()})
    named = {row: names.fit(told, note.names, rarity) for row, note in notes.items()}
    covered = _covered(snapshot, asked.terms, places, rarity)
    best = _best_of_notes(places, bm25)
    dated = {row: any(map(asked.dates.stands_in, _dates(note))) for row, note in notes.items()}
    sure = _how_sure(asked.dates)
    found = {}
    for row, place in places.items():
        path = headings.get(place.entry, ())
        last = [*path[-1:], *notes[place.note].names, ""][0]
        found[row] = Signs(
            named=named[place.note],
            covered=covered.get(row, 0.0),
            of_note=best.get(place.note, 0.0),
            dated=sure * (dated[place.note] or any(map(asked.dates.stands_in, path))),
            numbered=float(
                bool(asked.numbers) and not asked.numbers.isdisjoint(numbers.of_heading(last))
            ),
            signed=float(numbers.has_sign(last, asked.signs)),
            opposed=float(opposites.is_opposite(asked.question, asked.opposites, last)),
        )
    return found


def _how_sure(asked: dates.Asked) -> float:
    """Return how much it tells that a note or a heading is of a date that a question asks for."""
    if not asked.is_firm:
        return LOOSELY
    return 1.0 if all(day.day for day in asked.days) else OF_MONTH


def _dates(note: StoredNote) -> Iterator[str]:
    """Yield where a note says of which date it is; the time of its file says nothing of that."""
    yield from note.names
    # The date of a week or a quarter is its first day, and no more of it than the others.
    by_name = note.date_from == "name" and any(map(_STRETCH.search, note.names))
    if note.date_from != "file" and not by_name:
        yield note.date


def _best_of_notes(places: Mapping[int, ChunkPlace], bm25: Mapping[int, float]) -> dict[int, float]:
    """Return the highest BM25 of each note, as a share of the highest of all."""
    highest = max(bm25.values(), default=0.0)
    best: dict[int, float] = {}
    for row, score in bm25.items():
        note = places[row].note
        best[note] = max(best.get(note, 0.0), score / highest if highest > 0 else 0.0)
    return best


def _covered(
    snapshot: Snapshot, terms: Collection[str], rows: Iterable[int], rarity: Rarity
) -> dict[int, float]:
    """Return the share of a question's terms that each chunk has, by rarity."""
    among = list(rows)
    held = dict.fromkeys(among, 0.0)
    total = 0.0
    for term in terms:
        weight = rarity(term)
        total += weight
        for row in snapshot.engine.holding(((term,),), among):
            held[row] += weight
    return {row: mass / total for row, mass in held.items()} if total else held


def _rarity(snapshot: Snapshot) -> Rarity:
    """Return how much a term tells: inverse document frequency over the chunks."""
    counts, chunks = snapshot.engine.vocabulary(), snapshot.manifest.chunks

    @cache
    def rarity(term: str) -> float:
        return math.log((chunks + 1) / max(counts.get(term, 0), 0.5))

    return rarity
