"""Filters as Milvus reads them. Pure.

Templates of filters fail on some servers, so that values are written into the text: each by
``quoted``, which leaves none of them a way out of its quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

FOREVER = 2**62
"""The generation in which what is there dies."""


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
