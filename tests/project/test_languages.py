"""How well questions in other languages are answered: floors that no change may fall below."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from indexes import ready

from assistant.embedding import DEFAULT_MODEL, OnnxEncoder
from assistant.embedding.multilingual import source
from assistant.evaluation import questions, runner
from assistant.evaluation.runner import Case, Outcome
from assistant.indexing import scope
from assistant.indexing.build import build
from assistant.search.searcher import Searcher

SETS = Path(__file__).parent / "sets"

OWN = ("german", "french", "spanish", "russian", "japanese")
"""Sets whose notes and questions are in one language."""

FOREIGN = "foreign"
"""The set of questions in these over notes in English."""

needs_extra = pytest.mark.skipif(
    not source.is_installed(), reason="the extra `multilingual` is not installed"
)


def outcomes(name: str, folder: Path, encoder: OnnxEncoder, model_folder: Path) -> list[Outcome]:
    """Build the index of a set, and ask it the questions of its tuning half."""
    other = scope.of_setting("auto", DEFAULT_MODEL, asked=name == FOREIGN)
    index = folder / name
    build(index, [SETS / name / "notes"], model_folder, open_encoder=lambda: encoder, other=other)
    with closing(Searcher(index, ready(encoder), other.open)) as searcher:
        paths = questions.heading_paths(searcher.snapshot.notes(), searcher.snapshot.entries())
        asked = questions.read(SETS / name / "tuning.jsonl", paths)
        return runner.run(searcher, [Case(question) for question in asked])


@pytest.fixture(scope="module")
def found(
    tmp_path_factory: pytest.TempPathFactory, encoder: OnnxEncoder, model_folder: Path
) -> dict[str, list[Outcome]]:
    """What comes of each set."""
    folder = tmp_path_factory.mktemp("languages")
    return {name: outcomes(name, folder, encoder, model_folder) for name in (*OWN, FOREIGN)}


def mean_reciprocal_rank(some: list[Outcome]) -> float:
    """Return it over the answerable questions."""
    ranks = [outcome.rank for outcome in some if outcome.question.targets]
    return sum(1 / rank for rank in ranks if rank) / len(ranks)


@needs_extra
def test_questions_find_notes_in_their_own_language(found: dict[str, list[Outcome]]) -> None:
    """Of five languages together, four in five questions have the right entry first."""
    together = [outcome for name in OWN for outcome in found[name]]
    answerable = [outcome for outcome in together if outcome.question.targets]

    assert sum(outcome.rank == 1 for outcome in answerable) / len(answerable) >= 0.8
    assert mean_reciprocal_rank(together) >= 0.86


@needs_extra
def test_questions_find_notes_in_english(found: dict[str, list[Outcome]]) -> None:
    """Questions in five languages over English notes: nine in ten are among the first five."""
    answerable = [outcome for outcome in found[FOREIGN] if outcome.question.targets]

    assert sum(0 < outcome.rank <= 5 for outcome in answerable) / len(answerable) >= 0.92
    assert mean_reciprocal_rank(found[FOREIGN]) >= 0.87


@needs_extra
def test_the_verdict_works_in_other_languages(found: dict[str, list[Outcome]]) -> None:
    """Few answerable questions are refused, and few others found."""
    together = [outcome for some in found.values() for outcome in some]
    answerable = [outcome.verdict for outcome in together if outcome.question.targets]
    others = [outcome.verdict for outcome in together if not outcome.question.targets]

    assert answerable.count("none") / len(answerable) <= 0.08
    assert answerable.count("found") / len(answerable) >= 0.4
    assert others.count("found") / len(others) <= 0.08
