"""Reciprocal rank fusion beside sums made by hand and a plain reference."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.fuse import RANK_OFFSET, reciprocal_rank

rankings = st.lists(st.lists(st.integers(0, 12), unique=True, max_size=8), max_size=4)


def test_scores_are_the_sums_made_by_hand() -> None:
    """With k = 60, the paper's own: first and third of two lists give 1/61 + 1/63."""
    scores = reciprocal_rank([[7, 3, 9], [4, 3, 7]], offset=60)

    assert scores == pytest.approx(
        {7: 1 / 61 + 1 / 63, 3: 1 / 62 + 1 / 62, 9: 1 / 63, 4: 1 / 61}, abs=1e-15
    )


def test_nothing_fuses_to_nothing() -> None:
    """No lists, or empty ones, give no scores."""
    assert reciprocal_rank([]) == reciprocal_rank([[], []]) == {}


@given(rankings, st.integers(0, 100))
def test_scores_agree_with_exact_fractions(lists: list[list[int]], offset: int) -> None:
    """Each score is the definition, summed in exact fractions, to the last digits of a float."""
    reference = {
        item: sum(
            Fraction(1, offset + ranked.index(item) + 1) for ranked in lists if item in ranked
        )
        for item in {item for ranked in lists for item in ranked}
    }
    assert reciprocal_rank(lists, offset) == pytest.approx(
        {item: float(score) for item, score in reference.items()}
    )


@given(rankings)
def test_order_of_the_lists_does_not_matter(lists: list[list[int]]) -> None:
    """Fusion takes no side among the lists."""
    assert reciprocal_rank(lists[::-1]) == pytest.approx(reciprocal_rank(lists))


@given(st.lists(st.integers(), unique=True, max_size=8))
def test_one_list_keeps_its_order(ranked: list[int]) -> None:
    """A list fused with itself comes out in its own order."""
    scores = reciprocal_rank([ranked, ranked])

    assert sorted(scores, key=lambda item: -scores[item]) == ranked


def test_the_top_of_one_list_beats_the_middle_of_two() -> None:
    """The offset is small enough that first in one list outweighs tenth in both."""
    ninth = list(range(100, 109))
    scores = reciprocal_rank([[1, *ninth, 2], [*[n + 50 for n in ninth], 2]])

    assert scores[1] == 1 / (RANK_OFFSET + 1) > scores[2]
