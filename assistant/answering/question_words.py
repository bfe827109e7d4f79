"""The words of a question that tell entries apart, and how much each tells. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.language import analyzer

_PAIRED = "|".join(run.pattern for run in (analyzer.HAN_RUN, analyzer.HANGUL_RUN))
_WHOLE = "|".join(run.pattern for run in (analyzer.KATAKANA_RUN, analyzer.HIRAGANA_RUN))
_SCRIPTS = re.compile(rf"(?P<paired>{_PAIRED})|{_WHOLE}|(?:(?!{_PAIRED}|{_WHOLE}).)+", re.DOTALL)


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
    found = []
    for start, end in _spans(question):
        terms = analyzer.terms(question[start:end])[: analyzer.LONGEST_TERM]
        if not terms:
            continue
        whole, *parts = terms  # a joined name may stand in the notes by its parts
        others = [tuple(parts)] if parts else []
        found.append(Word(question[start:end], start, end, ((whole,), *others)))
    meant = analyzer.spelt_in_capitals(question)
    return [word for word in found if word.text in meant or _tells(word.text)] or found


def _tells(word: str) -> bool:
    """Return whether a word tells entries apart: hiragana are what joins the words that do."""
    return word.lower() not in analyzer.STOP_WORDS and not analyzer.HIRAGANA_RUN.fullmatch(word)


def _spans(question: str) -> Iterator[tuple[int, int]]:
    """Yield where the words of a question stand, as [start, end).

    Where words are not told apart by spaces, each pair of characters counts as one, so that a
    question half of which the notes have is half known. Of a Korean word, the last pair does not:
    it has the particle.
    """
    for word in analyzer.WORD.finditer(question):
        for run in _SCRIPTS.finditer(question, word.start(), word.end()):
            start, end = run.span()
            if run.lastgroup == "paired" and end - start > 2:
                last = end - (2 if analyzer.HANGUL_RUN.fullmatch(run[0]) else 1)
                yield from ((at, at + 2) for at in range(start, last))
            else:
                yield start, end


def rarity(counts: Sequence[int], chunks: int) -> npt.NDArray[np.float64]:
    """Return the weight of words by how many chunks hold them; those of none weigh most."""
    return np.asarray(np.log((chunks + 1) / np.maximum(np.array(counts, float), 0.5)))
