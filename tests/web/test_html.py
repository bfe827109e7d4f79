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


def test_other_notes_with_the_same_text_are_named() -> None:
    """Below the passage, if there are any."""
    alone = Result(1, 0.8, "a.md", Path("/a.md"), (), (1, 1), "text", (0, 4))

    assert html.result_foot(alone) == ""
    assert html.result_foot(replace(alone, also=("<a> copy.md",))) == (
        '<p class="remark">also in &lt;a&gt; copy.md</p>'
    )
