"""Shell completion: the words offered, and the scripts in the shells that are installed."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from indexes import PYTORCH, TOOLS, Case
from shell import Shell, stand_in_folder
from typist import TAB, Typist

ROOT = Path(__file__).parents[2]

HOSTILE = "a 'b' $(touch hacked) `touch hacked`.md"

BREAKS = "\"'><=;|&(:"
"""Where bash splits words unless told otherwise."""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shell:
    """Three indexed notes, one with a name that would like to be a command."""
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.write("work/my tools.md", f"---\ntags: [linux]\n---\n{TOOLS}")
    case.write(HOSTILE, "# Hostile\n\nText.\n")
    case.build()
    stand_in_folder(case.model, tmp_path, monkeypatch)
    return Shell(case, monkeypatch, capfd)


def offered(shell: Shell, *words: str) -> list[str]:
    """Return the kind and the values that are offered for the last word, as to zsh."""
    ran = shell("completion", "zsh", "--", *words[:-1], f"={words[-1]}")
    assert (ran.code, ran.err) == (0, "")
    return [line.partition("\t")[0] for line in ran.out.splitlines()]


def test_commands_options_and_files(shell: Shell) -> None:
    """Commands and options are offered by their beginning; files are left to the shell."""
    assert offered(shell, "st") == ["words", "status"]
    assert offered(shell, "show", "--con") == ["words", "--context"]
    assert offered(shell, "completion", "") == ["words", "bash", "zsh", "fish", "powershell"]
    assert offered(shell, "ask", "--batch", "q") == ["files"]
    assert offered(shell, "--config", "a") == ["files"]
    assert offered(shell, "ask", "how") == ["words"]


def test_notes_folders_and_tags(shell: Shell) -> None:
    """Options of `ask` offer what is in the index, also after an equals sign."""
    assert offered(shell, "ask", "q", "--note", "w") == ["words", "work/", "work/my tools.md"]
    assert offered(shell, "ask", "q", "--note=p") == ["words", "--note=pytorch.md"]
    assert offered(shell, "ask", "--note", "my") == ["words", "work/my tools.md"]
    assert offered(shell, "ask", "--tag", "") == ["words", "linux"]


@pytest.mark.parametrize("command", ["show", "open", "similar", "why-not"])
def test_places(shell: Shell, command: str) -> None:
    """A note by its name, its lines by number and by heading, headings of all notes by a word."""
    assert offered(shell, command, "")[1:] == [HOSTILE, "pytorch.md", "work/my tools.md"]
    lines = offered(shell, command, "pytorch.md:")[1:]
    assert lines[:2] == ["pytorch.md:1", "pytorch.md:3"]
    assert offered(shell, command, "py") == ["words", "pytorch.md", *lines]
    assert offered(shell, command, "pytorch.md:3") == ["words", "pytorch.md:3"]
    assert offered(shell, command, "pytorch.md:gpu") == ["headings", "pytorch.md:3"]
    assert offered(shell, command, "GPU mem") == ["headings", "pytorch.md:3"]
    assert offered(shell, command, "zyzzyva") == ["headings"]


def test_completion_never_builds_and_never_complains(shell: Shell, tmp_path: Path) -> None:
    """Without an index, with a broken one or broken settings, nothing is offered nor said."""
    assert offered(shell, "--index", str(tmp_path / "none"), "show", "") == ["words"]
    assert not (tmp_path / "none").exists()
    (tmp_path / "assistant.toml").write_text("notes = [")
    assert offered(shell, "show", "") == ["words"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("assistant show py", "pytorch.md"),
        ("X=1 assistant show pytorch.md:gpu", "3"),
        ('assistant show "pytorch.md:gpu', "pytorch.md:3"),
        ("assistant show 'pytorch.md:gpu", "pytorch.md:3"),
        ("assistant ask --note work/my", "work/my\\ tools.md"),
        ("assistant ask --note work/my\\ t", "work/my\\ tools.md"),
        ("assistant ask --note 'work/my t", "work/my tools.md"),
        ("assistant ask --note 'a ", "a '\\''b'\\'' $(touch hacked) `touch hacked`.md"),
        ('assistant ask --note "a ', "a 'b' \\$(touch hacked) \\`touch hacked\\`.md"),
    ],
)
def test_words_of_bash(shell: Shell, line: str, expected: str) -> None:
    """Quotes, blanks and colons are taken as bash takes them, and what is offered reads back."""
    ran = shell("completion", "bash", "--", line, BREAKS)
    assert ran.out.splitlines()[1].partition("\t")[0] == expected


# The scripts, in real shells with the real command


@pytest.fixture
def path(shell: Shell, tmp_path: Path) -> dict[str, str]:
    """An environment in which `assistant` is the command of this tree."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin/assistant"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m assistant "$@"\n')
    command.chmod(0o755)
    found = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": found, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PS1": "$ "}


