"""Answers as agents get them."""

from __future__ import annotations

from assistant.agents import views
from assistant.results import Answer


def test_what_the_first_passage_lacks_is_a_remark() -> None:
    """An agent reads why an answer is weak, and the names by themselves."""
    found = views.search_result(Answer("q", "weak", (), lacking=("numpy.bool", "a\u200bb")))

    assert found.lacking == ["numpy.bool", "a\\u{200b}b"]
    assert found.remarks == ["The first passage does not mention numpy.bool or a\\u{200b}b."]
