"""What narrows a question may be written as it comes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from indexes import Case, ready

from assistant import Notes
from assistant.errors import NotFoundError, UsageError
from assistant.records import Source
from assistant.settings import Settings

pytestmark = pytest.mark.usefixtures("without_calibration")


@pytest.fixture
def notes(case: Case) -> Iterator[Notes]:
    """Notes in folders, one with signs of a glob in its name."""
    case.write("Work/Plan [draft].md", "---\ntags: [python]\n---\n# Plan\n\nquokka\n")
    case.write("Work/old/notes.md", "# Old\n\nquokka\n")
    case.build()
    settings = Settings(index=case.index, index_named=True, notes=(Source(case.notes),))
    with Notes(settings, ready(case.encoder)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("notes.md", ["Work/old/notes.md"]),
        ("old/notes.md", ["Work/old/notes.md"]),
        ("Work", ["Work/Plan [draft].md", "Work/old/notes.md"]),
        ("./Work/", ["Work/Plan [draft].md", "Work/old/notes.md"]),
        ("./Work/old", ["Work/old/notes.md"]),
        ("work", ["Work/Plan [draft].md", "Work/old/notes.md"]),
        ("WORK/*", ["Work/Plan [draft].md", "Work/old/notes.md"]),
        ("Plan [draft].md", ["Work/Plan [draft].md"]),
        ("work/plan [DRAFT].md", ["Work/Plan [draft].md"]),
        ("NOTES.md", ["Work/old/notes.md"]),
        ("sub/", ["sub/tools.md"]),
    ],
)
def test_a_note_is_named_as_everywhere(notes: Notes, name: str, found: list[str]) -> None:
    """By the end of its path or its folder, signs of a glob as they stand, at last in any case."""
    assert [n.note for n in notes.list_notes(note=name)] == found
    assert {r.note for r in notes.ask("quokka", note=name, refresh=False).results} <= set(found)


def test_a_file_is_a_note(notes: Notes, case: Case) -> None:
    """As it lies on the disk."""
    path = case.notes / "sub" / "tools.md"
    assert [n.note for n in notes.list_notes(note=str(path))] == ["sub/tools.md"]


def test_the_nearest_note_is_named(notes: Notes) -> None:
    """Where none is called so."""
    with pytest.raises(NotFoundError, match=r"no note matches 'pytroch\.md'") as caught:
        notes.ask("quokka", note="pytroch.md", refresh=False)
    assert caught.value.remedy == "did you mean 'pytorch.md'?"


def test_slips_of_programs_are_taken_or_refused(notes: Notes) -> None:
    """One tag is no list of letters; passages are one at least."""
    answer = notes.ask("quokka", tags="python", refresh=False)
    assert {result.note for result in answer.results} == {"Work/Plan [draft].md"}
    for count in (0, -1):
        with pytest.raises(UsageError, match=f"{count} passages"):
            notes.ask("quokka", count, refresh=False)
