"""Answers as agents get them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from assistant.agents import views
from assistant.results import Answer, Result


def test_what_the_first_passage_lacks_is_a_remark() -> None:
    """An agent reads why an answer is weak, and the names by themselves."""
    found = views.search_result(Answer("q", "weak", (), lacking=("numpy.bool", "a\u200bb")))

    assert found.lacking == ["numpy.bool", "a\\u{200b}b"]
    assert found.remarks == ["The first passage does not mention numpy.bool or a\\u{200b}b."]


def test_other_notes_with_the_same_text_are_named() -> None:
    """By the paths that other tools take."""
    result = Result(1, 0.8, "a.md", Path("/a.md"), (), (1, 1), "x", (0, 1), also=("a copy.md",))

    (passage,) = views.search_result(Answer("q", "found", (result,))).results

    assert passage.also == ["a copy.md"]


def test_a_passage_says_of_when_it_is() -> None:
    """Its date, what told that, and whether a newer one says nearly the same."""
    result = Result(1, 0.8, "a.md", Path("/a.md"), (), (1, 1), "x", (0, 1), date="2023-04-01")
    older = replace(result, date_from="heading", is_older=True)

    (passage,) = views.search_result(Answer("q", "found", (older,))).results

    assert (passage.date, passage.date_from, passage.older) == ("2023-04-01", "heading", True)


def test_a_long_passage_comes_with_its_most_telling_lines() -> None:
    """An excerpt has the best sentence and marks gaps; a short passage has none."""
    lines = [f"Line {number} says nothing of it." for number in range(60)]
    text = "\n".join([*lines, "This answers.", *lines])
    best = text.index("This"), text.index("This") + len("This answers.")
    long = Result(1, 0.8, "a.md", Path("/a.md"), (), (1, 121), text, best)
    short = Result(2, 0.7, "b.md", Path("/b.md"), (), (1, 1), "This answers.", (0, 13))

    first, second = views.search_result(Answer("q", "found", (long, short))).results

    assert "This answers." in first.excerpt
    assert "⋯" in first.excerpt.split("\n")
    assert len(first.excerpt.split("\n")) <= 20
    assert (first.text, second.excerpt) == (text, "")
