"""An encoder without a model: words are word pieces, and shared words make close vectors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from assistant.embedding import maxsim
from assistant.embedding.encoder import Embedding
from assistant.embedding.model import ModelCard
from assistant.embedding.vectors import Vectors

DIMENSIONS = 64

PIECE = re.compile(r"[^\W\u3400-\u9fff]+|[^\s]")
"""A word, or a Chinese character or punctuation mark by itself."""

CARD = ModelCard(
    name="fake",
    fingerprint=hashlib.sha256(b"fake").hexdigest()[:32],
    dimensions=DIMENSIONS,
    max_pieces=256,
    inputs=("input_ids", "attention_mask"),
)


@cache
def piece_vector(piece: str) -> Vectors:
    """Return the unit vector of a word piece, the same in every process."""
    seed = int.from_bytes(hashlib.sha256(piece.lower().encode("utf-8", "surrogatepass")).digest())
    vector = np.random.default_rng(seed).standard_normal(DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


def count_words(texts: Sequence[str]) -> list[int]:
    """Return how many word pieces the fake makes of each text."""
    return [sum(1 for _ in PIECE.finditer(text)) for text in texts]


def unpacked(blob: bytes, dimensions: int) -> Vectors:
    """Return token states at unit length from what ``maxsim.pack`` made of them."""
    return maxsim.cosines(np.eye(dimensions, dtype=np.float32), blob)


def write_model(folder: Path, card: ModelCard = CARD) -> Path:
    """Make a model folder with nothing but a card, for those who read it before they encode."""
    folder.mkdir(parents=True, exist_ok=True)
    card.write(folder / "card.json")
    return folder


class FakeEncoder:
    """Stands in for the real one wherever that is passed in."""

    def __init__(self, card: ModelCard = CARD) -> None:
        self.card = card
        self.encoded: list[str] = []
        """Every text that was encoded, in order: what a test counts to see what was spared."""

    @cached_property
    def projection(self) -> Vectors:
        """Keeps every dimension."""
        return np.eye(DIMENSIONS, dtype=np.float32)

    @property
    def room(self) -> int:
        """As the real one: two special tokens go off."""
        return self.card.max_pieces - 2

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Return how many words each text has."""
        return count_words(texts)

    def piece_spans(self, text: str) -> list[tuple[int, int]]:
        """Return where each word stands in a text, as [start, end)."""
        return [match.span() for match in PIECE.finditer(text)]

    def has_word(self, word: str) -> bool:
        """Knows every word, so that no question is repaired."""
        return bool(word)

    def encode_query(self, question: str) -> Embedding:
        """Return the embedding of a question."""
        return self._embed(question)

    def encode_questions(self, questions: Sequence[str]) -> list[Embedding]:
        """Return the embeddings of questions, in order."""
        return [self._embed(question) for question in questions]

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Yield positions and embeddings, longest text first, as the real one does."""
        sizes = self.count_pieces(texts)
        for i in sorted(range(len(texts)), key=lambda i: (-sizes[i], i)):
            yield i, self._embed(texts[i])

    def _embed(self, text: str) -> Embedding:
        self.encoded.append(text)
        matches = list(PIECE.finditer(text))[: self.room]
        states = np.zeros((len(matches), DIMENSIONS), np.float32)
        for row, match in enumerate(matches):
            states[row] = piece_vector(match[0])
        # Of a text without words, as of the special tokens alone, a vector like no other.
        total = states.sum(axis=0) if matches else piece_vector("")
        vector = (total / np.linalg.norm(total)).astype(np.float32)
        return Embedding(vector, states, tuple(match.span() for match in matches))
