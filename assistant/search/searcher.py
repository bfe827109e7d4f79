"""A question to its ranked chunks: the searches over an open index, and their fusion."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant import language
from assistant.embedding import Encoder, Vectors
from assistant.embedding import maxsim as late
from assistant.errors import IndexUnusableError
from assistant.language import analyzer, spelling
from assistant.records import ChunkPlace
from assistant.search import fusion, legibility, signs
from assistant.search.fusion import Signs
from assistant.search.signs import Wording
from assistant.store import Index, Snapshot
from assistant.text import whole_characters
from assistant.user_folders import cache_folder

if TYPE_CHECKING:
    from assistant.language import Glossary

MOST_TERMS = 64
"""Terms of a question that are searched; more say nothing more and cost time."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready for the searches."""

    question: str
    """As the user wrote it, in whole characters."""
    glossed: str
    """The same with its Chinese in English."""
    repaired: str
    """As the user wrote it, after spelling repair."""
    terms: tuple[str, ...]
    """Of the lexical search: repaired, in English."""
    marks: tuple[str, ...]
    """The same and the question's own, to look for in the notes as they are written."""
    vector: Vectors
    """Of the repaired question in English, shape (d,)."""
    pieces: Vectors
    """Of its word pieces for late interaction, shape (m, k); see ``maxsim.project``."""
    asked: Vectors
    """The same of the question in English before repair: what the verdict looks at."""
    spans: tuple[tuple[int, int], ...]
    """Where the word pieces of ``asked`` stand in ``glossed``, as [start, end)."""
    wording: Wording
    """What it asks for to the letter."""
    unread: float
    """How little the model can read of the question in English, in 0..1."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk as one question ranks it, with what each search says of it."""

    chunk: int
    """Row of the chunk."""
    place: ChunkPlace
    score: float
    """After fusion; falls along the list, but for titles."""
    cosine: float
    """With the question, by the model's vectors."""
    note_cosine: float
    """Of the note as a whole."""
    bm25: float
    """0 where no word matches, or too weakly for the pool."""
    late: float | None
    """By late interaction; None where the index keeps no token states."""
    dense_rank: int | None
    """Rank by the model's vectors, from 1; None where that search did not give the chunk."""
    lexical_rank: int | None
    """Rank by BM25, from 1; None where that search did not give the chunk."""
    signs: Signs
    """What speaks for it beside the searches."""


