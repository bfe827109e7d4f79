"""Characters that a model does not know, in the form in which it may know them. Pure.

Full-width letters, which a Chinese keyboard writes by a slip, ligatures and letters of mathematics
are unknown to most models, and all unknown words are one word to them: full-width ``tent`` would be
as near to any emoji as can be.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

LIGATURES = "ﬀﬁﬂﬃﬄﬅﬆ"
"""Letters that printing joins: a model that has them by themselves has no words with them."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as the model reads it."""

    text: str
    origins: tuple[int, ...] | None
    """Where each character stands in the source; None if all stand where they stood."""

    def source(self, span: tuple[int, int]) -> tuple[int, int]:
        """Return where a part of the text stands in the source, as [start, end)."""
        if self.origins is None or span[0] >= span[1]:
            return span
        return self.origins[span[0]], self.origins[span[1] - 1] + 1


class Folding(dict[int, str]):
    """A table for ``str.translate``, filled as characters are met.

    A character becomes its compatibility form (NFKC) only if the model has no word piece for it, so
    that what it knows is read as ever.
    """

    def __init__(self, knows: Callable[[str], bool]) -> None:
        """Fold for a model that knows some characters, given in lower case."""
        super().__init__()
        self._knows = knows

    def __missing__(self, code: int) -> str:
        """Return and keep the form of a character."""
        character = chr(code)
        form = unicodedata.normalize("NFKC", character)
        known = self._knows(character.lower()) and character not in LIGATURES
        found = character if known or form == character else form
        self[code] = found
        return found

    def fold(self, text: str) -> Folded:
        """Return a text as the model reads it."""
        if text.isascii():
            return Folded(text, None)
        found = text.translate(self)
        if len(found) == len(text):
            return Folded(found, None)
        origins = (at for at, letter in enumerate(text) for _ in self[ord(letter)])
        return Folded(found, tuple(origins))
