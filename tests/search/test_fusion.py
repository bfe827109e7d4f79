"""Weighted fusion, by hand and by laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.search import fusion
from assistant.search.fusion import Leg, Signs

Scores = st.dictionaries(st.integers(0, 20), st.floats(-100, 100), max_size=12)
NONE = Signs()


def test_fused_by_hand() -> None:
    """Each leg counts from its best chunk down to its worst; one that it lacks is its worst."""
    legs = [Leg(0.5, {1: 0.2, 2: 0.6, 3: 0.4}), Leg(0.25, {2: 7.0, 9: 3.0})]

    fused = fusion.fused(legs, dict.fromkeys((1, 2, 3, 9), NONE))

    assert fused == pytest.approx({1: 0.0, 2: 0.75, 3: 0.25, 9: 0.0})


def test_small_differences_stay_small() -> None:
    """Where the best and the worst are nearer than the span, they are as near after fusion."""
    fused = fusion.fused([Leg(1.0, {1: 0.5, 2: 0.6}, span=0.5)], {1: NONE, 2: NONE})

    assert fused == pytest.approx({1: 0.8, 2: 1.0})


def test_signs_count_on_top() -> None:
    """A chunk whose note is named goes before one that is a little nearer."""
    fused = fusion.fused([Leg(0.3, {1: 0.5, 2: 0.6}, span=0.5)], {1: Signs(named=1.0), 2: NONE})

    assert fused[1] == pytest.approx(fused[2] + fusion.NAMED - 0.3 * 0.1 / 0.5)


def test_what_the_model_cannot_read_is_found_by_words() -> None:
    """A chunk that the words find goes before a little nearer one if the model reads nothing."""
    near, words = {1: 0.6, 2: 0.5}, {1: 0.0, 2: 9.0}

    def best(unread: float) -> int:
        legs = fusion.legs(near, near, words, near, unread)
        fused = fusion.fused(legs, {1: NONE, 2: NONE})
        return max(fused, key=fused.__getitem__)

    assert (best(0.0), best(1.0)) == (1, 2)


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


@given(st.lists(st.builds(Leg, st.floats(0, 1), Scores, st.floats(0, 2)), max_size=4))
def test_fused_stays_within_the_sum_of_weights(legs: list[Leg]) -> None:
    """Every chunk is fused, and no score leaves 0 to the weights together."""
    chunks = {chunk for leg in legs for chunk in leg.scores}

    fused = fusion.fused(legs, dict.fromkeys(chunks, NONE))

    assert fused.keys() == chunks
    most = sum(leg.weight for leg in legs) + 1e-9
    assert all(-1e-9 <= value <= most for value in fused.values())
