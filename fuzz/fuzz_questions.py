"""Fuzz questions to answers, over an index of a fake encoder: `make fuzz`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

with atheris.instrument_imports(include=["assistant"]):
    from indexes import PYTORCH, TOOLS, Case, ready

    from assistant.answering.answer import ask
    from assistant.rendering import answers
    from assistant.search.searcher import Searcher

CASE = Case(Path(tempfile.mkdtemp(prefix="assistant-fuzz-")))
CASE.write("pytorch.md", PYTORCH)
CASE.write("tools.md", TOOLS)
CASE.build()
SEARCHER = Searcher(CASE.index, ready(CASE.encoder))


def fuzz(raw: bytes) -> None:
    """Hold that any question that is not blank has an answer that can be shown."""
    question = raw.decode("utf-8", "replace")
    if not question.strip():
        return
    answer = ask(SEARCHER, question, why=True)
    assert "\x1b" not in answers.to_plain(answer)
    answers.to_json(answer).encode()


if __name__ == "__main__":
    atheris.Setup(sys.argv, fuzz)
    atheris.Fuzz()
