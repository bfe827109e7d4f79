"""How little of a question a model can read. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.embedding import Encoder
from assistant.language import analyzer
from assistant.records import Span

MANY_PIECES = 3
"""Word pieces of a word that a model has not learnt."""

USUALLY_LOST, MOSTLY_LOST = 0.3, 0.7
"""Share of a question's letters that are in such words: none of it is unread, or all of it is."""


def unread(text: str, pieces: Sequence[Span], encoder: Encoder) -> float:
    """Return how little of a text a model can read, in 0..1.

    A word in three pieces or more, in one that stands for all it does not know, or in none, says
    little to it. A third of them is usual, of names and the like; from two thirds on it reads
    nothing. What comes after the pieces that it has room for does not count.

    Args:
        text: As it was encoded.
        pieces: Where its word pieces stand in it, as [start, end), in order.
        encoder: That encoded it.
    """
    whole = len(pieces) < encoder.room
    total = lost = 0
    for match in analyzer.WORD.finditer(text, 0, len(text) if whole else pieces[-1][1]):
        begin, end = match.span()
        inside = sum(low < end and high > begin for low, high in pieces)
        known = inside == 1 and encoder.has_word(match[0].lower())
        total += end - begin
        if not known and not 1 < inside < MANY_PIECES:
            lost += end - begin
    share = lost / total if total else 0.0
    return min(1.0, max(0.0, (share - USUALLY_LOST) / (MOSTLY_LOST - USUALLY_LOST)))
