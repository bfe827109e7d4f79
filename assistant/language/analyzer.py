"""Text and questions to the terms of the lexical index. Pure.

The index itself is SQLite's FTS5, which stems (Porter) and ranks (BM25); see ``store.snapshot``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from assistant.combining import COMBINING

_RUN = rf"[^\W_]+(?:[{COMBINING}]+[^\W_]*)*"
WORD = re.compile(rf"{_RUN}(?:(?:[._]+|::|-){_RUN})*")
"""Words with their inner joints, such as ``torch.cuda.empty_cache`` or ``batch-first``."""

HAN_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
"""Not ``han.HAN``, so that the terms of an index from before stay what they are."""

KATAKANA_RUN = re.compile(r"[\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff]+")
HIRAGANA_RUN = re.compile(r"[\u3041-\u309f]+")
HANGUL_RUN = re.compile(r"[\uac00-\ud7af]+")
_UNSPACED = re.compile("|".join(run.pattern for run in (HAN_RUN, KATAKANA_RUN, HIRAGANA_RUN)))
"""Scripts without a space between words."""

_CAPITALS = re.compile(r"\b[A-Z]{2,}\b")

UPPER, LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ɏ"
_OTHER = rf"[^\W\d_{UPPER}{LOWER}]"
PART = re.compile(
    rf"[{UPPER}]+(?![{LOWER}])|[{UPPER}]?[{LOWER}]+|\d+|{_OTHER}(?:{_OTHER}|[{COMBINING}])*"
)
"""Parts of a joined or CamelCase name: ``BatchNorm2d`` has ``Batch``, ``Norm``, ``2`` and ``d``."""

JOINT = re.compile(rf"(?:(?![{COMBINING}])[\W_])+")
"""What joins the parts of a name, beside the case of its letters."""

LONGEST_TERM = 64
"""Characters; a longer one is encoded data, or a name that is found by its parts alone."""

STOP_WORDS = frozenset(
    "a an and are as at be been by can could did do does for from had has have how i if in into is"
    " it its just me my no of on or our should so some such than that the their them then there"
    " these they this those to was we were what when where which while who why will with would you"
    " your".split()
)
"""English words that stand in most entries and tell none from another."""


ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ies|ied|es|ed|s|y|e)$")
"""Endings of English that are dropped, so that ``installing`` meets ``install``."""


def stem(term: str) -> str:
    """Return a term, lower case, without its ending."""
    return ENDING.sub("", term)


def split_name(name: str) -> list[str]:
    """Return the lower-case parts of a name, such as ``empty`` and ``cache`` of ``empty_cache``.

    Parts of one character are dropped, since ``d`` of ``Conv2d`` says nothing.
    """
    return [part.lower() for part in PART.findall(name) if len(part) > 1]


def spelt_in_capitals(question: str) -> frozenset[str]:
    """Return the stop words of a question that are something else by their capitals.

    ``IT`` and ``WHO`` are, unless all of the question is in capitals.
    """
    if question.isupper() and " " in question:
        return frozenset()
    return frozenset(word for word in _CAPITALS.findall(question) if word.lower() in STOP_WORDS)


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text in order, names by whole and by part."""
    for word in WORD.findall(_UNSPACED.sub(" ", text)):
        names = [word] if len(word) <= LONGEST_TERM else JOINT.split(word)
        for name in names:
            if len(name) <= LONGEST_TERM:
                yield from _name(name)


def _name(name: str) -> Iterator[str]:
    """Yield a name and each of its parts, lower case."""
    whole = name.lower()
    yield whole
    parts = split_name(name)
    if parts != [whole]:
        parts = [*(part.lower() for part in JOINT.split(name)), *parts]
        yield from dict.fromkeys(part for part in parts if part != whole)


def _unspaced(text: str) -> Iterator[str]:
    """Yield the terms of what is written without a space between words, or with endings.

    Chinese characters and hiragana give their overlapping pairs, and those that stand alone;
    katakana are written for one word at a time, from another language. A Korean word has
    particles at its end, so that its pairs are terms beside the whole.
    """
    for run in HAN_RUN.findall(text):
        yield from [run] if len(run) == 1 else pairs(run)
    for run in KATAKANA_RUN.findall(text):
        if len(run) <= LONGEST_TERM:
            yield run
    for run in HIRAGANA_RUN.findall(text):
        yield from pairs(run)
    for run in HANGUL_RUN.findall(text):
        if len(run) > 2:
            yield from pairs(run)


def pairs(run: str) -> list[str]:
    """Return the overlapping pairs of characters of a run."""
    return [run[i : i + 2] for i in range(len(run) - 1)]


def terms(text: str) -> list[str]:
    """Return the index terms of a text, lower case, in order, with repeats.

    ``torch.cuda.empty_cache()`` gives itself without the brackets and each of its parts; a run of
    Chinese characters, hiragana or Hangul gives its bigrams. The index holds the terms of glossed
    texts, so that of Chinese, bigrams are left of what no dictionary has.
    """
    folded = unicodedata.normalize("NFKC", text)  # full-width letters, ligatures, split accents
    return [*_words(folded), *_unspaced(folded)]


def query_terms(question: str) -> list[str]:
    """Return the distinct terms of a question, without stop words unless it has nothing else."""
    found = list(dict.fromkeys(terms(question)))
    meant = {word.lower() for word in spelt_in_capitals(question)}
    return [term for term in found if term not in STOP_WORDS or term in meant] or found
