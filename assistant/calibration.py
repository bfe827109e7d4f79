"""The build's part of the verdict: ask a new index what it should and what it should not answer."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from assistant import chunk, dense
from assistant.evidence import NEAR, Evidence
from assistant.store import Reader
from assistant.verdict import Calibration, Features, calibrate

PROBES = Path(__file__).with_name("data") / "probes.tsv"
"""Questions of many fields that one person's notes seldom answer: language, field, question."""

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

    def encode_questions(self, questions: Sequence[str]) -> dense.Vectors:
        """Return the vectors of questions, shape (n, d), in order."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading to ask."""

    text: str
    chunks: frozenset[int]
    """Of all entries that stand under it."""


def probes() -> list[str]:
    """Return the off-topic questions."""
    lines = PROBES.read_text("utf-8").splitlines()
    return [line.split("\t")[2] for line in lines if line and not line.startswith("#")]


def is_due(calibration: Calibration | None, chunks: int) -> bool:
    """Return whether an index of so many chunks has outgrown its calibration."""
    return calibration is None or abs(chunks - calibration.chunks) > DRIFT * calibration.chunks


def calibration(
    reader: Reader, index: dense.Index, encoder: QuestionEncoder, cache: Path, gloss: Gloss
) -> Calibration:
    """Return the calibration of an index.

    Args:
        reader: Its tables, as a writer has them before it commits if need be.
        index: Its vectors.
        encoder: Its model.
        cache: Folder and name, without an ending, of a file for the vectors of the probes.
        gloss: Puts Chinese into English.
    """
    entries = dict(reader.query("SELECT id, entry FROM chunks"))
    evidence = Evidence(reader, len(entries))
    off = [gloss(question) for question in probes()]
    own = list(headings(reader, gloss))
    off_vectors = _kept(off, encoder, cache)
    own_vectors = encoder.encode_questions([heading.text for heading in own])

    def ask(
        texts: Sequence[str], vectors: dense.Vectors, left_out: Sequence[frozenset[int]]
    ) -> list[Features]:
        found = dense.search_all(index, vectors, NEAR)
        return [
            evidence.features(text, near, entries, without)
            for text, near, without in zip(texts, found, left_out, strict=True)
        ]

    return calibrate(
        ask(off, off_vectors, [frozenset()] * len(off)),
        ask([h.text for h in own], own_vectors, [h.chunks for h in own]) if own else [],
        len(entries),
    )


def headings(reader: Reader, gloss: Gloss) -> Iterator[Heading]:
    """Yield headings of the notes to ask as questions, each with the chunks that must not answer.

    With its own entry there a heading finds itself; without it, it finds what it would find if it
    were worded differently. Entries with the same heading are left out together.
    """
    rows = reader.query(
        "SELECT json_extract(headings, '$[#-1]') AS heading, group_concat(id) FROM entries"
        " WHERE json_array_length(headings) > 0 AND length(text) - body > 5 * ?"
        " GROUP BY heading ORDER BY min(id)",
        (FEWEST_WORDS,),
    )
    if len(rows) < 2:
        return  # without its entry nothing is left to ask
    for at in np.unique(np.linspace(0, len(rows) - 1, HEADINGS).astype(int)):
        heading, ids = rows[at]
        chunks = reader.query(
            "SELECT id FROM chunks WHERE entry IN (SELECT value FROM json_each(?))", (f"[{ids}]",)
        )
        text = gloss(chunk.without_number(heading))
        if text.strip():
            yield Heading(text, frozenset(row for (row,) in chunks))


def _kept(questions: Sequence[str], encoder: QuestionEncoder, cache: Path) -> dense.Vectors:
    """Return the vectors of the probes, from the cache where they have been made before."""
    digest = hashlib.sha256("\0".join(questions).encode("utf-8")).hexdigest()[:16]
    path = cache.with_name(f"{cache.name}-{digest}.npy")
    try:
        vectors = np.load(path)
        if vectors.dtype == np.float32 and len(vectors) == len(questions):
            return vectors  # type: ignore[no-any-return]
    except (OSError, ValueError, EOFError):
        pass
    vectors = encoder.encode_questions(questions)
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            np.save(file, vectors)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)  # a cache that cannot be written is no reason to stop
    return vectors
