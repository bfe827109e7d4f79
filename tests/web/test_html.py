"""What the page says of an answer, as HTML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from assistant.results import Answer, Result
from assistant.web import html


def test_what_the_first_passage_lacks_is_a_remark() -> None:
    """It stands below the verdict, and what a question holds is no markup."""
    said = html.verdict(Answer("q", "weak", (), lacking=("<b>E4021",)))

    assert said.endswith('<p class="remark">The first passage does not mention &lt;b&gt;E4021.</p>')


def test_results_are_lines_of_a_list() -> None:
    """Each has its title, how sure it is, its best sentence without marks, and where it is."""
    snippet = "## Boil\n\nPut the **egg** into\n`boiling` water. Wait."
    best = (snippet.index("Put"), snippet.index(" Wait"))
    one = Result(1, 0.9, "a<b.md", Path("/a"), ("Eggs", "Boil"), (1, 4), snippet, best)
    two = replace(one, rank=2, also=("<a> copy.md",))
    shown = html.results(Answer("q", "found", (one, two)), ["?read=a%3Cb.md:1&q=q", "?read=2"])

    assert '<span class="title">Boil</span><span class="certainty c-very-likely">' in shown
    assert '<span class="line">Put the egg into boiling water.</span>' in shown
    assert '<span class="place">a&lt;b.md › Eggs</span>' in shown
    assert 'href="?read=a%3Cb.md:1&amp;q=q"' in shown
    assert shown.count("also in &lt;a&gt; copy.md") == 1


def test_what_mends_the_index_is_no_command_of_the_shell() -> None:
    """The page has a button for it."""
    said = html.verdict(Answer("q", "found", (), newer_notes=2, gone_notes=1, built_otherwise=True))

    assert "2 notes are newer than the index." in said
    assert "1 note is gone since the index was built." in said
    assert "assistant build" not in said


def test_a_result_says_of_when_it_is() -> None:
    """Its date stands behind the place, save that of a file, and so does that it is older."""
    plain = Result(1, 0.9, "a.md", Path("/a.md"), ("Roof",), (1, 2), "Wet.", (0, 4))
    dated = replace(plain, date="2025-03-01", date_from="front matter")
    old = replace(dated, is_older=True)

    shown = [html.results(Answer("q", "found", (one,)), ["?"]) for one in (plain, dated, old)]

    assert '<span class="place">a.md</span>' in shown[0]
    assert '<span class="place">a.md · 2025-03-01</span>' in shown[1]
    assert '<span class="place">a.md · older (2025-03-01)</span>' in shown[2]
