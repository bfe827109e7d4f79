"""A question to its answer: the two searches, their fusion, and the passages to show."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant import dense, fuse, lexical, snippet
from assistant.embed import Encoder
from assistant.errors import ConfigError, IndexDamagedError, IndexUnusableError
from assistant.model import cache_folder
from assistant.records import Answer, Result, Verdict
from assistant.store import Place, Reader

if TYPE_CHECKING:
    from assistant.gloss import Glossary

POOL = 50
"""Chunks that each search gives to the fusion."""

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
        ranked = self.rank(question, among)
        cosines = {c.chunk: c.cosine for c in ranked if c.cosine is not None}
        top = max(cosines.values(), default=0.0)
        places = {c.chunk: c.place for c in ranked}
        rows = [c.chunk for c in ranked]
        results = self._results(rows, places, self.terms(question), cosines, count)
        return Answer(question, _verdict(top), results, newer_notes=newer_notes)

    def vector(self, question: str) -> dense.Vectors:
        """Return the vector of a question, shape (d,)."""
        return self._encoder.result().encode_query(self._glossed(question)).vector

    def terms(self, question: str) -> list[str]:
        """Return the terms that the lexical search looks a question up by."""
        return lexical.query_terms(question, self._glossed(question))[:MOST_TERMS]

    def rank(
        self, question: str, among: Sequence[int] | None = None, pool: int = POOL
    ) -> list[Candidate]:
        """Return the chunks that a question finds, best first.

        Args:
            question: As the user wrote it, not empty.
            among: The only chunks to consider; None for all.
            pool: Chunks that each search gives at most.

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
        vector = encoder.encode_query(self._glossed(question)).vector
        near = dense.search(self._dense, vector, pool, None if among is None else np.array(among))
        expression = lexical.match_expression(self.terms(question))
        matching = self.reader.lexical(expression, pool, among)
        scores = fuse.reciprocal_rank([[row for row, _ in near], [row for row, _ in matching]])
        places = self.reader.places(scores)
        by_vector = {row: (rank, cosine) for rank, (row, cosine) in enumerate(near, 1)}
        by_words = {row: (rank, bm25) for rank, (row, bm25) in enumerate(matching, 1)}
        absent = (None, None)
        return [
            Candidate(
                row,
                places[row],
                scores[row],
                *by_vector.get(row, absent),
                *by_words.get(row, absent),
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
        ranked: Sequence[int],
        places: dict[int, Place],
        terms: Sequence[str],
        cosines: dict[int, float],
        count: int,
    ) -> tuple[Result, ...]:
        """Turn ranked chunks into results, one for each entry."""
        best: dict[int, int] = {}
        for row in ranked:
            best.setdefault(places[row].entry, row)
        results: list[Result] = []
        score = 1.0
        for rank, (entry_row, row) in enumerate(list(best.items())[:count], 1):
            score = min(score, max(0.0, cosines.get(row, 0.0)))
            results.append(self._result(rank, entry_row, row, terms, score))
        return tuple(results)

    def _result(
        self, rank: int, entry_row: int, row: int, terms: Sequence[str], score: float
    ) -> Result:
        stored = self.reader.entry(entry_row)
        entry = stored.entry
        rows = [chunk for chunk, _ in stored.chunks]
        windows = [window for _, window in stored.chunks]
        start, end = snippet.passage(entry, windows, rows.index(row), snippet.limit(rank))
        text = entry.text[start:end]
        highlight = snippet.best_sentence(text, terms)
        first = entry.first_line + entry.text.count("\n", 0, start)
        return Result(
            rank=rank,
            score=score,
            note=stored.file.path,
            path=stored.file.absolute,
            headings=entry.headings,
            lines=(first, first + text.count("\n")),
            snippet=text,
            highlight=highlight,
            code=snippet.code_blocks(entry, start + highlight[0]),
        )


def _verdict(cosine: float) -> Verdict:
    return "found" if cosine >= 0.45 else "weak" if cosine >= 0.35 else "none"
