"""The words of a question that tell entries apart, and how much each tells. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.language import analyzer


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question that tells entries apart."""

    text: str
    start: int
    end: int
    """Where it stands in the question."""
    alternatives: tuple[tuple[str, ...], ...]
    """Terms of the index: an entry holds the word that has all those of one alternative."""


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


def rarity(counts: Sequence[int], chunks: int) -> npt.NDArray[np.float64]:
    """Return the weight of words by how many chunks hold them; those of none weigh most."""
    return np.asarray(np.log((chunks + 1) / np.maximum(np.array(counts, float), 0.5)))
