"""The word pieces of multilingual-e5-small: a text is cut as its Unigram model finds most likely.

This is the best path of SentencePiece (Kudo and Richardson 2018), by Viterbi. A tokenizer takes
most of a second to take in 250,000 pieces. Here they stay in the package's own file, and a table of
checksums, which is mapped into memory as well, tells where to look for one.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from assistant.embedding.multilingual.package_file import PackageFile
from assistant.records import Span

SPACE = "▁"
"""What stands for the space before a word, in the pieces."""

SLOTS = 2**19
"""Of the table: twice as many as there are pieces, so that a search for what is none ends soon."""

UNKNOWN_PENALTY = 10.0
"""By how much a character without a piece is less likely than the least likely piece."""

_MOST_WORDS = 50_000
"""Words whose pieces are remembered: notes repeat theirs."""

_WORD = re.compile(r"[^\s\u200b-\u200f\u2060\ufeff\ufffd]+")
"""What stands between spaces and what is read as one."""

_CLUSTER = re.compile(r".[\u0300-\u036f\u3099\u309a]*", re.DOTALL)
"""A character with the marks that are written over it."""

_UNREAD = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Characters that are left out."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A word piece of a text."""

    number: int
    span: Span
    """Where it stands in the text, as [start, end); the space before a word left out."""


class Unigram:
    """Cuts texts into word pieces."""

    def __init__(self, file: PackageFile, table: Path) -> None:
        """Open the pieces of a file.

        Args:
            file: The package's.
            table: From ``write_table``.

        Raises:
            OSError: The table cannot be read.
            ValueError: It is not such a table.
        """
        slots = np.load(table, mmap_mode="r", allow_pickle=False)
        if slots.shape != (SLOTS,) or slots.dtype != np.uint32:
            raise ValueError(f"{table.name} is not a table of word pieces")
        self._slots = slots.data
        self._ends, self._scores = file.ends.data, file.scores.data
        self._letters = file.letters
        self.unknown = file.unknown
        """Number of the piece that stands for all that has none."""
        self._longest = file.longest
        self._unknown_score = file.least_score - UNKNOWN_PENALTY
        self._words: dict[str, tuple[tuple[int, int], ...]] = {}

    def find(self, piece: bytes) -> int:
        """Return the number of a piece, given in UTF-8; -1 for none."""
        slots, ends, letters = self._slots, self._ends, self._letters
        at = zlib.crc32(piece) % SLOTS
        while number := slots[at]:
            if letters[ends[number] : ends[number + 1]] == piece:
                return int(number)
            at = (at + 1) % SLOTS
        return -1

    def pieces(self, text: str) -> list[Piece]:
        """Return the word pieces of a text, in order; neighbours without a piece are one."""
        found: list[Piece] = []
        for word, starts, ends in _words(text):
            cut = self._words.get(word)
            if cut is None:
                if len(self._words) >= _MOST_WORDS:
                    self._words.clear()
                cut = self._words[word] = tuple(self._cut(word))
            at = 0
            for number, length in cut:
                begin = starts[max(at, 1)]
                at += length
                found.append(Piece(number, (begin, max(begin, ends[at - 1]))))
        return found

    def _cut(self, word: str) -> Iterator[tuple[int, int]]:
        """Yield the pieces of a word, each with its length in characters."""
        letters = word.encode("utf-8", "surrogatepass")
        ends = list(accumulate(map(_width, word), initial=0))
        best = [0.0] + [-np.inf] * len(word)
        before: list[tuple[int, int]] = [(0, -1)] * (len(word) + 1)
        for begin in range(len(word)):
            reached = best[begin] + self._unknown_score
            if reached > best[begin + 1]:
                best[begin + 1], before[begin + 1] = reached, (begin, self.unknown)
            for end in range(begin + 1, len(word) + 1):
                if ends[end] - ends[begin] > self._longest:
                    break
                number = self.find(letters[ends[begin] : ends[end]])
                if number >= 0 and (reached := best[begin] + self._scores[number]) > best[end]:
                    best[end], before[end] = reached, (begin, number)
        path: list[tuple[int, int]] = []
        end = len(word)
        while end:
            begin, number = before[end]
            if path and number == self.unknown == path[-1][0]:
                path[-1] = (number, path[-1][1] + end - begin)
            else:
                path.append((number, end - begin))
            end = begin
        yield from reversed(path)


def _width(character: str) -> int:
    """Return the bytes of a character in UTF-8."""
    code = ord(character)
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


def _words(text: str) -> Iterator[tuple[str, Sequence[int], Sequence[int]]]:
    """Yield the words of a text as the pieces are made for them: a space first, then NFKC.

    Each comes with where in the text each of its characters begins, and where it ends.
    """
    for match in _WORD.finditer(text):
        word = match[0]
        if unicodedata.is_normalized("NFKC", word) and not _UNREAD.search(word):
            begin, end = match.span()
            yield SPACE + word, range(begin - 1, end), range(begin, end + 1)
            continue
        read, starts, ends = [SPACE], [match.start()], [match.start()]
        for cluster in _CLUSTER.finditer(word):
            form = unicodedata.normalize("NFKC", _UNREAD.sub("", cluster[0])).replace(" ", SPACE)
            read.append(form)
            starts += [match.start() + cluster.start()] * len(form)
            ends += [match.start() + cluster.end()] * len(form)
        if len(starts) > 1:  # else nothing of it is read
            yield "".join(read), starts, ends


def write_table(file: PackageFile, path: Path) -> None:
    """Write the table that finds a piece by its checksum: open addressing, linear probing.

    Raises:
        OSError: It cannot be written.
    """
    slots = [0] * SLOTS
    letters, ends = file.letters, file.ends.tolist()
    for number in range(file.first_piece, file.pieces):
        at = zlib.crc32(letters[ends[number] : ends[number + 1]]) % SLOTS
        while slots[at]:
            at = (at + 1) % SLOTS
        slots[at] = number
    np.save(path, np.array(slots, np.uint32))
