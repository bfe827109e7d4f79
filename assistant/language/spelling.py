"""Repair of question words that the notes do not know. RapidFuzz is imported when needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.language.analyzer import STOP_WORDS

WORD = re.compile(r"(?<![\w./\\:=@#$%+\-])[A-Za-z]{3,32}(?![\w/\\:=@(]|[.\-]\w)")
"""Plain words: no part of a name, path, option, call or assignment is ever repaired."""

SHORT = 5
"""Letters; in words with fewer, one edit already changes a quarter."""

MOST_EDITS = 2
"""That make a slip."""

ENDINGS = {"s": "", "es": "", "ed": "e", "ing": "e", "er": "e", "ers": "e", "ly": ""}
"""Ways in which an English word differs from its stem, and what the stem may end in instead."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A question after spelling repair."""

    question: str
    changes: tuple[tuple[str, str], ...] = ()
    """(word as written, word as repaired), in order; empty when nothing was repaired."""


def repair(
    question: str,
    notes: Mapping[str, int],
    is_english: Callable[[str], bool],
    language: str | None = "en",
) -> Repair:
    """Replace words that are known nowhere by the nearest word of the notes.

    Only in English and beside Chinese: a good word of another language is in no list that could
    tell it from a slip, and ``pilote`` is near ``polite``. Where the language is not sure, one edit
    is as much as is taken for a slip.

    Nearest by optimal string alignment, the edits that Damerau found to make four fifths of all
    misspellings ("A technique for computer detection and correction of spelling errors", CACM
    1964): one in words under five letters, and there only a letter left out or two that changed
    places, since ``wav`` is no misspelt ``was``; else two, see ``_is_likely``. Among words as near,
    those with the same first letter come first, then those that lose no letter, then those that
    stand in more places.

    Args:
        question: As the user wrote it.
        notes: Lower-case words of the notes, and in how many places each stands.
        is_english: Tells whether a lower-case word is an English one, which needs no repair even
            where the notes do not have it.
        language: Of the question, from ``identify.of_question``.
    """
    if language not in ("en", "zh", None):
        return Repair(question)
    most = MOST_EDITS if language else 1
    changes: list[tuple[str, str]] = []

    def repaired(match: re.Match[str]) -> str:
        written = match[0]
        word = written.lower()
        # A capital inside tells a name: useState, PyTorch.
        if written[1:] != word[1:] or _known(word, notes, is_english):
            return written
        nearest = _nearest(word, notes, most)
        if not nearest:
            return written
        changes.append((written, nearest))
        return nearest.capitalize() if written[0].isupper() else nearest

    result = WORD.sub(repaired, question)
    return Repair(result, tuple(changes))


def _known(word: str, notes: Mapping[str, int], is_english: Callable[[str], bool]) -> bool:
    return any(
        form in notes or form in STOP_WORDS or is_english(form) for form in (word, *_stems(word))
    )


def _stems(word: str) -> list[str]:
    """Return what this may be a form of: ``batch`` for ``batches``, ``run`` for ``running``."""
    found = []
    for ending, instead in ENDINGS.items():
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3:
            continue
        found += [stem, stem + instead]
        if stem[-1] == stem[-2]:
            found.append(stem[:-1])
        if stem[-1] == "i":
            found.append(stem[:-1] + "y")
    return found


def _nearest(word: str, notes: Mapping[str, int], most: int) -> str:
    """Return the word of the notes that was most likely meant, or nothing.

    Args:
        word: Lower case.
        notes: As in ``repair``.
        most: Edits.
    """
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    short = len(word) < SHORT
    most = 1 if short else most
    near = extract(word, notes.keys(), scorer=OSA.distance, score_cutoff=most, limit=None)
    best = min(
        (
            (edits, known[0] != word[0], not _keeps(word, known), -notes[known], known)
            for known, edits, _ in near
            if len(known) > 2 and known.isalpha() and (edits == 1 or _is_likely(word, known))
        ),
        default=None,
    )
    return "" if best is None or (short and best[2]) else best[-1]


def _is_likely(word: str, known: str) -> bool:
    """Return whether two edits are a slip: letters left out, doubled or swapped behind the first.

    A letter that the known word does not have tells of another word, and so do two letters more:
    ``offline`` is no misspelt ``online``, nor ``tensorrt`` a misspelt ``tensor``.
    """
    return known[0] == word[0] and set(word) <= set(known) and len(word) <= len(known) + 1


def _keeps(word: str, known: str) -> bool:
    """Return whether no letter as written was lost: some were left out, or changed places."""
    return not Counter(word) - Counter(known)
