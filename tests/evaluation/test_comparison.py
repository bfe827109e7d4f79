"""Two models over the same questions: the table, what fares otherwise, and what they take."""

from __future__ import annotations

import json

from assistant.evaluation import comparison
from assistant.evaluation.comparison import Cost, Trial
from assistant.evaluation.questions import Question, Target
from assistant.evaluation.runner import SYSTEMS, Outcome, Ranking
from assistant.results import Verdict


def outcome(
    text: str, rank: int, verdict: Verdict = "found", *, answerable: bool = True
) -> Outcome:
    """What came of a question."""
    targets = (Target("a.md"),) if answerable else ()
    rankings = tuple(Ranking(rank, ("a.md",)) for _ in SYSTEMS)
    return Outcome(Question(text, "mine", "q:1", targets), verdict, rankings, None)


NOW = Trial(
    "small",
    {"q": [outcome("first", 1), outcome("second", 4), outcome("none", 0, answerable=False)]},
    Cost(1_000_000, 0.01, 2.0),
)
TRIED = Trial(
    "big\x1b[31m",
    {
        "q": [
            outcome("first", 2),
            outcome("second", 1),
            outcome("none", 0, "none", answerable=False),
        ]
    },
    Cost(3_000_000, 0.05, 8.0),
)


def test_the_text_names_each_question_that_fares_otherwise() -> None:
    """Figures of both side by side, what each takes, then the questions, better ones first."""
    text = comparison.to_text(NOW, TRIED)

    assert "\x1b" not in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "hit@1 .50 .50 +0.00 (-1.00 to +1.00)" in lines
    assert "refused .00 1.0 +1.00 (+1.00 to +1.00)" in lines
    assert "index 1.0 MB 3.0 MB 3.0 times" in lines
    assert "a question 10.0 ms 50.0 ms 5.0 times" in lines
    better, worse = lines.index("q, better: 2"), lines.index("q, worse: 1")
    assert lines[better + 1 : better + 3] == [
        "second: rank 4 -> rank 1",
        "none: answered -> refused",
    ]
    assert lines[worse + 1] == "first: rank 1 -> rank 2"


def test_a_model_beside_itself_changes_nothing() -> None:
    """The same outcomes twice: no flip, and differences of 0."""
    assert "q: no question fares otherwise" in comparison.to_text(NOW, NOW)


def test_json_has_the_same() -> None:
    """Figures, differences and flips by name of the questions."""
    record = json.loads(comparison.to_json(NOW, TRIED))

    assert record["questions"]["q"]["in_use"]["mrr"] == 0.625
    assert record["questions"]["q"]["tried"]["mrr"] == 0.75
    assert [flip["question"] for flip in record["questions"]["q"]["worse"]] == ["first"]
