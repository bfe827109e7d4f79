"""The lexer of a language, by any of the names that people give it."""

from __future__ import annotations

from functools import cache
from typing import Any

from pygments.lexers import find_lexer_class, get_all_lexers


def lexer_of(language: str) -> Any | None:  # noqa: ANN401 # Pygments has no types
    """Return a lexer of Pygments; None for a language that it does not know."""
    name = _names().get(language)
    found = find_lexer_class(name) if name else None
    return found() if found else None


@cache
def _names() -> dict[str, str]:
    """Return the name of the lexer for each language.

    ``get_lexer_by_name`` reads the metadata of every installed package, 90 ms, before it says that
    it does not know a language.
    """
    lexers = get_all_lexers(plugins=False)
    return {alias: name for name, aliases, _, _ in lexers for alias in aliases}
