"""What a model does for the rest of the program: texts to vectors and token states. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.embedding.model import ModelCard
from assistant.embedding.vectors import Vectors


@dataclass(frozen=True, slots=True)
class Embedding:
    """What the model makes of one text."""

    vector: Vectors
    """Shape (d,), unit length."""
    states: Vectors
    """Shape (pieces, d): the last hidden state of each word piece of the text.

    Those of special tokens, of the prompt and of unknown words are left out, though the vector has
    its share of them.
    """
    spans: tuple[tuple[int, int], ...]
    """Where each word piece stands in the text, as [start, end)."""


class Encoder(Protocol):
    """A model ready to encode. One instance serves any number of threads."""

    card: ModelCard

    @property
    def projection(self) -> Vectors:
        """The projection of token states, shape (d, k); see ``maxsim``.

        Raises:
            ModelUnavailableError: Its file is damaged.
        """

    @property
    def room(self) -> int:
        """Word pieces that one text may have, special tokens and the passage prompt left out."""

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text, special tokens left out."""

    def has_word(self, word: str) -> bool:
        """Return whether a lower-case word is one whole word piece, so that the model knows it."""

    def piece_spans(self, text: str) -> list[tuple[int, int]]:
        """Return where each word piece that is known stands in a text, as [start, end)."""

    def encode_query(self, question: str) -> Embedding:
        """Return the embedding of a question, cut to what the model reads."""

    def encode_questions(self, questions: Sequence[str]) -> list[Embedding]:
        """Return the embeddings of many questions, in order."""

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Encode passages, similar lengths together so that little is padded.

        Args:
            texts: What to encode; longer ones are cut to what the model reads.

        Yields:
            Position in ``texts`` and its embedding, in order of length, not of position.
        """
