"""What a question names to the letter, and what of it a passage does not have. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUOTED = re.compile(r"[`\"“]([^`\"“”\n]{2,40})[`\"”]|(?<!\w)'([\w.+-]{2,40})'(?!\w)")
"""Between single quotes a word alone: paths and addresses in errors are those of one machine."""
_WORD = re.compile(r"[^\s()\[\]{}<>\"'`,;!?“”‘’«»]+(?:\(\))?")
_JOINED = re.compile(
    r"[^\W\d_]\w+(?:(?:\.|::)\w+)+(?:\(\))?|[^\W\d_]+_\w+|[a-z]+[A-Z]\w*|[A-Z]{2,}[a-z]+\w*"
    r"|\w+\(\)"
)
"""Names as programs write them: ``numpy.bool``, ``batch_first``, ``DataLoader``, ``len()``."""

_CODED = re.compile(r"[A-Za-z]+-?\d{2,}\w*|\d+[A-Za-z]+\d+\w*|[A-Z]{1,4}-\d+")
"""Letters and digits: ``E4021``, ``ISO-8601``, ``RTX3090``."""

_NUMBER = re.compile(r"\d{3,}|\d+(?:\.\d+)+")
_MEASURED = re.compile(r"\s*(?:[KMGT]i?B|ms|s|min|h|%|px|x|°|€|\$|EUR|USD)\b|\s*%", re.IGNORECASE)
_SENTENCE = re.compile(r"\A|[.!?:]\s+")
"""What a sentence begins behind."""
_SQUEEZED = re.compile(r"[\W_]+")

SHORTEST_NAME = 3
"""Letters of a proper name."""

MOSTLY = 0.5
"""Share of a question's words that may begin with a capital for these to be names."""


def specifics(
    question: str, without: Iterable[tuple[int, int]] = (), *, with_proper: bool = True
) -> tuple[str, ...]:
    """Return what a question names to the letter, in order: it is asked for, and nothing like it.

    Names as programs write them, codes, numbers that are no measure, what stands in quotes, and
    proper names, unless the question has most words begin with a capital.

    Args:
        question: As the user wrote it.
        without: Spans of what is looked for in other ways, such as dates.
        with_proper: Take proper names, too: not in a language that may write every noun so.
    """
    left_out = list(without)
    words = [
        word
        for word in _WORD.finditer(question)
        if not any(low <= word.start() < high for low, high in left_out)
    ]
    capital = [word for word in words if _is_proper(_bare(word[0]))]
    told = capital if with_proper and len(capital) <= MOSTLY * len(words) else []
    beginnings = {match.end() for match in _SENTENCE.finditer(question)}
    proper = {
        word.start()
        for word in told
        if not _MEASURED.fullmatch(word[0]) and word.start() not in beginnings
    }
    quoted = _QUOTED.finditer(question)
    found = {match.start(match.lastindex or 0): match[match.lastindex or 0] for match in quoted}
    for word in words:
        bare = _bare(word[0])
        is_number = _NUMBER.fullmatch(bare) and not _MEASURED.match(question, word.end())
        is_name = _JOINED.fullmatch(bare) or _CODED.fullmatch(bare)
        if is_number or is_name or word.start() in proper:
            found.setdefault(word.start(), bare)
    return tuple(dict.fromkeys(found[at] for at in sorted(found)))


def lacking(asked: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Return what a passage does not have of what a question names, whatever case and joints.

    Args:
        asked: From ``specifics``.
        texts: Of the passage: its text, its headings, the names of its note.
    """
    squeezed = "\n".join(_SQUEEZED.sub("", text).casefold() for text in texts)
    return tuple(one for one in asked if _SQUEEZED.sub("", one).casefold() not in squeezed)


def _is_proper(word: str) -> bool:
    """Return whether a word may be somebody's name, by its capital, in any script that has them."""
    return len(word) >= SHORTEST_NAME and word.isalpha() and word[0].isupper()


def _bare(word: str) -> str:
    """Return a word without the signs around it that are none of its own."""
    return word.strip(".:…-–—*_").removesuffix("'s").removesuffix("’s")
