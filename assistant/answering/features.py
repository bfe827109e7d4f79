"""What speaks for the notes answering a question: the features that its verdict rests on. Pure.

``evidence`` looks up in an index what is counted here, and ``verdict`` judges by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.embedding import Vectors
from assistant.language import analyzer

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question that tells entries apart."""

    text: str
    start: int
    end: int
    """Where it stands in the question."""
    alternatives: tuple[tuple[str, ...], ...]
    """Terms of the index: an entry holds the word that has all those of one alternative."""


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for the notes answering a question; higher is better."""

    similarity: float
    """Cosine of the nearest entry."""
    known: float
    """Share of the question's words that the notes have at all, rare words counting more."""
    cover: float | None = None
    """Share of them that one of the nearest entries has; None where that was not looked up."""
    matched: float | None = None
    """How well one of the nearest chunks has them in meaning, rare words counting more: cosine.

    None without late interaction.
    """
    unknown: tuple[str, ...] = ()
    """Words that the notes do not have."""
    missing: tuple[str, ...] = ()
    """Words that the notes have but none of the nearest entries."""


def words(question: str) -> list[Word]:
    """Return the words of a question that tell entries apart: all but stop words, if any."""
    spans = [(m.start(), m.end()) for m in analyzer.WORD.finditer(question)]
    found = []
    for start, end in spans:
        terms = analyzer.terms(question[start:end])[: analyzer.LONGEST_TERM]
        if not terms:
            continue
        whole, *parts = terms
        if analyzer.HAN_RUN.search(question, start, end):
            others: list[tuple[str, ...]] = [(part,) for part in parts]
        else:  # a joined name may stand in the notes by its parts
            others = [tuple(parts)] if parts else []
        found.append(Word(question[start:end], start, end, ((whole,), *others)))
    return [word for word in found if word.text.lower() not in analyzer.STOP_WORDS] or found


def rarity(counts: Sequence[int], chunks: int) -> Array:
    """Return the weight of words by how many chunks hold them; those of none weigh most."""
    return np.asarray(np.log((chunks + 1) / np.maximum(np.array(counts, float), 0.5)))


def measure(
    similarity: float,
    asked: Sequence[Word],
    counts: Sequence[int],
    chunks: int,
    held: Flags | None,
    matches: Vectors | None = None,
    pieces: Sequence[tuple[int, int]] = (),
) -> Features:
    """Return the features of a question.

    Args:
        similarity: Cosine of the nearest entry.
        asked: Its words, from ``words``.
        counts: Chunks that hold each word.
        chunks: Chunks of the index.
        held: Shape (passages, words): whether a nearest entry holds a word; None where that was
            not looked up.
        matches: Shape (chunks, word pieces): the best cosine of each word piece of the question
            with one of each nearest chunk, see ``maxsim.best``; None without late interaction.
        pieces: Where the word pieces of the question stand in it, as [start, end).
    """
    weights = rarity(counts, chunks)
    total = float(weights.sum()) or 1.0
    has: Flags = np.array(counts, int) > 0
    here = [True] * len(asked) if held is None else [bool(column.any()) for column in held.T]
    return Features(
        similarity=similarity,
        known=float((has * weights).sum() / total),
        cover=None if held is None else float((held @ weights / total).max(initial=0.0)),
        matched=None if matches is None else _matched(matches, asked, weights, pieces),
        unknown=tuple(w.text for w, known in zip(asked, has, strict=True) if not known),
        missing=tuple(
            w.text for w, known, near in zip(asked, has, here, strict=True) if known and not near
        ),
    )


def _matched(
    matches: Vectors, asked: Sequence[Word], weights: Array, pieces: Sequence[tuple[int, int]]
) -> float:
    """Return how well the best chunk has the words, each by its rarity; 0 where none has any.

    A word is as well matched as its word pieces are on average. What a question has no pieces of,
    as beyond what the model reads, does not count.
    """
    begins, ends = np.array(pieces[: matches.shape[1]], int).reshape(-1, 2).T
    inside = np.array([(begins < word.end) & (ends > word.start) for word in asked], float)
    if not inside.size or not len(matches):
        return 0.0
    sizes = inside.sum(axis=1)
    weights = weights * (sizes > 0)
    if not weights.sum():
        return 0.0
    each = matches[:, : len(begins)] @ (inside / np.maximum(sizes, 1.0)[:, None]).T
    return float((each @ weights / weights.sum()).max())
