"""Tests of assistant.evaluation.metrics."""

from __future__ import annotations

from itertools import product
from math import log2
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.metrics import (
    bootstrap,
    first_hit,
    hit_at,
    ndcg,
    paired_difference,
    reciprocal_rank,
)

same_every_run = settings(derandomize=True, deadline=None, max_examples=50)
ranks = st.integers(0, 10)
shares = st.lists(st.floats(0, 1, width=16), min_size=1, max_size=40)
names = st.lists(st.sampled_from("abcdefgh"), max_size=12)


def test_first_hit_is_the_rank_of_the_first_right_result() -> None:
    """Ranks count from 1, and 0 says that nothing was right."""
    assert first_hit([False, True, True]) == 2
    assert first_hit([True]) == 1
    assert first_hit([False, False]) == 0
    assert first_hit([]) == 0


def test_hit_and_reciprocal_rank_by_hand() -> None:
    """A first hit at rank 3 counts for hit@3 and hit@5 and gives a third."""
    assert [hit_at(3, count) for count in (1, 3, 5)] == [0, 1, 1]
    assert [hit_at(0, count) for count in (1, 3, 5)] == [0, 0, 0]
    assert [reciprocal_rank(rank) for rank in (1, 2, 4, 0)] == [1, 0.5, 0.25, 0]


@same_every_run
@given(ranks, st.integers(1, 9))
def test_hit_at_grows_with_the_results_looked_at(rank: int, count: int) -> None:
    """What is among the first k is among the first k + 1."""
    assert hit_at(rank, count) <= hit_at(rank, count + 1)


@same_every_run
@given(ranks)
def test_reciprocal_rank_lies_between_hit_at_1_and_hit_at_10(rank: int) -> None:
    """MRR is never below hit@1 and never above hit@10."""
    assert hit_at(rank, 1) <= reciprocal_rank(rank) <= hit_at(rank, 10)


def test_ndcg_by_hand() -> None:
    """Two right notes, at ranks 1 and 3, against both at the top."""
    assert ndcg(["a", "x", "b"], {"a", "b"}, 5) == pytest.approx(1.5 / (1 + 1 / log2(3)))
    assert ndcg(["x", "a"], {"a"}, 5) == pytest.approx(1 / log2(3))
    assert ndcg(["x", "a"], {"a"}, 1) == 0
    assert ndcg([], {"a"}, 5) == 0


def test_ndcg_counts_a_note_once() -> None:
    """A note that gives several results stands where its first one does."""
    assert ndcg(["x", "x", "x", "a"], {"a"}, 2) == ndcg(["x", "a"], {"a"}, 2)
    assert ndcg(["a", "a"], {"a"}, 5) == 1


@same_every_run
@given(names, st.sets(st.sampled_from("abcdefgh"), min_size=1), st.integers(1, 10))
def test_ndcg_is_1_just_when_right_notes_fill_the_top(
    found: list[str], right: set[str], count: int
) -> None:
    """It stays within 0 and 1, and is 1 for the ideal order alone."""
    value = ndcg(found, right, count)
    top = list(dict.fromkeys(found))[: min(count, len(right))]
    ideal = len(top) == min(count, len(right)) and set(top) <= right

    assert -1e-9 <= value <= 1 + 1e-9
    assert (value > 1 - 1e-9) == ideal


def test_bootstrap_of_equal_values_is_a_point() -> None:
    """Nothing can be drawn but the one value."""
    found = bootstrap([0.25] * 7)

    assert (found.value, found.low, found.high) == (0.25, 0.25, 0.25)


def test_bootstrap_agrees_with_all_resamples_written_out() -> None:
    """Of four values, the 256 resamples give the bounds exactly."""
    values = [0.0, 0.5, 1.0, 1.0]
    means = [mean(drawn) for drawn in product(values, repeat=4)]
    low, high = np.quantile(means, [0.025, 0.975])

    found = bootstrap(values, resamples=20_000)

    assert found.value == 0.625
    assert found.low == pytest.approx(low, abs=0.01)
    assert found.high == pytest.approx(high, abs=0.01)


def test_bootstrap_agrees_with_the_normal_law_on_many_values() -> None:
    """For 400 yes or no, half of them yes, the interval is 1.96 standard errors to each side."""
    found = bootstrap([0.0, 1.0] * 200)

    assert (found.high - found.low) / 2 == pytest.approx(1.96 * 0.025, rel=0.08)


def test_bootstrap_covers_the_truth_as_often_as_it_says() -> None:
    """Of 200 samples of 100 questions, some 95 % have the true share within their bounds."""
    random = np.random.default_rng(7)
    samples = (random.random((200, 100)) < 0.7).astype(float)
    found = [bootstrap(list(sample), resamples=400) for sample in samples]

    assert 0.90 <= mean(interval.low <= 0.7 <= interval.high for interval in found) <= 0.99


def test_bootstrap_in_parts_is_bootstrap_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by drawing in parts, which changes no draw."""
    values = list(np.random.default_rng(1).random(30))
    whole = bootstrap(values)
    monkeypatch.setattr("assistant.evaluation.metrics._CELLS", 1000)

    assert bootstrap(values) == whole


@same_every_run
@given(shares)
def test_bootstrap_holds_its_mean_and_stays_within_its_values(values: list[float]) -> None:
    """In order: min <= low <= mean <= high <= max, the same on every call."""
    found = bootstrap(values, resamples=200)

    assert min(values) - 1e-9 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= max(values) + 1e-9
    assert found == bootstrap(values, resamples=200)


def test_bootstrap_of_nothing_is_refused() -> None:
    """No questions have no mean."""
    with pytest.raises(ValueError, match="no values"):
        bootstrap([])


@same_every_run
@given(shares)
def test_difference_from_itself_is_nothing(values: list[float]) -> None:
    """Two runs alike differ by 0, without doubt."""
    found = paired_difference(values, values)

    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_difference_sees_what_two_intervals_hide() -> None:
    """One in ten better on every sample is proven, though the two intervals overlap widely."""
    before = [float(i % 2) for i in range(100)]
    after = [1.0 if i % 10 == 0 else value for i, value in enumerate(before)]

    found = paired_difference(after, before)

    assert found.value == pytest.approx(0.1)
    assert found.low > 0
    assert bootstrap(before).high > bootstrap(after).low


def test_difference_needs_the_same_questions() -> None:
    """Lists of two lengths are a mistake of the caller."""
    with pytest.raises(ValueError, match="shorter"):
        paired_difference([1.0, 0.0], [1.0])
