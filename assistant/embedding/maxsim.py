"""Late interaction: each word piece of a question looks for its best partner in a chunk. Pure.

The states are a second output of the pass that gives the pooled vector, so they cost no encoding,
only room: one byte for three of the kept dimensions of each word piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from assistant.embedding.vectors import Vectors

DIMENSIONS = 64
"""Kept of each state. With 64, mrr over four sets of questions was .003 less, within the noise."""

FORM = b"\x80"
"""What packed states begin with: a byte that the form before this one never had."""

SIX, SEVEN = (0.3177, 1.0001, 1.8936), (0.0, 0.5606, 1.1881, 2.0334)
"""Six and seven numbers, and these below zero, that stand for normally distributed ones at the
least squared error: Max, "Quantizing for minimum distortion", 1960."""

GROUP = 3
"""Dimensions that a byte stands for: 6 * 6 * 7 = 252 of its values are in use."""

NOTHING = 255
"""The byte of a state that is nothing."""


def fit(states: Vectors, dimensions: int = DIMENSIONS) -> Vectors:
    """Return the projection that keeps most of the cosines between states.

    Its columns are the leading eigenvectors of X'X, X the states at unit length: principal
    components (Hotelling 1933) without centring, since a cosine is taken from the origin. It is
    meant to be fitted once for a model, on any general text, so that it does not change with the
    notes and a state once stored stays good.

    Args:
        states: Shape (n, d); some thousands serve.
        dimensions: To keep; all when there are no more.

    Returns:
        Shape (d, k), orthonormal columns, the sign of each such that its largest entry is positive.
    """
    unit = _unit(states).astype(np.float64)
    _, vectors = np.linalg.eigh(unit.T @ unit)
    leading = vectors[:, ::-1][:, :dimensions]
    largest = leading[np.abs(leading).argmax(axis=0), np.arange(leading.shape[1])]
    signed: Vectors = (leading * np.where(largest < 0, -1, 1)).astype(np.float32)
    return signed


def project(states: Vectors, projection: Vectors) -> Vectors:
    """Return states in the kept dimensions, shape (n, k), at unit length.

    Setting the length to one again after the projection matters: without it, a state that lost
    much of its length counts as far from everything.
    """
    return _unit(states @ projection)


def pack(states: Vectors, projection: Vectors) -> bytes:
    """Return the states of one chunk as they are stored, see ``coded``."""
    return coded(project(states, projection))


def coded(kept: Vectors) -> bytes:
    """Return states as they are stored: a mark, and a byte for three dimensions of each.

    Turned, so that no dimension counts for more than another, the components of a state are as
    good as normally distributed with a variance of 1/k, whatever the model. So each is rounded to
    one of few numbers that are best for that, and nothing has to be learned of notes or model, as
    with RaBitQ (Gao and Long, SIGMOD 2024). A state keeps a cosine of .975 with itself, in a third
    of the room of a byte for each dimension.

    Args:
        kept: From ``project``, shape (n, k).
    """
    count, dimensions = kept.shape
    turned = np.zeros((count, _groups(dimensions) * GROUP), np.float32)
    turned[:, :dimensions] = (kept @ _turn(dimensions)) * np.float32(dimensions**0.5)
    groups = turned.reshape(count, _groups(dimensions), GROUP)
    (first, second, third) = (
        np.searchsorted(_halfway(levels), groups[:, :, at])
        for at, levels in enumerate((SIX, SIX, SEVEN))
    )
    codes = (first * 6 + second) * 7 + third
    codes[~kept.any(axis=1)] = NOTHING
    return FORM + codes.astype(np.uint8).tobytes()


def is_packed(blob: bytes) -> bool:
    """Return whether a blob says that ``pack`` made it."""
    return blob[:1] == FORM


def cosines(question: Vectors, blob: bytes) -> Vectors:
    """Return the cosine of each word piece of a chunk with each of a question, shape (n, m).

    Args:
        question: From ``project``, shape (m, k).
        blob: From ``pack``.
    """
    return _cosines(question, _codes(blob))


def scores(question: Vectors, blobs: Sequence[bytes]) -> list[float]:
    """Return how well each chunk answers to the pieces of a question.

        score = mean over pieces q of max over pieces p of the chunk of cos(q, p)

    This is the MaxSim of Khattab and Zaharia, "ColBERT", SIGIR 2020, as a mean, so that questions
    of any length give scores in -1..1.

    Args:
        question: From ``project``, shape (m, k).
        blobs: From ``pack``, one for each chunk.

    Returns:
        One score for each blob; 0 for a question or a chunk without word pieces.
    """
    if not len(question):
        return [0.0] * len(blobs)
    found = best(question, blobs).mean(axis=1, dtype=np.float64).astype(np.float32)
    return [float(score) for score in found]


def best(question: Vectors, blobs: Sequence[bytes]) -> Vectors:
    """Return the best cosine of each piece of a question with a piece of each chunk.

    Args:
        question: From ``project``, shape (m, k).
        blobs: From ``pack``, one for each chunk.

    Returns:
        Shape (chunks, m), in -1..1; 0 for a chunk without word pieces.
    """
    pieces, dimensions = question.shape
    codes = [_codes(blob) for blob in blobs]
    sizes = np.array([len(one) // _groups(dimensions) for one in codes], np.int64)
    found = np.zeros((len(blobs), pieces), np.float32)
    filled = np.flatnonzero(sizes)
    if pieces and filled.size:
        cosines = _cosines(question, b"".join(codes))
        begins = np.concatenate([[0], np.cumsum(sizes[filled])[:-1]])
        found[filled] = np.maximum.reduceat(cosines, begins, axis=0)
    return found


def _cosines(question: Vectors, codes: bytes) -> Vectors:
    """Return the cosines of coded states with the pieces of a question, shape (n, m).

    Raises:
        ValueError: The codes are not those of states of that many dimensions.
    """
    dimensions = question.shape[1]
    numbers = np.frombuffer(codes, np.uint8).reshape(-1, _groups(dimensions))
    # A record of three numbers is copied faster than a row of three.
    stored: Vectors = np.take(_codebook(), numbers).view(np.float32)[:, :dimensions]
    turned: Vectors = question @ _turn(dimensions)
    return np.asarray((stored @ turned.T) / _lengths(stored), np.float32)


def _codes(blob: bytes) -> bytes:
    """Return the codes of packed states; an empty blob has none.

    Raises:
        ValueError: They are of another form.
    """
    if blob and not is_packed(blob):
        raise ValueError("the states are packed in another form")
    return blob[1:]


def _groups(dimensions: int) -> int:
    """Return how many bytes a state takes."""
    return -(-dimensions // GROUP)


def _levels(positive: Sequence[float]) -> Vectors:
    return np.array(sorted({sign * level for level in positive for sign in (-1, 1)}), np.float32)


@cache
def _halfway(positive: Sequence[float]) -> Vectors:
    """Return where one level is as near as the next."""
    levels = _levels(positive)
    return np.asarray((levels[1:] + levels[:-1]) / 2, np.float32)


@cache
def _codebook() -> npt.NDArray[np.void]:
    """Return what each byte stands for: records of three numbers, shape (256,)."""
    grid = np.meshgrid(*map(_levels, (SIX, SIX, SEVEN)), indexing="ij")
    book = np.zeros((256, GROUP), np.float32)
    book[: grid[0].size] = np.stack(grid, axis=-1).reshape(-1, GROUP)
    return book.view(np.dtype((np.void, book.itemsize * GROUP))).ravel()


@cache
def _turn(dimensions: int) -> Vectors:
    """Return the discrete cosine transform, shape (k, k): it mixes dimensions and keeps angles.

    Any fixed turn would do; this one is the same on every machine.
    """
    at = np.arange(dimensions)
    turn = np.cos(np.pi / dimensions * (at[:, np.newaxis] + 0.5) * at) * (2 / dimensions) ** 0.5
    turn[:, 0] /= 2**0.5
    found: Vectors = turn.astype(np.float32)
    return found


def _lengths(rows: Vectors) -> Vectors:
    """Return the length of each row, shape (n, 1), never zero."""
    squares = np.einsum("ij,ij->i", rows, rows)
    found: Vectors = np.sqrt(np.maximum(squares, 1e-24))[:, np.newaxis]
    return found


def _unit(rows: Vectors) -> Vectors:
    return rows / _lengths(rows)