def installed(shell: str) -> None:
    """Skip a test of a shell that is not there."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")


@pytest.mark.parametrize(
    ("name", "options"), [("bash", ["--norc", "--noprofile", "-i"]), ("zsh", ["-f", "-i"])]
)
def test_keys_in_a_shell(shell: Shell, path: dict[str, str], name: str, options: list[str]) -> None:
    """The key completes commands, notes and headings, and a hostile name reaches no shell."""
    installed(name)
    with Typist([name, *options], shell.case.folder, path) as typist:
        if name == "zsh":
            typist.type("autoload -Uz compinit; compinit -u -D\n")
        typist.type(f"source <(assistant completion {name}); echo rea''dy\n")
        typist.until("ready")
        for typed, whole in (
            ("assistant sta", "status "),
            ("assistant show pytorch.md:gpu", "pytorch.md:3 "),
            ("assistant ask --note work/my", r"work/my\ tools.md "),
            ("assistant show a", "hacked"),
        ):
            typist.type(typed + TAB)
            typist.until(whole.split(":")[-1].strip())
            typist.type("\x15")  # Ctrl-U: the line is not run
        typist.type("assistant show 'a" + TAB + "' >out; echo do''ne\n")
        typist.until("done")
    assert not (shell.case.folder / "hacked").exists()


@pytest.fixture
def bash(shell: Shell, path: dict[str, str]) -> Iterator[Typist]:
    """A bash that completes, and that says what stands on its line when told to."""
    installed("bash")
    with Typist(["bash", "--norc", "--noprofile", "-i"], shell.case.folder, path) as typist:
        typist.type("source <(assistant completion bash); HISTFILE=; echo rea''dy\n")
        typist.until("ready")
        # Ctrl-T shows the line; the shell quotes it, so that it is no echo of what was typed.
        typist.type('shown() { printf "\\n<%q>\\n" "$READLINE_LINE"; READLINE_LINE=; }\n')
        typist.type("bind -x '\"\\C-t\": shown'; echo bou''nd\n")
        typist.until("bound")
        yield typist


def line_of(bash: Typist, keys: str) -> str:
    """Type keys; return the line as it stands then."""
    bash.type(keys + "\x14")
    bash.until("\n<")
    return bash.until(">\r\n").removesuffix(">\r\n").replace("\\ ", " ")


MENU = "bind 'TAB: menu-complete'"
ALL = "bind 'TAB: insert-completions'"
AMBIGUOUS = "bind 'set show-all-if-ambiguous on'"
UNMODIFIED = "bind 'set show-all-if-unmodified on'"
PREFIX = f"{MENU}; bind 'set menu-complete-display-prefix on'"


@pytest.mark.parametrize(
    ("setting", "typed", "line"),
    [
        (MENU, f"assistant s{TAB}{TAB}", "assistant similar"),
        (MENU, f"assistant show mem{TAB}", "assistant show pytorch.md:3"),
        (MENU, f"assistant show pytorch.md:a{TAB}", "assistant show pytorch.md:11"),
        (PREFIX, f"assistant s{TAB}{TAB}", "assistant show"),
        (ALL, f"assistant s{TAB}", "assistant show similar status"),
        (AMBIGUOUS, f"assistant show pytorch.md:a{TAB}", "assistant show pytorch.md:a"),
        (UNMODIFIED, f"assistant s{TAB}", "assistant s"),
        ("true", f"assistant s{TAB}{TAB}", "assistant s"),
        ("true", f"assistant show pytorch.md:a{TAB}{TAB}", "assistant show pytorch.md:a"),
        ("true", f"assistant show pyt{TAB}", "assistant show pytorch.md"),
    ],
)
def test_no_description_comes_onto_the_line(
    bash: Typist, setting: str, typed: str, line: str
) -> None:
    """Whichever of readline's commands completes, it puts values on the line and nothing else."""
    bash.type(f"{setting}; echo s''et\n")
    bash.until("set\r\n")
    assert line_of(bash, typed).rstrip() == line


def test_a_list_in_bash_says_what_the_values_are(bash: Typist) -> None:
    """The second key lists the values with their descriptions, below the line."""
    bash.type("assistant show pytorch.md:a" + TAB + TAB)
    bash.until("11  (Count parameters)")
    bash.until("assistant show pytorch.md:a")
    assert line_of(bash, "") == "assistant show pytorch.md:a"


def test_fish(shell: Shell, path: dict[str, str]) -> None:
    """The script of fish offers notes and headings with what they are."""
    installed("fish")
    program = "assistant completion fish | source; complete -C $argv[1]"

    def of(line: str) -> list[str]:
        done = subprocess.run(
            ["fish", "--no-config", "-c", program, line],
            cwd=shell.case.folder,
            env={**os.environ, **path},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    assert any(line.startswith("status\t") for line in of("assistant sta"))
    assert "pytorch.md:3\tFree GPU memory" in of("assistant show pytorch.md:")
    assert "work/my tools.md" in [line.rstrip("\t") for line in of("assistant ask --note work/my")]


def test_every_script_names_its_installation(shell: Shell) -> None:
    """Each script begins with how to use it, and calls the command for its own shell."""
    for name in ("bash", "zsh", "fish", "powershell"):
        ran = shell("completion", name)
        assert ran.code == 0
        assert f"assistant completion {name}" in ran.out.partition("\n\n")[0]
        assert f" completion {name} -- " in ran.out
