"""A question to its answer: the two searches, their fusion, and the passages to show."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from concurrent.futures import Future
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
    ) -> Answer:
        """Answer a question.

        Args:
            question: As the user wrote it.
            count: Results at most.
            note: Only notes whose path matches this glob; empty for all.
            newer_notes: Notes that the index does not know yet, for the answer to tell.
            why: Say of each result what speaks for it.

        Raises:
            ConfigError: The question is empty, or the glob matches no note.
            IndexUnusableError: The index is damaged, or of another model.
            ModelUnavailableError: The model cannot be opened.
        """
        if not question.strip():
            raise ConfigError(
                "the question is empty", 'ask something: assistant ask "how do I ..."'
            )
        encoder = self._encoder.result()
        if encoder.card.fingerprint != self.reader.manifest.fingerprint:
            raise IndexUnusableError(
                f"the index in {self._folder} is of another model, {self.reader.manifest.model}",
                "run `assistant build`, or set `model` back",
            )
        among = self._chunks_among(note) if note else None
        glossed = self._glossed(question)
        terms = lexical.query_terms(question, glossed)[:MOST_TERMS]
        vector = encoder.encode_query(glossed).vector
        near = dense.search(
            self._dense, vector, POOL, None if among is None else np.array(among, np.int64)
        )
        matching = self.reader.lexical(lexical.match_expression(terms), POOL, among)
        places = self.reader.places(row for row, _ in near + matching)
        scores = fuse.reciprocal_rank([_in_order(near, places), _in_order(matching, places)])
        ranked = sorted(scores, key=lambda row: (-scores[row], places[row]))
        cosines = dict(near)
        top = max(cosines.values(), default=0.0)
        results = self._results(ranked, places, terms, cosines, count)
        return Answer(question, _verdict(top), results, newer_notes=newer_notes)

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


def _in_order(found: Sequence[tuple[int, float]], places: dict[int, Place]) -> list[int]:
    """Return the rows found, best first, equals in the order of the notes.

    Equal texts get scores that differ in the last digits with where they lie in memory.
    """
    return [row for row, _ in sorted(found, key=lambda item: (-round(item[1], 5), places[item[0]]))]


def _verdict(cosine: float) -> Verdict:
    return "found" if cosine >= 0.45 else "weak" if cosine >= 0.35 else "none"
