"""In which order the chunks that a question finds are ranked."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeEncoder
from indexes import Case, ready

from assistant.search import Searcher


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A place for notes and their index."""
    return Case(tmp_path)


def test_titles_of_sections_come_last(case: Case) -> None:
    """A title has nothing to show: what stands below it answers, though it has fewer words of it.

    A heading with nothing below it is no title, and may be all that the note says.
    """
    case.write(
        "a.md",
        "# Boiled egg\n\n## Boiled egg\n\n### Hard\n\nAn egg takes eight minutes.\n\n"
        "## Boiled egg needs salt\n",
    )
    case.build()

    found = case.ask("boiled egg")

    assert set(found[:2]) == {"a.md: Boiled egg > Hard", "a.md: Boiled egg needs salt"}
    assert found[2:] == ["a.md: Boiled egg", "a.md: Boiled egg"]  # of the note, of the section


def test_ideas_in_headings_alone_are_found(case: Case) -> None:
    """First-level headings without text are an outline, and the first is no title of the rest."""
    case.write("ideas.md", "# Paint the fence\n\n# Mend the roof of the shed\n")
    case.build()

    assert case.ask("paint the fence")[0] == "ideas.md: Paint the fence"


def test_a_note_of_the_day_that_is_asked_for_is_a_candidate(case: Case) -> None:
    """It need not look like the question, however many notes do."""
    case.write("rain.md", "---\ndate: 2026-05-11\n---\nRain.\n")
    for number in range(9):
        case.write(f"{number}.md", f"What did I do on 11 May 2026, {number}?\n")
    case.build()
    searcher = Searcher(case.index, ready(FakeEncoder(case.encoder.card)))

    found = searcher.rank(searcher.prepare("what did I do on 11 May 2026"), pool=1)

    assert "rain.md" in {candidate.place.path for candidate in found}
    searcher.close()
