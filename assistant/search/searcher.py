"""A question to its ranked chunks: the searches over an open index, and their fusion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant import language
from assistant.embedding import Encoder, Vectors, layout
from assistant.embedding import maxsim as late
from assistant.errors import IndexUnusableError
from assistant.language import analyzer, english, identify, spelling
from assistant.records import ChunkPlace
from assistant.search import fusion, legibility, sides, signs
from assistant.search.fusion import Signs
from assistant.search.sides import OF_MODEL, Reader, Side
from assistant.search.signs import Wording
from assistant.store import Index, Snapshot
from assistant.text import whole_characters
from assistant.user_folders import cache_folder

if TYPE_CHECKING:
    from assistant.language import Glossary

MOST_TERMS = 64
"""Terms of a question that are searched; more say nothing more and cost time."""

NEAR_ON_MAP = 40
"""Chunks that are looked at to find where a question lies on the map."""


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
    language: str = "en"
    """Of the question, as in ISO 639-1; empty where that is not sure."""
    by: Reader = "model"
    """Which encoder reads it."""
    other: Vectors | None = None
    """Its vector by the encoder of other languages, if that reads it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk as one question ranks it, with what each search says of it."""

    chunk: int
    """Row of the chunk."""
    place: ChunkPlace
    score: float
    """After fusion; falls along the list, but for titles."""
    cosine: float
    """With the question, by the vectors of ``by``; 0 where it is not read by meaning."""
    note_cosine: float
    """Of the note as a whole; that of the chunk where not all of the note is read by meaning."""
    bm25: float
    """0 where no word matches, or too weakly for the pool."""
    late: float | None
    """By late interaction; None where the index keeps no token states."""
    dense_rank: int | None
    """Rank by those vectors, from 1; None where that search did not give the chunk."""
    lexical_rank: int | None
    """Rank by BM25, from 1; None where that search did not give the chunk."""
    signs: Signs
    """What speaks for it beside the searches."""
    is_read: bool = True
    """Whether it is read by meaning, and not found by its words alone."""
    by: Reader = "model"
    """Whose cosine it is: the model's, or that of the encoder of other languages."""


