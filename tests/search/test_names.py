"""How well a question names a note."""

from __future__ import annotations

import pytest

from assistant.language import analyzer
from assistant.search import names


def fit(question: str, *called: str) -> float:
    """Return the fit where every word tells as much."""
    asked = {analyzer.stem(term): 1.0 for term in analyzer.query_terms(question)}
    return names.fit(asked, called, lambda _: 1.0)


def test_the_whole_name_is_a_whole_fit() -> None:
    """A question that is a name, in whatever number, fits it wholly."""
    assert fit("boiler service", "Boiler services") == pytest.approx(1.0)


def test_the_best_name_counts() -> None:
    """One of several names is enough."""
    assert fit("car", "Vehicle", "Car") == pytest.approx(1.0)


def test_less_than_half_of_a_name_is_none() -> None:
    """A word in common does not name a note of many words."""
    assert fit("python", "Python packaging on Windows machines") == 0.0
    assert fit("python", "Python packaging") > 0.0


def test_a_longer_question_names_less() -> None:
    """What the question says beyond the name lowers the fit, and never below 0."""
    fits = [fit(q, "boiler") for q in ("boiler", "boiler noise", "boiler noise at night")]
    assert fits == sorted(fits, reverse=True)
    assert fits[-1] > 0
