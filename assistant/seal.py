"""What ends the file of vectors, so that one cut short or overwritten is told without FAISS.

FAISS maps what a file's head promises without looking how long the file is, and a short one ends
the process. Reading every byte for a sum over all would undo what mapping saves.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

SEAL = struct.Struct("<8sQI")
"""A mark, the length of what stands before it, and a sum over its head."""

MARK = b"vectors1"

HEAD = 4096
"""Bytes of the head: all that says how the rest is laid out."""


def of(content: bytes | memoryview) -> bytes:
    """Return the seal of a file's content, to be written behind it."""
    return SEAL.pack(MARK, len(content), zlib.crc32(content[:HEAD]))


def holds(path: Path) -> bool:
    """Return whether a file ends with its seal: not cut short nor changed in its head.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        length = file.seek(0, os.SEEK_END) - SEAL.size
        if length < 0:
            return False
        file.seek(length)
        end = file.read()
        file.seek(0)
        head = file.read(min(HEAD, length))
    return end == SEAL.pack(MARK, length, zlib.crc32(head))
