"""Vectors and states of texts out of the pages of a database: a bad page costs itself alone.

SQLite reads nothing of a database whose first page is damaged, and nothing below a damaged inner
page of a tree. The leaves hold all that a row is made of, so they are looked through one by one,
those of the write-ahead log first, and a row is taken if it has the sum that it must have; in which
table it was, and whether it still counts, does not matter for what is kept by a digest of a text.

The layout is that of https://www.sqlite.org/fileformat2.html, which is fixed for good.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from assistant.store import tables

LEAF = 0x0D
"""The kind of page that holds rows of a table."""

MOST_BYTES = 64 * 1024
"""Bytes of a row at most: in indexes before version 11 a chunk has some 13 kB of states."""

MOST_KINDS = 32
"""Bytes that say what values a row has, at most; a hostile page would say more for every cell."""

LOG_HEAD, FRAME_HEAD = 32, 24
"""Bytes before the first frame of a log, and before the page of each."""

_USUAL = 4096
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Bytes of an integer, by the kind with which a row announces it; 8 and 9 are 0 and 1."""


@dataclass(frozen=True, slots=True)
class CarvedRow:
    """A row whose first column is a digest, its second bytes and its last the sum over both."""

    digest: str
    content: bytes
    columns: int


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of a database as they lie in its file, some of them newer in its log."""

    size: int
    file: BinaryIO
    log: BinaryIO
    newer: dict[int, int]
    """Where pages stand in the log, by number."""

    def numbers(self) -> Iterator[int]:
        """Yield the numbers of all pages but the first, which says what tables there are."""
        last = _length(self.file) // self.size
        yield from range(2, last + 1)
        yield from (number for number in self.newer if number > last)

    def read(self, number: int) -> bytes:
        """Return a page, from 1; nothing, or less than a page, where there is none."""
        if number in self.newer:
            return _read(self.log, self.newer[number], self.size)
        return _read(self.file, (number - 1) * self.size, self.size) if number > 0 else b""


def rows(database: Path) -> Iterator[CarvedRow]:
    """Yield the rows of a database and its log that are as they were written, some twice.

    Takes time in proportion to the files, and the memory of a page.

    Raises:
        OSError: A file is there and cannot be read.
    """
    with ExitStack() as stack:
        file, log = (
            _opened(database.with_name(database.name + end), stack) for end in ("", "-wal")
        )
        for size in _sizes(file, log):
            newer = _newest_frames(log, size)
            for overlaid in (newer, {}) if newer else (newer,):
                pages = _Pages(size, file, log, overlaid)
                for number in pages.numbers():
                    yield from _rows_of_leaf(pages, pages.read(number))


def _opened(path: Path, stack: ExitStack) -> BinaryIO:
    """Return an open file; an empty one where there is none."""
    try:
        return stack.enter_context(path.open("rb"))
    except FileNotFoundError:
        return stack.enter_context(Path(os.devnull).open("rb"))


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


def _length(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


def _sizes(file: BinaryIO, log: BinaryIO) -> Iterator[int]:
    """Yield the sizes that pages may have: as the files say, perhaps wrongly, and the usual."""
    found = [int.from_bytes(_read(*told)) for told in ((file, 16, 2), (log, 8, 4))]
    for size in dict.fromkeys(0x10000 if size == 1 else size for size in [*found, _USUAL]):
        if 512 <= size <= 0x10000 and size.bit_count() == 1:
            yield size


def _newest_frames(log: BinaryIO, size: int) -> dict[int, int]:
    """Return where the newest version of each page in a log stands, by number of page.

    What lies behind is of a time before the log was last begun anew, which its marks tell.
    """
    found: dict[int, int] = {}
    marks = {_read(log, 16, 8), _read(log, LOG_HEAD + 8, 8)}
    step = FRAME_HEAD + size
    for at in range(LOG_HEAD, _length(log) - step + 1, step):
        head = _read(log, at, 16)
        if head[8:] in marks:
            found[int.from_bytes(head[:4])] = at + FRAME_HEAD
    return found


def _rows_of_leaf(pages: _Pages, page: bytes) -> Iterator[CarvedRow]:
    """Yield the sound rows of a page, none if it is no leaf."""
    if len(page) < pages.size or page[0] != LEAF:
        return
    count = min(int.from_bytes(page[3:5]), (pages.size - 8) // 2)
    for (at,) in struct.iter_unpack(">H", page[8 : 8 + 2 * count]):
        try:
            row = _row(pages, page, at)
        except (IndexError, ValueError):  # a number that leads out of the page; not text
            continue
        if row:
            yield row


def _row(pages: _Pages, page: bytes, at: int) -> CarvedRow | None:
    """Return the row of a cell if it is one of those looked for, and sound."""
    length, at = _number(page, at)
    _, at = _number(page, at)
    kinds, body = _kinds(page, at)
    if not 3 <= len(kinds) <= 8 or kinds[0] < 13 or not kinds[0] % 2 or kinds[1] < 12:
        return None
    if kinds[1] % 2 or kinds[-1] not in {*_INTEGERS, 8, 9} or length > MOST_BYTES:
        return None
    content = _content(pages, page, at, length)[body - at :]
    first, second = (kinds[0] - 13) // 2, (kinds[1] - 12) // 2
    digest, blob = content[:first].decode(), content[first : first + second]
    size = _INTEGERS.get(kinds[-1], 0)
    told = int.from_bytes(content[-size:], signed=True) if size else kinds[-1] - 8
    return CarvedRow(digest, blob, len(kinds)) if told == tables.row_sum(digest, blob) else None


def _kinds(page: bytes, at: int) -> tuple[list[int], int]:
    """Return what kinds of values a row has, and where the first one begins."""
    length, inside = _number(page, at)
    if length > MOST_KINDS:
        raise ValueError
    kinds = []
    while inside < at + length:
        kind, inside = _number(page, inside)
        kinds.append(kind)
    return kinds, inside


def _content(pages: _Pages, page: bytes, at: int, length: int) -> bytes:
    """Return a row of some length from where it begins on a leaf, with what other pages hold."""
    room = pages.size - 35
    least = (pages.size - 12) * 32 // 255 - 23
    here = least + (length - least) % (pages.size - 4)
    here = length if length <= room else here if here <= room else least
    content = bytearray(page[at : at + here])
    follows = page[at + here : at + here + 4]
    while len(content) < length:
        other = pages.read(int.from_bytes(follows))
        if len(other) < pages.size:
            raise ValueError
        content += other[4 : 4 + length - len(content)]
        follows = other[:4]
    return bytes(content)


def _number(page: bytes, at: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, and where what follows it begins."""
    value = 0
    for end in range(at, at + 8):
        value = value << 7 | page[end] & 0x7F
        if page[end] < 0x80:
            return value, end + 1
    return value << 8 | page[at + 8], at + 9
