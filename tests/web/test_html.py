"""What the page says of an answer, as HTML."""

from __future__ import annotations

from assistant.results import Answer
from assistant.web import html


def test_what_the_first_passage_lacks_is_a_remark() -> None:
    """It stands below the verdict, and what a question holds is no markup."""
    said = html.verdict(Answer("q", "weak", (), lacking=("<b>E4021",)))

    assert said.endswith('<p class="remark">The first passage does not mention &lt;b&gt;E4021.</p>')
