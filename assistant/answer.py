"""A question to its answer: the two searches, their fusion, and the passages to show."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant import dense, fuse, late, lexical, sentence, snippet, spelling
from assistant.embed import Embedding, Encoder
from assistant.errors import ConfigError, IndexDamagedError, IndexUnusableError
from assistant.model import cache_folder
from assistant.records import Answer, Result, Verdict
from assistant.store import Place, Reader, Words

if TYPE_CHECKING:
    from assistant.gloss import Glossary

POOL = 50
"""Chunks that each search gives to the fusion."""

DENSE_WEIGHT = 0.5
LEXICAL_WEIGHT = 0.2
LATE_WEIGHT = 0.5
"""Of the three searches; docs/quality.md shows what each is worth."""

MOST_TERMS = 64
"""Terms of a question that are searched; more say nothing more and cost time."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk as one question ranks it, with what each search says of it."""

    chunk: int
    """Row of the chunk."""
    place: Place
    score: float
    """After fusion; falls along the list."""
    dense_rank: int | None
    """Rank by the model's vectors, from 1; None where that search did not give the chunk."""
    cosine: float | None
    lexical_rank: int | None
    """Rank by BM25, from 1; None where that search did not give the chunk."""
    bm25: float | None
    late: float | None
    """By late interaction; None where the index keeps no token states."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready for the searches."""

    question: str
    """As the user wrote it."""
    repaired: str
    """After spelling repair."""
    terms: tuple[str, ...]
    """Of the lexical search."""
    embedding: Embedding


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
        self._folder = folder
        self._encoder = encoder
        self._glossary: Glossary | None = None
        self._words: Words | None = None
        self._open()

    def _open(self) -> None:
        self.reader = Reader(self._folder)
        manifest = self.reader.manifest
        try:
            self._dense = dense.read(self._folder / manifest.dense, manifest.chunks)
        except IndexDamagedError:
            self.reader.close()
            raise

    def refresh(self) -> None:
        """Open the newest generation, if there is one since."""
        self.reader.close()
        self._words = None
        self._open()

    def close(self) -> None:
        """Let go of the index."""
        self.reader.close()

    def ask(
        self,
        question: str,
        count: int = 5,
        note: str = "",
        newer_notes: int = 0,
        *,
        why: bool = False,
        among: Sequence[int] | None = None,
    ) -> Answer:
        """Answer a question.

        Args:
            question: As the user wrote it.
            count: Results at most.
            note: Only notes whose path matches this glob; empty for all.
            newer_notes: Notes that the index does not know yet, for the answer to tell.
            why: Say of each result what speaks for it.
            among: The only chunks to consider; None for all, or those that ``note`` leaves.

        Raises:
            ConfigError: The question is empty, or the glob matches no note.
            IndexUnusableError: The index is damaged, or of another model.
            ModelUnavailableError: The model cannot be opened.
        """
        if not question.strip():
            raise ConfigError(
                "the question is empty", 'ask something: assistant ask "how do I ..."'
            )
        if note:
            among = self._chunks_among(note)
        query = self.prepare(question)
        ranked = self.rank(query, among)
        cosines = {c.chunk: c.cosine for c in ranked if c.cosine is not None}
        top = max(cosines.values(), default=0.0)
        places = {c.chunk: c.place for c in ranked}
        scores = {c.chunk: c.score for c in ranked}
        results = self._results(scores, places, query.terms, cosines, count)
        return Answer(
            question,
            _verdict(top),
            results,
            searched_for=query.repaired if query.repaired != question else "",
            newer_notes=newer_notes,
        )

    def prepare(self, question: str) -> Query:
        """Repair a question's spelling, gloss it, cut it into terms and encode it.

        Raises:
            IndexUnusableError: The index is damaged, or of another model.
            ModelUnavailableError: The model cannot be opened.
        """
        encoder = self._encoder.result()
        if encoder.card.fingerprint != self.reader.manifest.fingerprint:
            raise IndexUnusableError(
                f"the index in {self._folder} is of another model, {self.reader.manifest.model}",
                "run `assistant build`, or set `model` back",
            )
        if self._words is None:
            self._words = self.reader.words()
        repaired = spelling.repair(question, self._words, encoder.has_word).question
        glossed = self._glossed(repaired)
        terms = lexical.query_terms(repaired, glossed)[:MOST_TERMS]
        return Query(question, repaired, tuple(terms), encoder.encode_query(glossed))

    def _late(self, embedding: Embedding, chunks: Collection[int]) -> dict[int, float]:
        """Return late interaction's score of each chunk; none where no token states are kept."""
        states = self.reader.states(chunks)
        if not states:
            return {}
        question = late.project(embedding.states, self._encoder.result().projection)
        return dict(zip(states, late.scores(question, list(states.values())), strict=True))

    def rank(
        self, query: Query, among: Sequence[int] | None = None, pool: int = POOL
    ) -> list[Candidate]:
        """Return the chunks that a question finds, best first.

        Args:
            query: From ``prepare``.
            among: The only chunks to consider; None for all.
            pool: Chunks that each search gives at most.
        """
        only = None if among is None else np.array(among)
        near = dense.search(self._dense, query.embedding.vector, pool, only)
        expression = lexical.match_expression(query.terms)
        matching = self.reader.lexical(expression, pool, among)
        found = {row for row, _ in near} | {row for row, _ in matching}
        late_scores = self._late(query.embedding, found)
        legs = [
            (DENSE_WEIGHT, dict(near)),
            (LEXICAL_WEIGHT, dict(matching)),
            (LATE_WEIGHT, late_scores),
        ]
        scores = fuse.weighted(legs)
        places = self.reader.places(scores)
        dense_ranks = {row: rank for rank, (row, _) in enumerate(near, 1)}
        lexical_ranks = {row: rank for rank, (row, _) in enumerate(matching, 1)}
        cosines, bm25 = dict(near), dict(matching)
        return [
            Candidate(
                chunk=row,
                place=places[row],
                score=scores[row],
                dense_rank=dense_ranks.get(row),
                cosine=cosines.get(row),
                lexical_rank=lexical_ranks.get(row),
                bm25=bm25.get(row),
                late=late_scores.get(row),
            )
            for row in sorted(scores, key=lambda row: (-scores[row], places[row]))
        ]

    def _glossed(self, question: str) -> str:
        """Return a question with its Chinese, if it has any, in English."""
        if not lexical.HAN_RUN.search(question):
            return question
        if self._glossary is None:
            from assistant.gloss import Glossary

            self._glossary = Glossary.open(cache_folder())
        return self._glossary.gloss(question)

    def _chunks_among(self, pattern: str) -> list[int]:
        """Return the chunks of the notes whose path matches a glob."""
        paths = {file.path for file in self.reader.notes()}
        matching = {path for path in paths if fnmatch.fnmatch(path, pattern)}
        if not matching:
            raise ConfigError(
                f"no note matches {pattern!r}", "see `assistant status` for the notes"
            )
        return self.reader.chunks_of(matching)

    def _results(
        self,
        scores: dict[int, float],
        places: dict[int, Place],
        terms: Sequence[str],
        cosines: dict[int, float],
        count: int,
    ) -> tuple[Result, ...]:
        """Turn the scores of chunks, best first, into results, one for each entry."""
        best: dict[int, int] = {}
        for row in scores:
            best.setdefault(places[row].entry, row)
        results: list[Result] = []
        score = 1.0
        for rank, (entry_row, row) in enumerate(list(best.items())[:count], 1):
            score = min(score, max(0.0, cosines.get(row, 0.0)))
            results.append(self._result(rank, entry_row, scores, terms, score))
        return tuple(results)

    def _result(
        self,
        rank: int,
        entry_row: int,
        scores: dict[int, float],
        terms: Sequence[str],
        score: float,
    ) -> Result:
        stored = self.reader.entry(entry_row)
        entry = stored.entry
        windows = [window for _, window in stored.chunks]
        found = [scores.get(row, 0.0) for row, _ in stored.chunks]
        start, end = snippet.passage(entry, windows, found, terms, snippet.limit(rank))
        text = entry.text[start:end]
        best = sentence.best_sentence(entry.text, (start, end), terms)
        first = entry.first_line + entry.text.count("\n", 0, start)
        return Result(
            rank=rank,
            score=score,
            note=stored.file.path,
            path=stored.file.absolute,
            headings=entry.headings,
            lines=(first, first + text.count("\n")),
            snippet=text,
            highlight=(best[0] - start, best[1] - start),
            code=snippet.code_blocks(entry, best),
        )


def _verdict(cosine: float) -> Verdict:
    return "found" if cosine >= 0.45 else "weak" if cosine >= 0.35 else "none"
