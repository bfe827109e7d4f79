"""What a note is called, and which of its entries say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.indexing import naming
from assistant.markdown import plain_text, split_entries
from assistant.records import Entry, Note, NoteFile, key_of


def called(text: str, path: str = "a.md", title: str = "", *aliases: str) -> tuple[str, ...]:
    """Return the names of a note."""
    note = Note(NoteFile(Path("/n"), path, 0, 0), text, "", title=title, aliases=aliases)
    return naming.names(note, plain_text.with_plain_headings(split_entries(text, 0)))


def test_all_names_are_known_the_best_first() -> None:
    """The stated title, the heading that is one, aliases, the name of the file."""
    names = called("# Old boiler\n\nHot.\n", "boiler-service.md", "The boiler", "Heating", "Burner")

    assert names == ("The boiler", "Old boiler", "Heating", "Burner", "boiler service")


def test_no_name_is_told_twice() -> None:
    """A title that the heading repeats is one name."""
    assert called("# Boiler\n", "Boiler.md", "Boiler") == ("Boiler",)


@pytest.mark.parametrize(
    "text",
    ["# One\n\na\n\n# Two\n\nb\n", "## A\n\nb\n\n# One\n\na\n", "## One\n\na\n", "plain\n", ""],
    ids=["two", "not the first", "second level", "no heading", "empty"],
)
def test_only_a_sole_first_heading_is_a_name(text: str) -> None:
    """Elsewhere a heading is of its entry alone, and the name of the file is left."""
    assert called(text, "file.md") == ("file",)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("boiler-service.md", "boiler service"),
        ("home/boiler_service.md", "boiler service"),
        ("2026-05-11.md", "2026-05-11"),
        ("2026-05-11-standup.md", "2026-05-11 standup"),
        ("python 3.11.md", "python 3.11"),
        ("garden/README.md", "garden"),
        ("garden/beds/index.md", "beds"),
        ("README.md", "README"),
        ("-.md", "-"),
    ],
)
def test_a_file_name_in_words(path: str, name: str) -> None:
    """Joints are spaces, save in dates; a file that is named like any other has its folder's."""
    assert naming.file_name(path) == name


def lead(*headings: str, names: tuple[str, ...] = ("Boiler",), shared: str = "cleaning") -> str:
    """Return the name before the headings of an entry."""
    return naming.leading_name(names, Entry(headings, 1, ""), {key_of(shared)})


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Clients/ACME/Contract.md", "Clients/ACME/Contract"),
        ("house-work/boiler_service.md", "house work/boiler service"),
        ("journal/2026/05/11.md", "journal/2026/05/11"),
        ("home/garden/README.md", "home/garden"),
    ],
)
def test_folders_are_of_the_last_name(path: str, name: str) -> None:
    """Notes of one name are told apart by where they lie."""
    assert called("text\n", path)[-1] == name


def test_a_path_that_does_not_say_of_what_gets_the_name() -> None:
    """None at all, or one whose end several notes have, in whatever case."""
    assert lead() == "Boiler"
    assert lead("Cleaning") == lead("Care", "CLEANING") == "Boiler"


def test_a_path_of_its_own_gets_no_name() -> None:
    """What no other note has under that heading needs none; only its end counts."""
    assert lead("Burner") == lead("Cleaning", "Burner") == ""


def test_a_name_is_not_said_twice() -> None:
    """A path that has the name in it already says of what, whatever the case."""
    assert lead("boiler", "Cleaning") == ""


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("README.md", "README"),
        ("index.md", "index"),
        ("docs/README.md", "docs"),
        ("_.md", "_"),
        ("--.md", "--"),
        ("-/index.md", "-"),
    ],
)
def test_every_note_has_a_name(path: str, name: str) -> None:
    """A file whose name says nothing, in no folder that says more, is called as it is."""
    assert called("Text.\n", path) == (name,)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# \n\nText.\n", ("a",)),
        ("#\n", ("a",)),
        ("Old boiler\n==========\n\nHot.\n\n## Cleaning\n\nIn May.\n", ("Old boiler", "a")),
        ("tags:: heat\n\n# Old boiler\n\nHot.\n", ("Old boiler", "a")),
        ("## Cleaning\n\nIn May.\n\n# Old boiler\n\nHot.\n", ("a",)),
    ],
)
def test_the_sole_first_heading_names_a_note(text: str, found: tuple[str, ...]) -> None:
    """However it is written and after whatever text, unless it is empty or not the first."""
    assert called(text) == found


def test_without_names_there_is_none_to_put() -> None:
    """A note may have none, such as README.md at the top of its folder."""
    assert lead("Cleaning", names=()) == lead(names=()) == ""
