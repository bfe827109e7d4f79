"""What rows hold, and the filters that they are asked for by. Pure.

Milvus has no transactions. So a row says in which generation it was born and in which it dies, and
a reader takes those that were there in the generation that it reads. What a note is called, or how
often a word occurs, changes in place: such a row keeps its last versions, each with the generation
that it is of.

Templates of filters fail on some servers, so that values are written into the text: each by
``quoted``, which leaves none of them a way out of its quotes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from assistant.embedding import Vectors

FOREVER = 2**62
"""The generation in which what is there dies."""

MOST_BYTES = 60_000
"""Of a text field: 65,535 on the server, where it counts bytes, and lite counts characters."""

KEPT_GENERATIONS = 2
"""Before the newest one: a reader may be at them still."""

MOST_KEY = 500
"""Bytes of a key that is looked up by a filter; a longer one is cut, and compared whole later."""


def number_of(*parts: object) -> int:
    """Return the number of a row by what it is of: 62 bits, the same on every machine.

    Who writes the same row twice writes it once.
    """
    told = json.dumps(parts, ensure_ascii=True).encode("ascii")
    return int.from_bytes(hashlib.sha256(told).digest()[:8], "big") >> 2


def key_of(text: str) -> str:
    """Return a text as a key, cut to what fits and can be stored."""
    content = text.encode("utf-8", "replace")[:MOST_KEY]
    return content.decode("utf-8", "ignore").replace("\0", " ")


def pieces_of(text: str) -> list[str]:
    """Return a text in pieces that fit a field each; one at least.

    A surrogate, which no field takes, becomes its escape in JSON.
    """
    told = json.dumps(text, ensure_ascii=False)
    if any("\ud800" <= letter <= "\udfff" for letter in told) or "\0" in told:
        told = json.dumps(text)
    content = told.encode("utf-8")
    if len(content) <= MOST_BYTES:
        return [told]
    return _cut(base64.b64encode(zlib.compress(content, 6)).decode("ascii"))


def _cut(text: str) -> list[str]:
    return [text[at : at + MOST_BYTES] for at in range(0, len(text), MOST_BYTES)]


def joined(pieces: Sequence[str]) -> str:
    """Return the text that ``pieces_of`` cut.

    Raises:
        ValueError: It is none.
    """
    whole = "".join(pieces)
    if not whole.startswith('"'):
        whole = unpacked(whole).decode("utf-8")
    text = json.loads(whole)
    if not isinstance(text, str):
        raise TypeError("a text is not one")
    return text


def unpacked(text: str) -> bytes:
    """Return what was compressed, up to a size that no note has."""
    inflated = zlib.decompressobj()
    content = inflated.decompress(base64.b64decode(text, validate=True), MOST_INFLATED)
    if inflated.unconsumed_tail:
        raise ValueError("a text is too long")
    return content


MOST_INFLATED = 256 * 1024 * 1024


def to_text(vector: Vectors) -> str:
    """Return a vector as a text, to the bit."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")


def to_vector(text: str, dimensions: int) -> Vectors:
    """Return the vector that a text is.

    Raises:
        ValueError: It is none of that many dimensions.
    """
    vector = np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float32)
    if len(vector) != dimensions or not np.isfinite(vector).all():
        raise ValueError("a vector has the wrong size")
    return vector


Versions = list[list[Any]]
"""What a row held, oldest first: the generation that each is of from its birth on, and itself."""


def at(versions: Versions, generation: int) -> Any:  # noqa: ANN401 # JSON
    """Return what a row held in a generation; None for nothing."""
    held = None
    for born, value in versions:
        if born > generation:
            break
        held = value
    return held


def with_version(versions: Versions, generation: int, value: object) -> Versions:
    """Return versions with that of a new generation, and without those that nobody reads."""
    before = [version for version in versions if version[0] < generation]
    ends = [*(born for born, _ in before), generation][1:]
    oldest = generation - KEPT_GENERATIONS
    needed = [version for version, end in zip(before, ends, strict=True) if end > oldest]
    return [*needed, [generation, value]]


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield items in lists of a size at most."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def quoted(text: str) -> str:
    """Return a text as a literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(letter if letter.isprintable() else " " for letter in escaped) + '"'


def one_of(field: str, values: Iterable[int | str]) -> str:
    """Return that a field has one of some values."""
    told = (quoted(value) if isinstance(value, str) else str(int(value)) for value in values)
    return f"{field} in [{', '.join(told)}]"


def all_of(*conditions: str) -> str:
    """Return that all of some conditions hold; empty ones do."""
    return " and ".join(condition for condition in conditions if condition)


def alive(generations: Mapping[str, int]) -> str:
    """Return that a row is of the generation of its space, see ``rows``.

    Args:
        generations: That of each space; of none nothing is.
    """
    if not generations:
        return "born < 0"
    each = [
        f"({one_of('space', [space])} and born <= {number} and died > {number})"
        for space, number in sorted(generations.items())
    ]
    if len(each) == 1:
        return each[0]
    # By the first condition a server leaves the other partitions out.
    return f"{one_of('space', sorted(generations))} and ({' or '.join(each)})"
