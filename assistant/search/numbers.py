"""Numbers and signs of a question, which headings are found by to the letter. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.language import analyzer

_NUMBER = re.compile(r"(?<![\w.,-])v?(\d+(?:[.,]\d+)*)(?![\w]|[.,]\d)")
_CUED = re.compile(
    r"(?:\b(?:room|week|chapter|section|part|step|no|nr|number|version|day|lesson|unit|exercise|page"
    r"|level|phase|sprint|act|book|volume)\b\.?|[§#№第])\s*(\d+(?:\.\d+)*)",
    re.IGNORECASE,
)
"""Numbers of one digit count only after such a word: most others are quantities."""

_SIGN = re.compile(r"(?<!\S)(?=\S*[^\w\s])[^\w\s]{1,4}(?!\S)|(?<!\S)--?[a-z][\w-]*(?!\S)")
_PUNCTUATION = frozenset(("?", "!", ".", "-", ",", ":", ";", "&", "...", "/", "–", "—", "("))


def asked(question: str, without: Sequence[tuple[int, int]] = ()) -> frozenset[str]:
    """Return the numbers that a question asks for: of two digits or more, or after a cue.

    Args:
        question: As the user wrote it.
        without: Spans that are something else, such as dates.
    """
    found = [
        (match.start(1), match[1]) for match in _NUMBER.finditer(question) if len(match[1]) > 1
    ]
    found += [(match.start(1), match[1]) for match in _CUED.finditer(question)]
    return frozenset(
        number for at, number in found if not any(low <= at < high for low, high in without)
    )


def of_heading(heading: str) -> frozenset[str]:
    """Return the numbers of a heading."""
    return frozenset(match[1] for match in _NUMBER.finditer(heading)) | frozenset(
        match[1] for match in _CUED.finditer(heading)
    )


def signs(question: str) -> frozenset[str]:
    """Return what a question asks for to the letter, and is no word that tells anything.

    What stands alone and is no word, such as ``:=``, ``$?`` and ``--no-ff``, and words such as
    ``IT`` and ``WHO`` that are stop words but for their capitals.
    """
    found = frozenset(match[0] for match in _SIGN.finditer(question)) - _PUNCTUATION
    return found | analyzer.spelt_in_capitals(question)


def has_sign(heading: str, asked: frozenset[str]) -> bool:
    """Return whether a heading has one of some signs standing alone, or in marks of code."""
    return bool(asked) and not asked.isdisjoint(
        part.strip("`*_,;()") or part for part in heading.split()
    )
