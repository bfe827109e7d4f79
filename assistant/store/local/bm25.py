"""Terms as FTS5 compares them, and its formula, for an engine that has neither.

A server analyses texts otherwise than FTS5 does, and weighs words by what lies in one segment. So
terms are cut to their stems here, by FTS5's own tokenizer in memory, and given to the server as
words that no analyzer cuts; it finds candidates, and their scores are computed here. Ranking is
then the same on both engines.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.store.engine import HEADING_WEIGHT, NAME_WEIGHT

K1, B = 1.2, 0.75
"""Of BM25, as FTS5 has them."""

LEAST_RARITY = 1e-6
"""Of a term that stands in more than half of the chunks, as FTS5 has it."""

TOKENIZER = "porter unicode61 categories 'L* N* Co Mn Mc' tokenchars '._-:' remove_diacritics 2"
"""That of the table ``lexical``, see ``tables``."""

MOST_CACHED = 200_000

_PLAIN = re.compile(r"[a-z0-9]+")


class Stems:
    """Terms to what they are compared by."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ...]] = {}
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.executescript(
            f'CREATE VIRTUAL TABLE terms USING fts5 (term, tokenize="{TOKENIZER}");'
            "CREATE VIRTUAL TABLE stems USING fts5vocab (terms, instance);"
        )

    def learn(self, terms: Iterable[str]) -> None:
        """Find the stems of terms at once, which takes a fraction of one by one."""
        new = [term for term in {*terms} if term not in self._known]
        if not new:
            return
        if len(self._known) > MOST_CACHED:
            self._known.clear()
        found: dict[int, list[str]] = {}
        with self._connection as connection:
            connection.execute("DELETE FROM terms")
            connection.executemany("INSERT INTO terms (rowid, term) VALUES (?, ?)", enumerate(new))
            for row, stem in connection.execute("SELECT doc, term FROM stems ORDER BY doc, offset"):
                found.setdefault(row, []).append(stem)
        self._known.update((term, tuple(found.get(row, ()))) for row, term in enumerate(new))

    def of(self, term: str) -> tuple[str, ...]:
        """Return the stems of a term: one, as a rule."""
        if term not in self._known:
            self.learn([term])
        return self._known[term]

    def key(self, term: str) -> str:
        """Return what chunks are counted by that hold a term; empty if nothing can hold it."""
        return " ".join(self.of(term))

    def keys(self, term: str) -> tuple[str, ...]:
        """Return all that a chunk with a term is found by: it as a whole, and its parts."""
        stems = self.of(term)
        return stems if len(stems) < 2 else (*stems, " ".join(stems))


STEMS = Stems()
"""Of this process."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What BM25 has to know of a chunk."""

    often: Mapping[str, float]
    """How often each key stands in it, by what its field counts."""
    length: int
    """Stems of all fields."""


def counted(heading: str, body: str, names: str) -> Counted:
    """Return what BM25 has to know of a chunk's terms."""
    fields = [text.split() for text in (heading, body, names)]
    STEMS.learn(term for terms in fields for term in terms)
    often: dict[str, float] = {}
    length = 0
    for terms, weight in zip(fields, (HEADING_WEIGHT, 1.0, NAME_WEIGHT), strict=True):
        for term in terms:
            length += len(STEMS.of(term))
            for key in STEMS.keys(term):
                often[key] = often.get(key, 0.0) + weight
    return Counted(often, length)


def score(chunk: Counted, rarities: Sequence[tuple[str, float]], average: float) -> float:
    """Return the BM25 of a chunk (Robertson and Walker 1994), 0 where it holds no term.

    Args:
        chunk: Its terms.
        rarities: The keys asked for, each with its rarity.
        average: Length of a chunk.
    """
    total = 0.0
    for key, rarity in rarities:
        if often := chunk.often.get(key, 0.0):
            length = 1 - B + B * chunk.length / average
            total += rarity * often * (K1 + 1) / (often + K1 * length)
    return total


def rarity(chunks: int, holding: int) -> float:
    """Return how much a term tells that so many of so many chunks hold."""
    found = (chunks - holding + 0.5) / (holding + 0.5)
    return max(math.log(found), LEAST_RARITY) if found > 0 else LEAST_RARITY


def encoded(key: str) -> str:
    """Return a key as a word that no analyzer cuts or changes: letters and digits of ASCII."""
    return key if _PLAIN.fullmatch(key) else f"q0x{key.encode('utf-8', 'replace').hex()}"


def document(heading: str, body: str, names: str) -> str:
    """Return the terms of a chunk as the server is to analyse them."""
    terms = f"{heading} {body} {names}".split()
    STEMS.learn(terms)
    return " ".join(encoded(key) for term in terms for key in STEMS.keys(term))


def words_of(heading: str, body: str, names: str) -> set[str]:
    """Return the distinct terms of a chunk."""
    return {*f"{heading} {body} {names}".split()}


def tally(texts: Iterable[tuple[str, str, str]]) -> tuple[Counter[str], Counter[str], int]:
    """Return in how many of some chunks each term and each key stands, and the stems of all."""
    words: Counter[str] = Counter()
    keys: Counter[str] = Counter()
    length = 0
    for fields in texts:
        told = words_of(*fields)
        STEMS.learn(told)
        words.update(told)
        keys.update({key for term in told for key in STEMS.keys(term)})
        length += sum(len(STEMS.of(term)) for text in fields for term in text.split())
    return words, keys, length
