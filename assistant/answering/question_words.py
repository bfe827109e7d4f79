"""The words of a question that tell entries apart, how much each tells, and who has them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
    lists: dict[str, list[str]] = {"in heading": [], "in text": [], "not in it": []}
    for word in asked:
        where = "in heading" if _is_in(word, above) else "in text"
        lists[where if _is_in(word, above | below) else "not in it"].append(word.text)
    lists["not in the notes"] = list(unknown) if tell_unknown else []
    return [
        f"{where}: {', '.join(dict.fromkeys(found))}" for where, found in lists.items() if found
    ]


def _is_in(word: Word, terms: Collection[str]) -> bool:
    return any(all(term in terms for term in one) for one in word.alternatives)


def rarity(counts: Sequence[int], chunks: int) -> npt.NDArray[np.float64]:
    """Return the weight of words by how many chunks hold them; those of none weigh most."""
    return np.asarray(np.log((chunks + 1) / np.maximum(np.array(counts, float), 0.5)))
