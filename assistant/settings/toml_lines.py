"""On which line a key of a TOML document stands, which ``tomllib`` does not tell."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping

MOST_LINES = 1000
"""Lines of a document that are looked at; the time grows with their square."""

DEEPEST = 8
"""Tables in tables that are looked into; no setting lies deeper than in two."""

KeyPath = tuple[str, ...]
"""A key behind those of the tables that it stands in."""


def key_lines(document: str) -> dict[KeyPath, int]:
    """Return the line, from 1, on which each key and table of a document begins.

    The parser itself is asked: the first lines of a document are a document whenever they end
    between two statements, and a statement that adds a key begins after the last such end. So
    strings over several lines, dotted keys and tables in any spelling are read as TOML reads them.

    Args:
        document: Text that ``tomllib`` accepts.
    """
    lines = document.split("\n")
    found: dict[KeyPath, int] = {}
    begin = 1
    for end in range(1, min(len(lines), MOST_LINES) + 1):
        try:
            content = tomllib.loads("\n".join(lines[:end]) + "\n")
        except tomllib.TOMLDecodeError:
            continue  # within a statement
        for path in _paths(content):
            found.setdefault(path, begin)
        begin = end + 1
    return found


def _paths(content: Mapping[str, object]) -> Iterator[KeyPath]:
    """Yield the paths of all keys down to ``DEEPEST``, those of tables before those in them."""
    level: list[tuple[KeyPath, Mapping[str, object]]] = [((), content)]
    for _ in range(DEEPEST):
        below: list[tuple[KeyPath, Mapping[str, object]]] = []
        for above, table in level:
            for key, value in table.items():
                yield (*above, key)
                if isinstance(value, dict):
                    below.append(((*above, key), value))
        level = below
