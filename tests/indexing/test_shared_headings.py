"""Which headings several notes have, before and after a build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from indexes import Case, contents

from assistant.indexing import shared_headings
from assistant.markdown import split_entries
from assistant.records import Note, NoteFile
from assistant.store.snapshot import Snapshot

pytestmark = pytest.mark.usefixtures("without_calibration")

Folder = Mapping[str, Sequence[str]]
"""The headings of notes, by their paths."""


def read(path: str, *headings: str) -> shared_headings.Read:
    """Return a note with these headings."""
    text = "".join(f"## {heading}\n\ntext\n\n" for heading in headings)
    return Note(NoteFile(Path("/n"), path, 0, 0), text, ""), split_entries(text, 0)


def test_a_heading_of_two_notes_is_shared() -> None:
    """Case is no matter; a heading that one note has twice is not."""
    found = shared_headings.among(
        [read("a.md", "Cleaning", "Log", "Log"), read("b.md", "CLEANING"), read("c.md", "Burner")]
    )

    assert found.keys == {"cleaning"}


def test_notes_without_headings_share_none() -> None:
    """No heading is no heading in common."""
    none = Note(NoteFile(Path("/n"), "a.md", 0, 0), "text\n", "")
    found = shared_headings.among([(none, split_entries("text\n", 0))] * 2)

    assert found.keys == frozenset()


def led(case: Case) -> set[tuple[str, str]]:
    """Return the notes and headings of the chunks that the name of their note stands before."""
    with Snapshot(case.index) as snapshot:
        rows = snapshot.query(
            "SELECT n.path, e.heading, l.headings FROM chunks c JOIN entries e ON e.id = c.entry"
            " JOIN notes n ON n.id = e.note JOIN lexical l ON l.rowid = c.id"
        )
    return {(path, key) for path, key, headings in rows if path.removesuffix(".md") in headings}


def write(case: Case, path: str, headings: Sequence[str]) -> None:
    """Write a note with these headings."""
    text = "".join(f"## {heading}\n\nSomething of {heading}.\n\n" for heading in headings)
    case.write(path, text or "nothing\n")


# What a note says and is called has no word in common with a heading.
PATHS = ("one.md", "two.md", "three.md")
HEADINGS = st.lists(st.sampled_from(["Log", "LOG", "Agenda", "Install"]), max_size=3)
FOLDERS = st.fixed_dictionaries({}, optional=dict.fromkeys(PATHS, HEADINGS))


@settings(max_examples=15)
@given(st.lists(FOLDERS, min_size=2, max_size=4))
@example([{"one.md": ["Log"]}, {"one.md": ["Log"], "two.md": ["LOG"]}, {"two.md": ["LOG"]}])
@example([{"one.md": ["Log"], "two.md": ["Log", "Agenda"]}, {"one.md": [], "three.md": ["Agenda"]}])
@example(
    [{"one.md": ["Log"], "two.md": ["Log"], "three.md": ["Log"]}, {"one.md": ["Log"], "two.md": []}]
)
@example(
    [
        {"one.md": ["Log", "Agenda"], "two.md": ["Log"], "three.md": ["Agenda"]},
        {"one.md": ["Log", "Agenda"], "two.md": [], "three.md": ["Agenda"]},
    ]
)
def test_an_index_after_any_edits_equals_one_built_afresh(states: list[Folder]) -> None:
    """Also where headings come to be shared, and stop being so, in notes that nobody touched."""
    with TemporaryDirectory() as folder:
        case = Case(Path(folder))
        write(case, "stays.md", ["Burner"])
        before: Folder = {}
        for state in states:
            for path in before.keys() - state.keys():
                (case.notes / path).unlink()
            for path, headings in state.items():
                if headings != before.get(path):
                    write(case, path, headings)
            case.build()
            before = state
        fresh = case.folder / "fresh"
        case.build(index=fresh)

        assert contents(case.index) == contents(fresh)


def test_the_lead_comes_and_goes_with_the_other_note(case: Case) -> None:
    """A note that nobody touched is read with its name while another has a heading of its own."""
    before = led(case)
    write(case, "other.md", ["Free GPU memory", "Cables"])
    case.build()

    assert led(case) - before >= {("other.md", "free gpu memory")}
    with Snapshot(case.index) as snapshot:
        counts = snapshot.notes_with(["free gpu memory", "cables", "burner"])
    assert counts == Counter({"free gpu memory": 2, "cables": 1})
    assert ("other.md", "cables") not in led(case)

    (case.notes / "other.md").unlink()
    case.build()

    assert led(case) == before
