"""Odd paths, names and variables, in every command that takes one: told, never a traceback."""

from __future__ import annotations

import os

import pytest
from indexes import Case, uncalibrated
from shell import Shell, stand_in_folder

from assistant.cli.terminal.pager import page

VALUES = {
    "empty": "",
    "blank": " ",
    "unknown home": "~nosuchuser/x",
    "unknown home alone": "~nosuchuser",
    "link to itself": "loop",
    "below a link to itself": "loop/x.md",
    "long name": "x" * 5000,
    "long path": "a/" * 3000 + "x.md",
    "not UTF-8": "a\udcff.md",
    "lone surrogate": "a\ud800.md",
    "NUL": "a\0b",
    "escape": "\x1b[31mx",
    "line feed": "a\nb.md:1",
    "FIFO": "fifo",
    "folder": "folder",
    "file for a folder": "pytorch.txt/x",
    "socket or device": "/dev/null",
    "line too large": "pytorch.md:99999999999999999999999",
    "line nought": "pytorch.md:0",
    "glob": "[",
    "option": "-",
}

NOT_TYPED = {"lone surrogate", "NUL"}
"""What only comes through `assistant mcp` and from Python, where places are taken as well."""

TAKES_PLACES = ("show", "open", "similar", "why-not", "ask --note", "ask --tag", "ask --since")

COMMANDS = {
    "show": ["show", "--", "{}"],
    "open": ["open", "--", "{}"],
    "similar": ["similar", "--", "{}"],
    "why-not": ["why-not", "--", "{}", "free gpu memory"],
    "why-not question": ["why-not", "--", "pytorch.md", "{}"],
    "build": ["build", "--", "{}"],
    "ask": ["ask", "--json", "--", "{}"],
    "ask --note": ["ask", "free gpu memory", "--json", "--note={}"],
    "ask --tag": ["ask", "free gpu memory", "--json", "--tag={}"],
    "ask --since": ["ask", "free gpu memory", "--json", "--since={}"],
    "ask --batch": ["ask", "--json", "--batch={}"],
    "eval": ["eval", "--", "{}"],
    "model": ["model", "--", "{}"],
    "model back": ["model", "back", "--", "{}"],
    "--config": ["--config={}", "status"],
    "--index": ["--index={}", "status"],
    "--index ask": ["--index={}", "ask", "free gpu memory", "--json"],
    "--index build": ["--index={}", "build"],
    "--color": ["--color={}", "status"],
    "completion": ["completion", "{}"],
    "completion of a place": ["completion", "zsh", "--", "show", "={}"],
    "completion of bash": ["completion", "bash", "--", "assistant show {}"],
    "command": ["{}"],
    "init": ["init", "--", "{}"],
}

VARIABLES = {
    "ASSISTANT_CONFIG": ["status"],
    "ASSISTANT_INDEX": ["status"],
    "ASSISTANT_NOTES": ["build"],
    "ASSISTANT_INCLUDE": ["build"],
    "ASSISTANT_EXCLUDE": ["build"],
    "ASSISTANT_RESULTS": ["ask", "free gpu memory"],
    "ASSISTANT_COLOR": ["status"],
    "ASSISTANT_EDITOR": ["open", "pytorch.md"],
    "ASSISTANT_EDITOR_LINK": ["config"],
    "EDITOR": ["open", "pytorch.md"],
    "VISUAL": ["open", "pytorch.md"],
    "PAGER": ["--color=always", "show", "pytorch.md"],
    "LESS": ["--color=always", "show", "pytorch.md"],
    "COLUMNS": ["--color=always", "ask", "free gpu memory"],
    "LINES": ["--color=always", "ask", "free gpu memory", "-k", "10"],
    "TERM": ["--color=always", "ask", "free gpu memory"],
    "NO_COLOR": ["ask", "free gpu memory"],
    "TZ": ["build"],
    "HOME": ["status"],
    "XDG_CONFIG_HOME": ["config"],
    "XDG_DATA_HOME": ["status"],
    "XDG_CACHE_HOME": ["status"],
    "XDG_STATE_HOME": ["status"],
    "TMPDIR": ["build"],
}
WORDS = {**VALUES, "open quote": '"x', "quotes of nothing": "''", "backslash": "\\"}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """An indexed note, among things that are no notes."""
    case = Case(tmp_path_factory.mktemp("odd"))
    case.write("pytorch.md", "# PyTorch\n\n## Free GPU memory\n\nCall `empty_cache()`.\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assistant.indexing.build._calibration", uncalibrated)
        case.build()
    (case.folder / "loop").symlink_to("loop")
    os.mkfifo(case.folder / "fifo")
    (case.folder / "folder").mkdir()
    (case.folder / "pytorch.txt").touch()
    return case


@pytest.fixture
def shell(case: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    """Runs commands there, with an editor that does nothing."""
    monkeypatch.setattr("assistant.indexing.build._calibration", uncalibrated)
    stand_in_folder(case.model, case.folder, monkeypatch)
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.setenv(name, "true")
    return Shell(case, monkeypatch, capfd)


@pytest.mark.parametrize("command", COMMANDS)
def test_odd_arguments_are_told(shell: Shell, command: str) -> None:
    """Whatever is given, a command ends by one of its exit codes, a wrong one with a remedy."""
    for name, value in VALUES.items():
        if command in ("ask --batch", "eval") and name == "FIFO":
            continue  # it is waited for, as `<(command)` is
        if name in NOT_TYPED and not command.startswith(TAKES_PLACES):
            continue
        ran = shell(*(part.replace("{}", value) for part in COMMANDS[command]))
        assert ran.code in (0, 1, 2, 3, 4, 5), name
        if ran.code > 1 and not ran.out and "Usage: " not in ran.err:
            cause, remedy = ran.err.splitlines()[-2:]
            assert cause.startswith("Error: "), name
            assert remedy, name


@pytest.mark.parametrize("variable", VARIABLES)
def test_odd_variables_are_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Whatever a variable holds that a system can put there, the same."""
    for name, value in WORDS.items():
        if name not in NOT_TYPED:
            monkeypatch.setenv(variable, value)
            assert shell(*VARIABLES[variable]).code in (0, 1, 2, 3, 4, 5), name


@pytest.mark.parametrize("variable", ["VISUAL", "EDITOR", "ASSISTANT_EDITOR"])
def test_an_editor_that_cannot_be_read_is_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """An open quote in the editor's command is an error that repeats it."""
    monkeypatch.delenv("VISUAL")
    monkeypatch.setenv(variable, '"x')
    ran = shell("open", "pytorch.md")
    cause, remedy = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert cause == "Error: the editor '\"x' cannot be started: No closing quotation"
    assert remedy == "set EDITOR to your editor"


@pytest.mark.parametrize("pager", ['"x', "\\", "no-such-pager", ""])
def test_without_a_pager_that_can_be_read_the_text_is_written(
    capsys: pytest.CaptureFixture[str], pager: str
) -> None:
    """What should go through a pager that cannot be started is written all the same."""
    page("a\n" * 50, 10, {"PAGER": pager, "PATH": os.environ["PATH"]})
    assert capsys.readouterr().out == "a\n" * 50
