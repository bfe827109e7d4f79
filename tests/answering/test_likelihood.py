"""How likely a result answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.judging import likelihood
from assistant.answering.judging.likelihood import Match, probability

GOOD = Match(
    lead=0.3,
    late_lead=0.1,
    late_above=0.3,
    cosine=0.7,
    covered=1,
    known=1,
    to_letter=0,
    is_lacking=False,
    of_another_date=False,
    is_opposite=False,
    is_first=True,
    chunks=1000,
)

differences = st.floats(-2, 2)
shares = st.floats(0, 1)
matches = st.builds(
    Match,
    lead=differences,
    late_lead=st.none() | differences,
    late_above=st.none() | differences,
    cosine=st.floats(-1, 1),
    covered=shares,
    known=shares,
    to_letter=shares,
    is_lacking=st.booleans(),
    of_another_date=st.booleans(),
    is_opposite=st.booleans(),
    is_first=st.booleans(),
    chunks=st.integers(0, 10**7),
)
MORE = ["lead", "late_lead", "late_above", "cosine", "covered", "known", "to_letter"]


@given(matches)
def test_it_is_a_probability(some: Match) -> None:
    """Whatever is measured, and where late interaction is not kept."""
    assert 0 < probability(some) < 1


@given(matches, st.sampled_from(MORE), shares, shares)
def test_it_grows_with_what_a_result_has(some: Match, name: str, one: float, two: float) -> None:
    """No measure of what a result has speaks against it."""
    low, high = (
        probability(replace(some, **{name: value}))  # type: ignore[arg-type] # a number
        for value in sorted((one, two))
    )

    assert low <= high


@pytest.mark.parametrize("doubt", ["is_lacking", "of_another_date", "is_opposite"])
def test_a_doubt_makes_it_less_likely(doubt: str) -> None:
    """What a result does not have of the question tells against it."""
    assert probability(replace(GOOD, **{doubt: True})) < probability(GOOD)


def test_one_of_several_that_are_alike_may_answer() -> None:
    """Ten recipes with the dish in their names are not ten sure answers."""
    alike = replace(GOOD, lead=0.0, late_lead=0.0)

    assert probability(alike) < 0.8 < probability(GOOD)
    assert probability(replace(alike, is_first=False, lead=-0.1)) < 0.5


def test_the_lead_is_over_the_best_of_the_others() -> None:
    """Of the first results; alone, there is nothing to be behind of."""
    values = [1.0, 0.75, 0.5]

    assert [likelihood.lead(values, at, 9.0) for at in range(3)] == [0.25, -0.25, -0.5]
    assert likelihood.lead([1.0], 0, 0.5) == 0.5
