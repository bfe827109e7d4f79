"""Terms to the queries of FTS5, SQLite's full-text search. Pure.

Each term is quoted, so that none is an operator.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def any_of(terms: Iterable[str]) -> str:
    """Return the query for rows that hold any of some terms; empty for none."""
    return " OR ".join(map(_quoted, terms))


def word(alternatives: Iterable[Sequence[str]]) -> str:
    """Return the query for rows that hold a word, see ``records.Word``."""
    found = [" AND ".join(map(_quoted, terms)) for terms in alternatives]
    return " OR ".join(f"({query})" if " AND " in query else query for query in found)


def _quoted(term: str) -> str:
    return f'"{term}"'
