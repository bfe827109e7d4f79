"""The first minute: a fresh home, a folder of notes, and whoever asks before reading anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from indexes import PYTORCH, TOOLS
from typist import PATIENCE, Typist

ROOT = Path(__file__).parents[2]

QUESTION = "how do I free GPU memory"

ASK = [sys.executable, "-m", "assistant", "ask", QUESTION]


@pytest.fixture
def home(tmp_path: Path, model_folder: Path) -> Path:
    """A home with a vault of two notes, and nothing of ours."""
    assert model_folder
    vault = tmp_path / "vault"
    (vault / "deep").mkdir(parents=True)
    (vault / "pytorch.md").write_text(PYTORCH)
    (vault / "deep" / "tools.md").write_text(TOOLS)
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    """Return the variables of a user whose home that is; the model is the one that is there."""
    folders = {f"XDG_{name}_HOME": str(home / f".{name}") for name in ("CONFIG", "DATA", "STATE")}
    return {"HOME": str(home), "PYTHONPATH": str(ROOT), "PAGER": "cat", **folders}


def ran(folder: Path, home: Path, *arguments: str) -> tuple[int, str, str]:
    """Return how a command in a pipe ended, and what it wrote."""
    done = subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        cwd=folder,
        env={**os.environ, **environment(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def files(folder: Path) -> list[str]:
    """Return the files below a folder."""
    return sorted(str(at.relative_to(folder)) for at in folder.rglob("*") if at.is_file())


def test_a_question_in_a_folder_of_notes(home: Path) -> None:
    """One key indexes the notes and answers; the index lies elsewhere, and is found from there."""
    vault = home / "vault"
    code, out, err = ran(vault, home, "ask", QUESTION)
    assert (code, out) == (3, "")
    assert "assistant build NOTES" in err

    with Typist(ASK, vault, environment(home)) as typist:
        assert "Index 2 Markdown notes in ~/vault?" in typist.until("[Y/n] ")
        typist.type("\n")
        assert typist.leave() == 0
        assert "torch.cuda.empty_cache" in typist.seen

    assert files(vault) == ["deep/tools.md", "pytorch.md"]
    for folder in (vault, vault / "deep", home):
        code, out, err = ran(folder, home, "ask", QUESTION)
        assert (code, err) == (0, "")
        assert "pytorch.md:" in out


def test_many_notes_answer_by_their_words_before_they_are_read(home: Path) -> None:
    """Nobody waits for all to be embedded; a process reads on, and ends when it has."""
    vault = home / "vault"
    parts = (f"## Part {n}\n\n{f'shelf {n} holds books about boats. ' * 24}\n\n" for n in range(60))
    (vault / "long.md").write_text("".join(parts))
    # No pace is measured in a cache of its own, so that an old laptop's counts.
    own = {"XDG_CACHE_HOME": str(home / ".CACHE"), "ASSISTANT_BACKGROUND": "true"}
    with Typist(ASK, vault, {**environment(home), **own}) as typist:
        typist.until("[Y/n] ")
        typist.type("\n")
        assert typist.leave() == 0
        assert "the rest is found by its words alone" in typist.seen
        assert "torch.cuda.empty_cache" in typist.seen

    end = time.monotonic() + PATIENCE
    while json.loads(ran(vault, home, "status", "--json")[1])["read"] < 1:
        assert time.monotonic() < end


def test_whoever_does_not_want_that(home: Path) -> None:
    """`n` indexes nothing, and says how else; so does a folder without notes."""
    with Typist(ASK, home / "vault", environment(home)) as typist:
        typist.until("[Y/n] ")
        typist.type("n\n")
        assert typist.leave() == 3
        assert "assistant build NOTES" in typist.seen
    assert not (home / ".DATA").exists()
    (home / "empty").mkdir()
    assert ran(home / "empty", home, "ask", QUESTION)[0] == 3


def test_other_notes_are_not_passed_over_in_silence(home: Path) -> None:
    """In a folder of notes that are not indexed, those indexed last answer, and that is said."""
    assert ran(home, home, "build", "vault")[0] == 0
    (home / "other").mkdir()
    (home / "other" / "mine.md").write_text("# Mine\n\nText.\n")
    code, out, err = ran(home / "other", home, "ask", QUESTION)
    assert (code, "pytorch.md:" in out) == (0, True)
    assert "assistant build ." in err


def test_init_finds_the_notes_of_the_working_folder(home: Path) -> None:
    """Also one folder down, whatever that is called; an index in a vault is kept out of git."""
    project = home / "project"
    (project / "n").mkdir(parents=True)
    (project / "n" / "a.md").write_text(PYTORCH)
    code, out, err = ran(project, home, "init", "--yes")
    assert (code, err) == (0, "")
    assert f"{project} (1 note)" in out
    assert ran(project, home, "build")[0] == 0
    assert (project / "index" / ".gitignore").read_text().endswith("\n*\n")
    assert ran(project, home, "ask", QUESTION)[0] == 0
