"""The words of a question that tell entries apart, how much each tells, and who has them. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
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


def places(
    question: str,
    headings: Sequence[str],
    text: str,
    unknown: Sequence[str] = (),
    *,
    tell_unknown: bool = True,
) -> list[str]:
    """Return in words where the words of a question stand in a passage, for people.

    Args:
        question: The question.
        headings: Over the passage.
        text: The passage.
        unknown: Words of the question that no note has.
        tell_unknown: Say so; else they are passed over.
    """
    nowhere = {word.casefold() for word in unknown}
    asked = [word for word in words(question) if word.text.casefold() not in nowhere]
    above, below = (set(analyzer.terms(part)) for part in ("\n".join(headings), text))
    spans: dict[str, list[tuple[int, int]]] = {"in heading": [], "in text": [], "not in it": []}
    for word in asked:
        where = "in heading" if _is_in(word, above) else "in text"
        found = spans[where if _is_in(word, above | below) else "not in it"]
        if found and word.start < found[-1][1]:  # pairs of characters that overlap are one word
            found[-1] = (found[-1][0], word.end)
        else:
            found.append((word.start, word.end))
    lists = {where: [question[slice(*one)] for one in found] for where, found in spans.items()}
    lists["not in the notes"] = list(unknown) if tell_unknown else []
    return [f"{where}: {', '.join(dict.fromkeys(said))}" for where, said in lists.items() if said]


def _is_in(word: Word, terms: Collection[str]) -> bool:
    return any(all(term in terms for term in one) for one in word.alternatives)


def rarity(counts: Sequence[int], chunks: int) -> npt.NDArray[np.float64]:
    """Return the weight of words by how many chunks hold them; those of none weigh most."""
    return np.asarray(np.log((chunks + 1) / np.maximum(np.array(counts, float), 0.5)))
