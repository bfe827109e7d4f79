"""What a question is judged by."""

from __future__ import annotations

from dataclasses import replace

from assistant.answering.features import Features
from assistant.answering.judge import Judge
from assistant.records import Calibration

SURE = Calibration(
    measures=("similarity",),
    centre=(0.0,),
    spread=(0.1,),
    weights=(9.0,),
    bias=0.0,
    probes=(),
    own=(),
    chunks=10,
)
NEAR = Features(similarity=0.9, known=1.0)


def test_without_questions_in_its_language_nothing_is_found() -> None:
    """Off-topic questions in other languages do not tell how near one in this language comes."""
    judge = Judge(SURE, by_words=False, by_other=True)

    assert judge.verdict(NEAR) == "found"
    assert replace(judge, is_rough=True).verdict(NEAR) == "weak"


def test_words_alone_tell_at_most_that_notes_may_answer() -> None:
    """And that they do not, where none of them is known."""
    judge = Judge(SURE, by_words=True)

    assert judge.verdict(NEAR) == "weak"
    assert judge.verdict(replace(NEAR, known=0.0)) == "none"
