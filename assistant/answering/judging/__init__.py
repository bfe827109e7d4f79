"""What a result itself says to how sure an answer is.

grounding   Whether the best passage bears out what the verdict says of the notes as a whole
likelihood  How likely a result answers, by its own matches
specifics   What a question names to the letter, and what of it a passage does not have
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.answering.judging import grounding, likelihood, specifics
    from assistant.answering.judging.grounding import Grounds
    from assistant.answering.judging.likelihood import Match

__all__ = ["Grounds", "Match", "grounding", "likelihood", "specifics"]

__getattr__ = faces.lazily(
    __name__,
    {
        "grounding": ["Grounds"],
        "likelihood": ["Match"],
    },
    modules=("grounding", "likelihood", "specifics"),
)
