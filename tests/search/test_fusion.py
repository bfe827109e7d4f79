"""Weighted fusion, by hand and by laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.search import fusion

Scores = st.dictionaries(st.integers(0, 20), st.floats(-100, 100), max_size=12)


def test_weighted_by_hand() -> None:
    """Each leg is scaled to 0..1 and weighted; an id that it lacks counts as its least."""
    fused = fusion.weighted([(0.5, {1: 0.2, 2: 0.6, 3: 0.4}), (0.25, {2: 7.0, 9: 3.0})])

    assert fused == pytest.approx({1: 0.0, 2: 0.75, 3: 0.25, 9: 0.0})


def test_equal_scores_scale_to_one() -> None:
    """A leg that finds one id, or several alike, speaks for them in full."""
    assert fusion.scaled([0.3, 0.3]) == [1.0, 1.0]
    assert fusion.scaled([0.3, 0.3], equal=0.0) == [0.0, 0.0]
    assert fusion.scaled([]) == []


@given(Scores)
def test_scaling_keeps_order_and_bounds(scores: dict[int, float]) -> None:
    """Scaled scores lie in 0..1, and none overtakes another."""
    scaled = dict(zip(scores, fusion.scaled(scores.values()), strict=True))

    assert all(0 <= value <= 1 for value in scaled.values())
    assert all(scaled[a] <= scaled[b] for a in scores for b in scores if scores[a] <= scores[b])


@given(st.lists(st.tuples(st.floats(0, 1), Scores), max_size=4))
def test_weighted_stays_below_the_sum_of_weights(
    legs: list[tuple[float, dict[int, float]]],
) -> None:
    """Every id of every leg is fused, and no score exceeds the weights together."""
    fused = fusion.weighted(legs)

    assert fused.keys() == {item for _, scores in legs for item in scores}
    assert all(value <= sum(weight for weight, _ in legs) + 1e-9 for value in fused.values())