class Searcher:
    """An index and its model, ready for questions. Not for several threads at once."""

    def __init__(
        self,
        folder: Path,
        encoder: Future[Encoder],
        multilingual: Callable[[], Encoder] | None = None,
    ) -> None:
        """Open an index.

        Args:
            folder: The index folder.
            encoder: The model; it may still be opening, which the first question waits for.
            multilingual: Gives the encoder of other languages, whenever a question needs it; None
                for none.

        Raises:
            IndexUnusableError: There is no index, or it is damaged.
        """
        self.opening = encoder
        """The model, which may still be opening, for who opens another index with it."""
        self.multilingual = multilingual
        """Gives the encoder of other languages, for who opens another index with it."""
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
        language = identify.of_question(question) or ""
        other = self._encoder_of_others(language)
        if other and language:
            return self._prepared_by(other, question, language)
        encoder = self.encoder
        written_in = language or None
        repaired = spelling.repair(question, self._words, english.is_word, written_in).question
        glossed = self._glossed(question)
        searched = glossed if repaired == question else self._glossed(repaired)
        terms = analyzer.query_terms(searched)[:MOST_TERMS]
        own = [] if searched == repaired else analyzer.query_terms(repaired)[:MOST_TERMS]
        embedding = encoder.encode_query(searched)
        asked = embedding if searched == glossed else encoder.encode_query(glossed)
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
            unread=legibility.unread(searched, embedding.spans, encoder),
            language=language,
            by="both" if other else "model",
            other=other.encode_query(question).vector if other else None,
        )

    def _encoder_of_others(self, language: str) -> Encoder | None:
        """Return the encoder of other languages if it is to read a question, else None.

        Args:
            language: Of the question; empty where that is not sure, so that both are to read it.
        """
        told = self.snapshot.manifest.multilingual
        if language in OF_MODEL or self.multilingual is None or not (told and told.file):
            return None
        encoder = self.multilingual()
        return encoder if encoder.card.fingerprint == told.fingerprint else None

    def _prepared_by(self, encoder: Encoder, question: str, language: str) -> Query:
        """Make a question in another language ready. The index's model is not waited for."""
        glossed = self._glossed(question)  # as the terms of notes with such characters are
        terms = analyzer.query_terms(glossed)[:MOST_TERMS]
        own = [] if glossed == question else analyzer.query_terms(question)[:MOST_TERMS]
        vector = encoder.encode_query(question).vector
        no_pieces = np.zeros((0, 1), np.float32)
        return Query(
            question=question,
            glossed=glossed,
            repaired=question,
            terms=tuple(terms),
            marks=tuple(dict.fromkeys(terms + own)),
            vector=vector,
            pieces=no_pieces,
            asked=no_pieces,
            spans=(),
            wording=signs.wording(question, terms, date.today()),
            unread=0.0,
            language=language,
            by="multilingual",
            other=vector,
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
        near = {
            by: sides.nearest(self.snapshot, vector, by, pool, only)
            for by, vector in self._vectors(query).items()
        }
        matching = self.snapshot.engine.search_terms(query.terms, pool, among)
        bm25 = dict(matching)
        found = {row for some in near.values() for row, _ in some}
        places = self.snapshot.places(found | bm25.keys() | self._dated(query, pool, among))
        rows = sorted(places)
        read = {by: self._side(query, by, some, places) for by, some in near.items()}
        legs = [
            replace(leg, weight=leg.weight / len(read))
            for by, side in read.items()
            for leg in self._legs(by, side, {row: bm25.get(row, 0.0) for row in rows}, query)
        ]
        told = signs.signs(self.snapshot, query.wording, places, bm25)
        scores = _steady(fusion.fused(legs, told))
        titles = self.snapshot.titles(rows)
        lexical_ranks = {row: rank for rank, (row, _) in enumerate(matching, 1)}
        candidates = []
        for row in sorted(rows, key=lambda row: (row in titles, -scores[row], places[row])):
            by = self._telling(query, read, row)
            side = read[by]
            candidates.append(
                Candidate(
                    chunk=row,
                    place=places[row],
                    score=scores[row],
                    cosine=side.cosines.get(row, 0.0),
                    note_cosine=side.of_notes.get(row, 0.0),
                    bm25=bm25.get(row, 0.0),
                    late=side.late.get(row),
                    dense_rank=side.ranks.get(row),
                    lexical_rank=lexical_ranks.get(row),
                    signs=told[row],
                    is_read=row in side.cosines,
                    by=by,
                )
            )
        return candidates

    def _telling(self, query: Query, read: Mapping[Reader, Side], row: int) -> Reader:
        """Return whose cosine tells of a chunk: of a note in another language, not the model's."""
        told = self.snapshot.manifest.multilingual
        if query.by != "both" or told is None:
            return query.by
        foreign = told.scope == "foreign" and row in read["multilingual"].cosines
        return "multilingual" if foreign else "model"

    def _vectors(self, query: Query) -> dict[Reader, Vectors]:
        """Return the vectors of a question by each encoder that reads it."""
        found: dict[Reader, Vectors] = {}
        if query.by != "multilingual":
            found["model"] = query.vector
        if query.other is not None:
            found["multilingual"] = query.other
        return found

    def _side(
        self,
        query: Query,
        by: Reader,
        near: Sequence[tuple[int, float]],
        places: Mapping[int, ChunkPlace],
    ) -> Side:
        """Return what one encoder makes of chunks."""
        if by == "multilingual":
            assert query.other is not None
            return sides.by_other(self.snapshot, query.other, near, places)
        return sides.by_model(self.snapshot, query.vector, query.pieces, near, places)

    def _legs(
        self, by: Reader, side: Side, bm25: Mapping[int, float], query: Query
    ) -> list[fusion.Leg]:
        """Return the searches by what each counts for a question, as one encoder reads it."""
        cosines, of_notes = _steady(side.cosines), _steady(side.of_notes)
        waiting = [row for row in bm25 if row not in cosines]
        if by == "multilingual":
            return fusion.legs_of_other(cosines, of_notes, _steady(bm25), waiting)
        late = _steady(side.late)
        return fusion.legs(cosines, of_notes, _steady(bm25), late, query.unread, waiting)

    def place_on_map(self, question: str) -> tuple[float, float] | None:
        """Return where a question lies on the map of the entries; None where there is no map.

        Raises:
            ModelUnavailableError: The model cannot be opened.
        """
        points = self.snapshot.points()
        if not points:
            return None
        query = self.prepare(question)
        # The map is drawn by the vectors of the index's model.
        by_other = query.by == "multilingual"
        vector = self.encoder.encode_query(question).vector if by_other else query.vector
        (near,) = self.snapshot.engine.search_vectors(vector[np.newaxis], NEAR_ON_MAP)
        places = self.snapshot.places(chunk for chunk, _ in near)
        told = [(places[row].entry, cosine) for row, cosine in near]
        return layout.placing.place(told, points)

    def _dated(self, query: Query, pool: int, among: Sequence[int] | None) -> set[int]:
        """Return chunks of the days that are asked for, which need not look like the question."""
        days = query.wording.dates.whole_days
        found = set(self.snapshot.chunks_of_days(days, pool)) if days else set()
        return found if among is None else found & set(among)

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
