"""How well questions are answered, and why not better.

comparison         What another model makes of the same questions, beside the one in use
explanation        Why a note was not the answer to a question: skipped, unknown, or beaten
heading_questions  Questions that need no labels: each heading asks for its own entry
history            The last evaluation, kept in the index folder, and what changed since
metrics            Measures of a ranking, and how far chance may have moved them
questions          A user's own questions and what answers each: their file, its checks
report             An evaluation as text and as JSON
runner             How well questions with known answers are answered, beside two plainer searches
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.evaluation import (
        comparison,
        explanation,
        heading_questions,
        history,
        questions,
        report,
        runner,
    )
    from assistant.evaluation.runner import Outcome

__all__ = [
    "Outcome",
    "comparison",
    "explanation",
    "heading_questions",
    "history",
    "questions",
    "report",
    "runner",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "runner": ["Outcome"],
    },
    modules=(
        "comparison",
        "explanation",
        "heading_questions",
        "history",
        "questions",
        "report",
        "runner",
    ),
)
