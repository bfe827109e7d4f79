"""Candidates to an answer: the passage, its best sentence, the verdict.

answer          A question to its answer: the ranked chunks become passages
arrangement     In which order the entries that a question finds are shown
best_sentence   The sentence of a passage that answers
calibration     The build's part of the verdict
excerpt         Which parts of a passage tell most: what to keep where there is no room for all
features        What speaks for the notes answering a question: what its verdict rests on
judge           What a question is judged by, by who read it
multilingual    How sure it is that notes answer a question in another language
question_words  The words of a question that tell entries apart, and how much each tells
snippet         What of an entry is shown: the passage that answers, and the code beside it
term_overlap    How much of a question stands in each part of a text: words in common, by rarity
verdict         How sure it is that the notes answer: ``found``, ``weak`` or ``none``
judging         What a result itself says to how sure an answer is
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.answering import answer, arrangement, calibration, multilingual

__all__ = ["answer", "arrangement", "calibration", "multilingual"]

__getattr__ = faces.lazily(
    __name__,
    {},
    modules=("answer", "arrangement", "calibration", "multilingual"),
)
