"""Notes that leave an index without any text: everything works, and nothing is found."""

from __future__ import annotations

import pytest
from indexes import PYTORCH, Case
from shell import Shell, stand_in_folder

from assistant import Notes
from assistant.agents import views
from assistant.settings import load

TEXTLESS = ["", "\n \n\t\n", "\ufeff", "\u00a0\n", "\f", "---\ntitle: x\n---\n"]


@pytest.fixture
def shell(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Shell:
    """A folder without notes."""
    case = Case(tmp_path_factory.mktemp("case"))
    stand_in_folder(case.model, case.folder, monkeypatch)
    return Shell(case, monkeypatch, capfd)


def look_at_all(shell: Shell) -> None:
    """Ask commands, the interface and the views of agents about an index without text."""
    ran = shell("ask", "free memory")
    said = "The notes do not answer this: they do not mention free or memory.\n"
    assert (ran.code, ran.out, ran.err) == (1, said, "")
    ran = shell("ask", "--json", "--note", "a.md", "a.md of 2024?")
    assert (ran.code, ran.record["results"]) == (1, [])
    assert shell("status", "--json").record["entries"] == 0
    assert shell("duplicates").code == 0
    for command in ("show", "similar"):
        ran = shell(command, "a.md")
        assert (ran.code, ran.err.split("\n")[0]) == (2, "Error: a.md has no entries")
    assert shell("eval").code in (0, 2)
    with Notes(load.load()) as notes:
        assert views.search_result(notes.ask("free memory")).results == []
        assert notes.points() == []
        notes.place_on_map("free memory")
        assert [note.entries for note in notes.list_notes()] == [0]


@pytest.mark.parametrize("text", TEXTLESS, ids=repr)
def test_a_note_without_text_is_indexed(shell: Shell, text: str) -> None:
    """It counts as a note, whatever its bytes, and has no entry."""
    shell.case.write("a.md", text)
    ran = shell("build")
    assert ran.code == 0
    assert "1 note, 0 entries, 0 chunks" in ran.err
    look_at_all(shell)
    assert shell("build", "--full").code == 0


def test_the_only_note_is_emptied_for_a_moment(shell: Shell) -> None:
    """A question takes it in, and its return, which embeds nothing anew."""
    shell.case.write("a.md", PYTORCH)
    assert shell("ask", "release cached memory").code == 0
    shell.case.write("a.md", "")
    look_at_all(shell)
    shell.case.write("a.md", PYTORCH)
    assert ", 0 embedded" in shell("build").err
    assert shell("ask", "release cached memory").code == 0
