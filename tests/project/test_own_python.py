"""Tests of the processes that the program starts: nothing of the working folder runs in them."""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from notes_of_page import write
from typer.testing import CliRunner

import assistant
from assistant import own_python
from assistant.cli import app, autostart
from assistant.embedding import background, export
from assistant.embedding.model import DEFAULT_MODEL
from assistant.library import build_process
from assistant.settings import load

PACKAGE = Path(assistant.__file__).parent


@pytest.fixture
def traps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_folder: Path) -> Path:
    """The working folder: notes, and a file that tells of itself for every module there is."""
    write(tmp_path)
    names = {*sys.stdlib_module_names, *packages_distributions(), "assistant", "sitecustomize"}
    names |= {name.partition(".")[0] for name in sys.modules} | {"usercustomize"}
    names |= {path.stem for path in PACKAGE.rglob("*.py")}
    for name in names:
        if name.isidentifier() and name != "__main__":
            trap = f"open({str(tmp_path / 'sprung')!r}, 'a').write({name!r} + '\\n')\n"
            (tmp_path / f"{name}.py").write_text(trap, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    return tmp_path


def sprung(folder: Path) -> list[str]:
    """The traps that ran."""
    file = folder / "sprung"
    return file.read_text("utf-8").split() if file.exists() else []


def test_a_trap_can_spring(traps: Path) -> None:
    """What the other tests look for happens to a Python that is started as most are."""
    subprocess.run([sys.executable, "-c", "import shelve"], capture_output=True)

    assert sprung(traps)


def test_a_build_runs_nothing_of_the_working_folder(traps: Path) -> None:
    """The process of the page's builds imports what is installed, and builds."""
    settings = load.load(environment={}, here=traps)
    report = build_process.build(settings, settings.notes, lambda done, total: None)

    assert report.read == 3
    assert sprung(traps) == []


def test_an_export_runs_nothing_of_the_working_folder(
    traps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that exports a model for agents, the page and `watch` imports what is installed.

    It imports here all that an export does.
    """
    ended: list[int] = []

    def run(command: list[str], **options: object) -> None:
        (code,) = (word for word in command if "import" in word)
        command[command.index(code)] = f"import sentence_transformers, torch, transformers; {code}"
        ended.append(really(command, **options).returncode)  # type: ignore[call-overload]

    really = subprocess.run
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(export, "ready", lambda *_, **__: None)
    background.open_encoder_apart(DEFAULT_MODEL).result(600)

    assert ended == [0]
    assert sprung(traps) == []


def test_a_unit_runs_nothing_of_the_home_folder(
    traps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line that `assistant watch --install` writes starts what is installed.

    systemd and launchd run it in a folder that nobody chose for it.
    """
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", str(PACKAGE.parent), "."]))
    told = CliRunner().invoke(
        app.app, ["--config", "assistant.toml", "watch", "--install", "--dry-run"]
    )
    lines = [line.partition("=") for line in told.stdout.splitlines()]
    (line,) = (value for name, _, value in lines if name == "ExecStart")
    given = dict(
        shlex.split(value)[0].split("=", 1) for name, _, value in lines if name == "Environment"
    )
    command = [*shlex.split(line)[:-1], "status"]
    environment = {**os.environ, **given}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)

    assert "there is no index" in done.stderr, done
    assert given["PYTHONPATH"] == str(PACKAGE.parent)
    assert sprung(traps) == []


def test_the_module_runs_no_more_of_the_working_folder_than_python_itself(traps: Path) -> None:
    """`python -m assistant` takes the working folder off the path before it imports anything."""
    (traps / "assistant.py").unlink()  # Python takes that one before any line of ours
    given = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-m", "assistant", "status"]
    done = subprocess.run(command, env=given, capture_output=True, text=True)

    assert "there is no index" in done.stderr, done
    assert sprung(traps) == []


def test_children_of_children_are_safe_too(traps: Path) -> None:
    """What a library starts by its own means from a process of ours has the same path."""
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import shelve'])"
    command, environment = own_python.command("-c", code), own_python.environment()
    subprocess.run(command, env=environment, check=True)

    assert sprung(traps) == []


def test_children_of_libraries_are_safe_for_a_while(traps: Path) -> None:
    """What a library starts while a model is exported is safe, and then all is as it was."""
    program = [sys.executable, "-c", "import shelve"]
    with own_python.safe_children():
        subprocess.run(program, check=True)
        assert sprung(traps) == []
    subprocess.run(program, capture_output=True)
    assert sprung(traps)


@pytest.mark.parametrize("path", ["", ":", "{0}:", ":{0}", "{0}::{1}", ".:{0}", "evil:{0}"])
def test_an_empty_part_of_pythonpath_is_not_the_working_folder(path: str, tmp_path: Path) -> None:
    """Parts that name no place of their own are left out, the others kept in their order."""
    parts = [str(tmp_path / "a"), str(tmp_path / "b")]
    given = path.replace(":", os.pathsep).format(*parts)
    found = own_python.environment({"PYTHONPATH": given})["PYTHONPATH"].split(os.pathsep)

    assert found[0] == str(PACKAGE.parent)
    assert found[1:] == [part for part in given.split(os.pathsep) if part in parts]


def test_the_environment_that_was_kept_is_what_children_get(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a library puts into the environment afterwards reaches no process of ours."""
    monkeypatch.setattr(own_python, "_kept", None)
    monkeypatch.setenv("ASSISTANT_MODEL", "mine")
    own_python.keep_environment()
    for name in ("ASSISTANT_MODEL", "PYTHONPATH", "LD_PRELOAD"):
        monkeypatch.setenv(name, "/evil")
    found = own_python.environment()

    assert found["ASSISTANT_MODEL"] == "mine"
    assert "/evil" not in found["PYTHONPATH"].split(os.pathsep)
    assert found.get("LD_PRELOAD") != "/evil"


def test_every_python_is_started_by_one_module() -> None:
    """No other module names the interpreter, so that none forgets what keeps it safe."""
    naming = [
        path.stem
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "executable"
    ]
    assert naming == [own_python.__name__.rpartition(".")[2]]


def test_a_unit_of_launchd_has_the_same_command() -> None:
    """Both systems are given the same words."""
    words = own_python.command("-m", "assistant", "watch")
    made = autostart.unit("darwin", Path("/home/me"), words, {})

    assert all(f"<string>{word}</string>" in made.content for word in words)
    assert "-P" in words
