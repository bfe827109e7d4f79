"""Repair of question words that the notes do not know. Pure, but for the late import of RapidFuzz."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.lexical import STOP_WORDS

WORD = re.compile(r"(?<![\w./\\:=@#$%+\-])[A-Za-z]{3,32}(?![\w/\\:=@(]|[.\-]\w)")
"""Plain words: no part of a name, path, option, call or assignment is ever repaired."""

SHORT = 5
"""Letters; in words with fewer, one edit already changes a quarter."""

ENDINGS = ("s", "es", "ed", "d", "ing", "er", "r", "ers", "ly", "al", "able", "ment", "ness")
"""Ways in which an English word differs from its stem."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A question after spelling repair."""

    question: str
    changes: tuple[tuple[str, str], ...] = ()
    """(word as written, word as repaired), in order; empty when nothing was repaired."""


def repair(question: str, notes: Mapping[str, int], is_english: Callable[[str], bool]) -> Repair:
    """Replace words that are known nowhere by the nearest word of the notes.

    Nearest by optimal string alignment, the edits that Damerau found to make four fifths of all
    misspellings ("A technique for computer detection and correction of spelling errors", CACM
    1964): one in words under five letters, else two. Among words as near, those with the same first
    letter come first, then those that stand in more places.

    Args:
        question: As the user wrote it.
        notes: Lower-case words of the notes, and in how many places each stands.
        is_english: Tells whether a lower-case word is an English one, which needs no repair even
            where the notes do not have it.
    """
    changes: list[tuple[str, str]] = []

    def repaired(match: re.Match[str]) -> str:
        written = match[0]
        word = written.lower()
        # A capital inside tells a name: useState, PyTorch.
        if written[1:] != word[1:] or _known(word, notes, is_english):
            return written
        nearest = _nearest(word, notes)
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
    """Return words of which this may be a form: ``batch`` of ``batches``, ``run`` of ``running``."""
    found = []
    for ending in ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3:
            continue
        found += [stem, stem + "e"]
        if stem[-1] == stem[-2]:
            found.append(stem[:-1])
        if stem[-1] == "i":
            found.append(stem[:-1] + "y")
    return found


def _nearest(word: str, notes: Mapping[str, int]) -> str:
    """Return the word of the notes that was most likely meant, or nothing."""
    from rapidfuzz.distance import OSA

    most = 1 if len(word) < SHORT else 2
    best: tuple[int, bool, int, str] | None = None
    for known, places in notes.items():
        if abs(len(known) - len(word)) > most or len(known) < 3 or not known.isalpha():
            continue
        edits = OSA.distance(word, known, score_cutoff=most)
        if edits > most or (edits == 2 and known[0] != word[0]):
            continue
        found = (edits, known[0] != word[0], -places, known)
        best = min(best, found) if best else found
    return best[3] if best else ""
