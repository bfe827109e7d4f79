"""The sets of notes and questions that `benchmarks/sets.py` measures with are well formed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from assistant.evaluation import questions
from assistant.evaluation.questions import Question
from assistant.markdown import plain_text, split_entries
from assistant.notes import read, walk
from assistant.records import Note

SETS = sorted(notes.parent for notes in (Path(__file__).parent / "sets").glob("*/notes"))
HALVES = ("tuning", "held")

each_set = pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)


@cache
def heading_paths(folder: Path) -> dict[str, list[Sequence[str]]]:
    """Return the heading paths of each note of a set, as an index has them."""
    files, skipped = walk([folder / "notes"])
    notes = [note for file in files if isinstance(note := read(file), Note)]
    assert (skipped, len(notes)) == ([], len(files))
    return {
        note.file.path: [
            entry.headings
            for entry in plain_text.with_plain_headings(split_entries(note.text, note.body_start))
        ]
        for note in notes
    }


@cache
def asked(folder: Path, half: str) -> list[Question]:
    """Return the questions of one half; raises for a note or heading that is not there."""
    return questions.read(folder / f"{half}.jsonl", heading_paths(folder))


@each_set
def test_lines_lie_in_their_notes(folder: Path) -> None:
    """Every range of lines ends within its note, and begins at a line that is not blank."""
    for half in HALVES:
        for question in asked(folder, half):
            for target in question.targets:
                lines = (folder / "notes" / target.note).read_text("utf-8").splitlines()
                first, last = target.lines or (1, 1)
                assert last <= len(lines), question.where
                assert lines[first - 1].strip(), question.where


@each_set
def test_no_question_twice(folder: Path) -> None:
    """No question is in both halves, or twice in one, whatever its capitals."""
    texts = Counter(q.text.casefold() for half in HALVES for q in asked(folder, half))

    assert [text for text, count in texts.items() if count > 1] == []


@each_set
def test_the_halves_are_alike(folder: Path) -> None:
    """Both halves have every kind of question, equally many up to one."""
    tuning, held = (Counter(q.kind for q in asked(folder, half)) for half in HALVES)

    assert tuning.keys() == held.keys()
    assert {kind for kind in tuning if abs(tuning[kind] - held[kind]) > 1} == set()
    assert abs(tuning.total() - held.total()) <= 1


@each_set
def test_some_questions_have_an_answer_and_some_have_none(folder: Path) -> None:
    """Each half tells both what is found and what is refused."""
    for half in HALVES:
        assert {bool(q.targets) for q in asked(folder, half)} == {True, False}
