"""The sums that end a file of vectors, by which damage is noticed.

FAISS maps what a file's head promises without looking how long the file is, and a short one ends
the process.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

SEAL = struct.Struct("<8sQII")
"""A mark, the length of what stands before it, a sum over its head and a sum over all of it."""

MARK = b"vectors2"

HEAD = 4096
"""Bytes of the head: all that says how the rest is laid out."""

AFFORDABLE = 16 * 1024 * 1024
"""Bytes that a question sums up before it is answered: some 6 ms."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_FLAGS |= getattr(os, "O_BINARY", 0)

PIECE = 1024 * 1024
"""Bytes that are read at once."""


class Sealing:
    """A file that is written piece by piece, and then its seal."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._head = b""
        self._length = self._sum = 0

    def write(self, piece: bytes) -> None:
        """Write what comes next."""
        if len(self._head) < HEAD:
            self._head += piece[: HEAD - len(self._head)]
        self._length += len(piece)
        self._sum = zlib.crc32(piece, self._sum)
        self._file.write(piece)

    def finish(self) -> None:
        """Write the seal."""
        self._file.write(SEAL.pack(MARK, self._length, zlib.crc32(self._head), self._sum))


def at_end(path: Path) -> str:
    """Return the seal with which a file ends, hexadecimal; it says which file it is.

    Raises:
        OSError: It cannot be read.
    """
    with _opened(path) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - SEAL.size))
        return file.read().hex()


def holds(path: Path, expected: str = "", *, whole: bool = False) -> bool:
    """Return whether a file ends with its seal: not cut short, exchanged, nor changed.

    Args:
        path: The file.
        expected: The seal that it must have, as ``at_end`` returned it; empty for any.
        whole: Sum up all of it, however long it is; else of a long one its head alone.

    Raises:
        OSError: It cannot be read.
    """
    with _opened(path) as file:
        length = file.seek(0, os.SEEK_END) - SEAL.size
        if length < 0:
            return False
        file.seek(length)
        end = file.read()
        mark, told, head_sum, sum_of_all = SEAL.unpack(end)
        if (mark, told) != (MARK, length) or expected not in ("", end.hex()):
            return False
        file.seek(0)
        total = zlib.crc32(file.read(min(HEAD, length)))
        if total != head_sum:
            return False
        if not whole and length > AFFORDABLE:
            return True
        left = length - min(HEAD, length)
        while left and (piece := file.read(min(PIECE, left))):
            total = zlib.crc32(piece, total)
            left -= len(piece)
    return not left and total == sum_of_all


def _opened(path: Path) -> BinaryIO:
    """Open a regular file; a link is not followed, and a pipe is not waited for.

    Raises:
        OSError: It is something else, or cannot be read.
    """
    descriptor = os.open(path, _FLAGS)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return os.fdopen(descriptor, "rb")