class Searcher:
    """An index and its model, ready for questions. Not for several threads at once."""

    def __init__(self, folder: Path, encoder: Future[Encoder]) -> None:
        """Open an index.

        Args:
            folder: The index folder.
            encoder: The model; it may still be opening, which the first question waits for.

        Raises:
            IndexUnusableError: There is no index, or it is damaged.
        """
        self.opening = encoder
        """The model, which may still be opening, for who opens another index with it."""
        self._folder = folder
        self._glossary: Glossary | None = None
        self._open()

    def _open(self) -> None:
        self.snapshot: Snapshot = Index(self._folder).snapshot(to_search=True)
        self._words = self.snapshot.engine.vocabulary()

    def refresh(self) -> None:
        """Open the newest generation, if there is one since."""
        self.snapshot.close()
        self._open()

    def pause(self) -> None:
        """Hold no state of the index until the next question."""
        self.snapshot.pause()

    def resume(self) -> None:
        """Hold the newest state of the index; the vectors are opened only if they are others."""
        if not (self.snapshot.is_holding or self.snapshot.resume()):
            self.refresh()

    def close(self) -> None:
        """Let go of the index."""
        self.snapshot.close()

    @property
    def encoder(self) -> Encoder:
        """The model.

        Raises:
            IndexUnusableError: The index was built with another model.
            ModelUnavailableError: The model cannot be opened.
        """
        encoder = self.opening.result()
        if encoder.card.fingerprint != self.snapshot.manifest.fingerprint:
            raise IndexUnusableError(
                f"the index in {self._folder} was built with another model,"
                f" {self.snapshot.manifest.model}",
                "run `assistant build`, or set `model` back",
            )
        return encoder

    def prepare(self, question: str) -> Query:
        """Repair a question's spelling, gloss it, cut it into terms and encode it.

        Raises:
            IndexUnusableError: The index is damaged, or was built with another model.
            ModelUnavailableError: The model cannot be opened.
        """
        question = whole_characters(question)
        encoder = self.encoder
        repaired = spelling.repair(question, self._words, encoder.has_word).question
        glossed = self._glossed(question)
        english = glossed if repaired == question else self._glossed(repaired)
        terms = analyzer.query_terms(english)[:MOST_TERMS]
        own = [] if english == repaired else analyzer.query_terms(repaired)[:MOST_TERMS]
        embedding = encoder.encode_query(english)
        asked = embedding if english == glossed else encoder.encode_query(glossed)
        pieces = late.project(embedding.states, encoder.projection)
        return Query(
            question=question,
            glossed=glossed,
            repaired=repaired,
            terms=tuple(terms),
            marks=tuple(dict.fromkeys(terms + own)),
            vector=embedding.vector,
            pieces=pieces,
            asked=pieces if asked is embedding else late.project(asked.states, encoder.projection),
            spans=asked.spans,
            wording=signs.wording(question, terms, date.today()),
            unread=legibility.unread(english, embedding.spans, encoder),
        )

    def rank(
        self, query: Query, among: Sequence[int] | None = None, pool: int = fusion.POOL
    ) -> list[Candidate]:
        """Return the chunks that a question finds, best first; equals as they stand in the notes.

        Titles of sections, with nothing of their own to show, come last.

        Args:
            query: From ``prepare``.
            among: The only chunks to consider; None for all.
            pool: Chunks that the dense and the lexical search each give at most.
        """
        only = None if among is None else np.array(among, np.int64)
        engine = self.snapshot.engine
        (near,) = engine.search_vectors(query.vector[np.newaxis], pool, only)
        matching = engine.search_terms(query.terms, pool, among)
        bm25 = dict(matching)
        places = self.snapshot.places({row for row, _ in near} | bm25.keys())
        rows = sorted(places)
        cosines = self._cosines(query, rows, dict(near))
        notes = self.snapshot.centroids({place.note for place in places.values()})
        of_note = {note: float(vector @ query.vector) for note, vector in notes.items()}
        late_scores = self._late(query, rows)
        legs = fusion.legs(
            _steady(cosines),
            _steady({row: of_note[places[row].note] for row in rows}),
            _steady({row: bm25.get(row, 0.0) for row in rows}),
            _steady(late_scores),
            query.unread,
        )
        told = signs.signs(self.snapshot, query.wording, places, bm25)
        scores = _steady(fusion.fused(legs, told))
        titles = self.snapshot.titles(rows)
        dense_ranks = {row: rank for rank, (row, _) in enumerate(near, 1)}
        lexical_ranks = {row: rank for rank, (row, _) in enumerate(matching, 1)}
        return [
            Candidate(
                chunk=row,
                place=places[row],
                score=scores[row],
                cosine=cosines[row],
                note_cosine=of_note[places[row].note],
                bm25=bm25.get(row, 0.0),
                late=late_scores.get(row),
                dense_rank=dense_ranks.get(row),
                lexical_rank=lexical_ranks.get(row),
                signs=told[row],
            )
            for row in sorted(rows, key=lambda row: (row in titles, -scores[row], places[row]))
        ]

    def place_on_map(self, question: str) -> tuple[float, float] | None:
        """Return where a question lies on the map of the entries; None where there is no map.

        Raises:
            ModelUnavailableError: The model cannot be opened.
        """
        plane = self.snapshot.plane()
        if plane is None:
            return None
        x, y = plane.place(self.prepare(question).vector[np.newaxis])[0].tolist()
        return x, y

    def _cosines(
        self, query: Query, rows: Sequence[int], known: dict[int, float]
    ) -> dict[int, float]:
        """Return the cosine of each chunk: those the dense search gave, the others computed."""
        others = self.snapshot.vectors([row for row in rows if row not in known])
        found = {row: float(vector @ query.vector) for row, vector in others.items()}
        return {row: known[row] if row in known else found[row] for row in rows}

    def _late(self, query: Query, rows: Collection[int]) -> dict[int, float]:
        """Return late interaction's score of each chunk; none where no token states are kept."""
        states = self.snapshot.states(rows)
        if not states:
            return {}
        return dict(zip(states, late.scores(query.pieces, list(states.values())), strict=True))

    def _glossed(self, question: str) -> str:
        """Return a question with its Chinese, if it has any, in English."""
        if not analyzer.HAN_RUN.search(question):
            return question
        if self._glossary is None:
            self._glossary = language.Glossary.open(cache_folder())
        return self._glossary.gloss(question)


def best_of_entries(ranked: Iterable[Candidate]) -> list[Candidate]:
    """Return the first candidate of each entry, in the order given."""
    best: dict[int, Candidate] = {}
    for candidate in ranked:
        best.setdefault(candidate.place.entry, candidate)
    return list(best.values())


def _steady(scores: Mapping[int, float]) -> dict[int, float]:
    """Return scores without their last digits, which for equal texts differ by where they lie."""
    return {row: round(score, 5) for row, score in scores.items()}
