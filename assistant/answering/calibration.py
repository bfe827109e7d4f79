"""The build's part of the verdict: ask a new index what it should and what it should not answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from assistant.answering.features import NEAR, Features, Measurer, matcher
from assistant.answering.verdict import WORD_MEASURES, calibrate
from assistant.disk import replacing
from assistant.embedding import Embedding, Vectors, maxsim, probes
from assistant.language import analyzer
from assistant.markdown import chunks as chunk
from assistant.records import Calibration
from assistant.store import Snapshot, files

HEADINGS = 128
"""Headings that are asked, spread evenly over the notes."""

FEWEST_WORDS = 5
"""Words under a heading for it to count as one that something stands under."""

DRIFT = 0.05
"""Share by which the chunks may grow or shrink before an index is calibrated anew."""

Gloss = Callable[[str], str]
"""From a text to the same with its Chinese in English."""


class QuestionEncoder(Protocol):
    """What a calibration needs of the model."""

    @property
    def projection(self) -> Vectors:
        """The projection of token states, shape (d, k)."""

    def encode_questions(self, questions: Sequence[str]) -> Sequence[Embedding]:
        """Return the embeddings of questions, in order."""


@dataclass(frozen=True, slots=True)
class EncodedQuestions:
    """Questions as the model has them, the word pieces of all of them one after another."""

    vectors: Vectors
    """Shape (n, d)."""
    states: Vectors
    """Of the word pieces, from ``maxsim.project``, shape (pieces, k)."""
    spans: npt.NDArray[np.int_]
    """Where each word piece stands in its question, as [start, end), shape (pieces, 2)."""
    begins: npt.NDArray[np.int_]
    """At which piece each question begins, and the end of the last one, shape (n + 1,)."""

    def pieces(self) -> Iterator[tuple[Vectors, list[tuple[int, int]]]]:
        """Yield states and spans of each question."""
        for begin, end in pairwise(self.begins):
            spans = [(int(low), int(high)) for low, high in self.spans[begin:end]]
            yield self.states[begin:end], spans


@dataclass(frozen=True, slots=True)
class AskedHeading:
    """A heading to ask."""

    text: str
    chunks: frozenset[int]
    """Of all entries that stand under it."""


def is_due(calibration: Calibration | None, chunks: int) -> bool:
    """Return whether an index of so many chunks has outgrown its calibration."""
    return calibration is None or abs(chunks - calibration.chunks) > DRIFT * calibration.chunks


def calibration(
    snapshot: Snapshot, encoder: QuestionEncoder, cache: Path, gloss: Gloss
) -> Calibration:
    """Return the calibration of an index.

    Args:
        snapshot: The index; an update before it commits, too.
        encoder: Its model.
        cache: Folder and name, without an ending, of a file for the embeddings of the probes.
        gloss: Puts Chinese into English.
    """
    entries = snapshot.entry_of_chunks()
    read = len(entries) - len(snapshot.unread_chunks())
    measurer = Measurer(snapshot, len(entries))

    def ask(
        texts: Sequence[str], asked: EncodedQuestions, left_out: Sequence[frozenset[int]]
    ) -> list[Features]:
        found = snapshot.engine.search_vectors(asked.vectors, NEAR)
        return [
            measurer.features(
                text, near, entries, without, matcher(snapshot, states), spans, find_missing=False
            )
            for text, near, without, (states, spans) in zip(
                texts, found, left_out, asked.pieces(), strict=True
            )
        ]

    off = [gloss(question) for _, _, question in probes.read()]
    off_features = ask(off, cached(off, encoder, cache), [frozenset()] * len(off))
    own = list(headings(snapshot, gloss))
    texts = [heading.text for heading in own]
    own_features = ask(texts, _encoded(texts, encoder), [heading.chunks for heading in own])
    return calibrate(off_features, own_features, read)


def by_words(snapshot: Snapshot, gloss: Gloss) -> Calibration:
    """Return the calibration of an index that is searched by its words alone.

    Args:
        snapshot: The index; an update before it commits, too.
        gloss: Puts Chinese into English.
    """
    entries = snapshot.entry_of_chunks()
    measurer = Measurer(snapshot, len(entries))

    def ask(text: str, without: frozenset[int] = frozenset()) -> Features:
        found = snapshot.engine.search_terms(analyzer.query_terms(text), NEAR)
        return measurer.features(text, found, entries, without)

    off = [ask(gloss(question)) for _, _, question in probes.read()]
    own = [ask(heading.text, heading.chunks) for heading in headings(snapshot, gloss)]
    return calibrate(off, own, len(entries), WORD_MEASURES)


def headings(snapshot: Snapshot, gloss: Gloss) -> Iterator[AskedHeading]:
    """Yield headings of the notes to ask as questions, each with the chunks that must not answer.

    With its own entry there a heading finds itself; without it, it finds what it would find if it
    were worded differently. Entries with the same heading are left out together.
    """
    named: dict[str, list[int]] = {}
    for head in sorted(snapshot.entries(), key=lambda head: head.row):
        if (
            head.headings
            and not head.is_of_properties
            and head.length - head.body > 5 * FEWEST_WORDS
        ):
            named.setdefault(head.headings[-1], []).append(head.row)
    if len(named) < 2:
        return  # without its entry nothing is left to ask
    asked = list(named.items())
    for at in np.unique(np.linspace(0, len(asked) - 1, HEADINGS).astype(int)):
        heading, rows = asked[at]
        chunks = frozenset(row for row, _ in snapshot.chunks_of_entries(rows))
        text = gloss(chunk.without_number(heading))
        if text.strip():
            yield AskedHeading(text, chunks)


def _encoded(questions: Sequence[str], encoder: QuestionEncoder) -> EncodedQuestions:
    """Return questions as the model has them."""
    found = encoder.encode_questions(questions)
    projection = encoder.projection
    width = len(projection)
    vectors = [embedding.vector for embedding in found]
    none = np.zeros((0, width), np.float32)
    states = np.concatenate([none, *(embedding.states for embedding in found)])
    return EncodedQuestions(
        np.array(vectors, np.float32).reshape(-1, width),
        maxsim.project(states, projection),
        np.array([span for embedding in found for span in embedding.spans], int).reshape(-1, 2),
        np.cumsum([0, *(len(embedding.spans) for embedding in found)]),
    )


def cached(questions: Sequence[str], encoder: QuestionEncoder, cache: Path) -> EncodedQuestions:
    """Return probes as a model has them, from the cache where they have been made before."""
    digest = hashlib.sha256("\0".join(questions).encode("utf-8")).hexdigest()[:16]
    path = cache.with_name(f"{cache.name}-{digest}.npz")
    try:
        with path.open("rb") as kept_file, np.load(kept_file, allow_pickle=False) as arrays:
            kept = EncodedQuestions(*(arrays[field.name] for field in fields(EncodedQuestions)))
        if len(kept.vectors) == len(questions) == len(kept.begins) - 1:
            return kept
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        pass
    asked = _encoded(questions, encoder)
    arrays_of = {field.name: getattr(asked, field.name) for field in fields(EncodedQuestions)}
    with suppress(OSError):  # a cache that cannot be written is no reason to stop
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft, files.create(draft) as file:
            np.savez(file, **arrays_of)
    return asked
