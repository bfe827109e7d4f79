"""Tests of the outline: what the browser searches, and what links lead to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.records import EntryHead, NoteSummary
from assistant.web.outline import Outline, link_to


def note(path: str, title: str, *headings: tuple[str, ...]) -> tuple[NoteSummary, list[EntryHead]]:
    """A note with an entry every ten lines."""
    summary = NoteSummary(path, Path("/") / path, title, (), "2026-03-04T00:00:00", len(headings))
    heads = [EntryHead(n, 0, n, own, 10 * n + 1, 9, 5) for n, own in enumerate(headings)]
    return summary, heads


OUTLINE = Outline(
    1,
    [
        note("a/eggs.md", "All about eggs", ("Eggs",), ("Eggs", "Fry them!"), ("Eggs", "Boil")),
        note("a/pan.md", "Pan", ("Pan",)),
        note("b/pan.md", "Another", ("Pan",)),
        note("b/deep/plan.md", "Plan", (), ("Now",)),
    ],
)


@pytest.mark.parametrize(
    ("here", "name", "heading", "place"),
    [
        ("a/pan.md", "eggs", "", "a/eggs.md:1"),
        ("b/pan.md", "EGGS", "boil", "a/eggs.md:21"),
        ("b/pan.md", "All about eggs", "", "a/eggs.md:1"),
        ("b/pan.md", "../a/eggs.md", "fry-them", "a/eggs.md:11"),
        ("b/pan.md", "/a/eggs", "Eggs#Fry them!", "a/eggs.md:11"),
        ("b/deep/plan.md", "pan", "", "b/pan.md:1"),
        ("a/eggs.md", "pan", "", "a/pan.md:1"),
        ("a/eggs.md", "", "boil", "a/eggs.md:21"),
        ("a/eggs.md", "plan", "", "b/deep/plan.md:1"),
        ("a/eggs.md", "eggs", "nothing", ""),
        ("a/eggs.md", "nothing", "", ""),
        ("a/eggs.md", "../../../etc/passwd", "", ""),
        ("a/eggs.md", "eggs", "^block", "a/eggs.md:1"),
    ],
)
def test_links_are_found(here: str, name: str, heading: str, place: str) -> None:
    """By path from the note, by name or title, the nearest of several; by heading or its slug."""
    assert OUTLINE.find(here, name, heading) == place


def test_browser_gets_notes_with_their_headings() -> None:
    """In order, each entry with its line; dates only where somebody wrote them."""
    told = json.loads(OUTLINE.told)

    assert [path for path, *_ in told] == ["a/eggs.md", "a/pan.md", "b/pan.md", "b/deep/plan.md"]
    assert told[0][1:] == [
        "All about eggs",
        "",
        [[1, "Eggs"], [11, "Eggs", "Fry them!"], [21, "Eggs", "Boil"]],
    ]


def test_places_are_written_into_addresses() -> None:
    """What a path may hold is no part of the address around it."""
    assert link_to("a/b & c#d?.md:3", q="x=y") == "?read=a/b%20%26%20c%23d%3F.md:3&q=x%3Dy"
