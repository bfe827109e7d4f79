"""English words, names of people and places among them, by a list of our own.

What a model's tokenizer has as one piece is no list of words: it has parts of words and words of
other languages, and one that cuts text into other pieces knows none of them by their spelling.
The list is SCOWL's; see ``scripts/english_words.py`` and ``data/NOTICE-words``.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

BITS = 1 << 21
"""Of the filter: 23 for each of 90,000 words. With eight of them set by a word, one other word
in 16,000 is taken for a word of the list; no word of the list is missed."""

PROBES = 8
"""Bits that a word sets."""

_FILE = Path(__file__).with_name("data") / "english.bloom"


def is_word(word: str) -> bool:
    """Return whether a lower-case word, in letters alone, is an English one."""
    bits = _bits()
    return all(bits[at >> 3] >> (at & 7) & 1 for at in positions(word))


def positions(word: str) -> list[int]:
    """Return the bits that stand for a word, each in 0..BITS-1.

    A Bloom filter ("Space/time trade-offs in hash coding with allowable errors", CACM 1970).
    """
    digest = blake2b(word.encode(), digest_size=4 * PROBES).digest()
    found = (digest[at : at + 4] for at in range(0, len(digest), 4))
    return [int.from_bytes(part, "little") % BITS for part in found]


@cache
def _bits() -> bytes:
    return _FILE.read_bytes()
