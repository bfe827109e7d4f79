"""How well a question names a note: by its title, its aliases or the name of its file. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from assistant.language import analyzer

LEAST_OF_NAME = 0.5
"""Share of a name that a question must have, lest every note on a subject is named by it."""

Rarity = Callable[[str], float]
"""From a term to how much it tells, by how few chunks have it."""


def fit(asked: Mapping[str, float], names: Iterable[str], rarity: Rarity) -> float:
    """Return how well a question and the best of some names are the same words, in 0..1.

    It is the geometric mean of two shares, by rarity: of the name that the question has, and of the
    question that the name has; 0 where it has less than half of the name.

    Args:
        asked: How much each term of the question tells, by its stem.
        names: Of a note.
        rarity: Of a term.
    """
    return max((_fit(asked, name, rarity) for name in names), default=0.0)


def _fit(asked: Mapping[str, float], name: str, rarity: Rarity) -> float:
    lowered = name.casefold()
    if not any(stem in lowered for stem in asked):
        return 0.0
    called = {analyzer.stem(term): rarity(term) for term in analyzer.query_terms(name)}
    both = asked.keys() & called.keys()
    of_name = sum(called[stem] for stem in both) / (sum(called.values()) or 1.0)
    of_question = sum(asked[stem] for stem in both) / (sum(asked.values()) or 1.0)
    return (of_name * of_question) ** 0.5 if of_name >= LEAST_OF_NAME else 0.0
