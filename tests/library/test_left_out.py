"""What a question says of notes that it could not look at, or that are gone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from indexes import Case
from shell import Shell, stand_in_folder

from assistant import Notes
from assistant.agents.views import search_result
from assistant.settings import load
from assistant.web.html import verdict

pytestmark = pytest.mark.usefixtures("without_calibration")

QUESTION = "call torch.cuda.empty_cache() to release cached memory"
MANY = 40


@pytest.fixture(params=[2, MANY])
def shell(
    request: pytest.FixtureRequest,
    two_notes: Case,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Shell:
    """Few notes or many, indexed."""
    for number in range(2, request.param):
        two_notes.write(f"more/{number}.md", f"# Number {number}\n\ntext\n")
    two_notes.build()
    stand_in_folder(two_notes.model, two_notes.folder, monkeypatch)
    return Shell(two_notes, monkeypatch, capfd)


def emptied(notes: Path) -> str:
    """Delete all notes, as an unmounted disk leaves its folder."""
    shutil.rmtree(notes)
    notes.mkdir()
    return f"there are no Markdown notes in {notes}"


def taken_away(notes: Path) -> str:
    """Delete the folder itself."""
    shutil.rmtree(notes)
    return f"there is no {notes}"


def replaced(notes: Path) -> str:
    """Put a file in the folder's place."""
    shutil.rmtree(notes)
    notes.write_text("")
    return f"{notes} is neither a folder nor a Markdown file"


@pytest.mark.parametrize("happens", [emptied, taken_away, replaced])
def test_notes_out_of_reach_are_mentioned(shell: Shell, happens: object) -> None:
    """Every form says on standard error that the answer is from the index alone, and why."""
    assert callable(happens)
    cause = happens(shell.case.notes)
    for form in ((), ("--code",), ("--paths",), ("--markdown",), ("--json",)):
        ran = shell("ask", *form, QUESTION)
        assert ran.code == 0
        assert ran.err == f"{cause}; the answer is from the index as it was built\n"
        assert "newer" not in ran.out
    assert shell("ask", "--json", QUESTION).record["unreadable"] == cause
    assert shell("status", "--json").record["unreadable"] == cause
    assert cause in shell("doctor").out


def test_one_of_several_folders_may_be_out_of_reach(shell: Shell) -> None:
    """An emptied folder among others is named, and its notes stay in the index."""
    beside = shell.case.folder / "beside"
    beside.mkdir()
    (beside / "quokka.md").write_text("# Quokka\n\nquokka\n")
    settings = shell.case.folder / "assistant.toml"
    settings.write_text('notes = ["notes", "beside"]\nindex = "index"\n')
    shell("build")
    (beside / "quokka.md").unlink()
    ran = shell("ask", "--json", "quokka")
    assert ran.record["unreadable"] == f"there are no Markdown notes in {beside}"
    assert ran.record["results"][0]["note"] == "quokka.md"
    settings.write_text('notes = ["notes"]\nindex = "index"\n')
    assert "unreadable" not in shell("ask", "--json", "quokka").record


def test_notes_that_are_gone_are_not_newer(shell: Shell) -> None:
    """An emptied folder leaves the index as it is; how many notes are gone is told as such."""
    count = 2 + sum(1 for _ in shell.case.notes.rglob("[0-9]*.md"))
    emptied(shell.case.notes)
    record = shell("ask", "--json", QUESTION).record
    assert record["gone_notes"] == count
    assert "newer_notes" not in record
    assert f"{count} notes are gone since the index was built.\n" in shell("ask", QUESTION).out


def test_some_notes_that_are_gone_are_told(shell: Shell) -> None:
    """Of many that are gone a build takes out what is left of them; few are taken out at once."""
    for file in shell.case.notes.rglob("*.md"):
        if file.name != "pytorch.md":
            file.unlink()
    ran = shell("ask", QUESTION)
    assert ran.err == ""
    many = MANY - 1
    told = f"{many} notes are gone since the index was built: `assistant build` takes them out."
    assert (told in ran.out) == (shell.case.writes == MANY)
    shell("build")
    assert "gone" not in shell("ask", QUESTION).out


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_without_permission_is_mentioned(shell: Shell) -> None:
    """A folder that may not be listed is named."""
    shell.case.notes.chmod(0)
    try:
        assert "cannot be listed" in shell("ask", "--json", QUESTION).record["unreadable"]
    finally:
        shell.case.notes.chmod(0o700)


def test_the_page_and_agents_hear_of_it(shell: Shell) -> None:
    """Both show the cause as a remark."""
    cause = taken_away(shell.case.notes)
    with Notes(load.load()) as notes:
        answer = notes.ask(QUESTION)
    assert f'<p class="remark">{cause}; the answer is from the index' in verdict(answer)
    assert [line for line in search_result(answer).remarks if line.startswith(cause)]
