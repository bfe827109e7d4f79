"""The words of a command line, as people type them, to those that the parser takes."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import assistant
from assistant.cli import command_line
from assistant.cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("ask x --index i", "--index i ask x"),
        ("ask x --config=f -k 2 --color never", "--config=f --color never ask x -k 2"),
        ("ask -- x --index i", "ask -- x --index i"),
        ("show a.md --index", "--index show a.md"),
        ("version", "--version"),
        ("help", "--help"),
        ("help ask", "ask --help"),
        ("help nonsense", "--help"),
        ("how do I free memory", "ask how do I free memory"),
        ("free gpu memory now", "ask free gpu memory now"),
        ("--json what is einsum", "--json what is einsum"),
        ("怎么释放显存", "ask 怎么释放显存"),
        ("serach gpu memory now", "serach gpu memory now"),
        ("einsum", "einsum"),
        ("status", "status"),
        ("-h", "-h"),
        ("-- what is -1", "-- what is -1"),
        ("", ""),
    ],
)
def test_words_are_put_in_order(typed: str, taken: str) -> None:
    """Global options go first wherever they stand, and a question alone is asked."""
    assert command_line.arranged(typed.split(), COMMANDS) == taken.split()


def test_a_quoted_question_is_asked() -> None:
    """One word with spaces in it is no command."""
    assert command_line.arranged(["free gpu"], COMMANDS) == ["ask", "free gpu"]
    assert command_line.arranged(["--index", "i", "free gpu"], COMMANDS)[2] == "ask"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("serach", "ask"), ("biuld", "build"), ("ls", "list"), ("stauts", "status"), ("xyz", "")],
)
def test_commands_that_were_meant(typed: str, meant: str) -> None:
    """What is misspelt, or is another program's name for it, gets the nearest; else nothing."""
    assert command_line.command_meant(typed, COMMANDS) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("--top-k", "-k"), ("--jsn", "--json"), ("--folder", "--note"), ("--qqqq", "")],
)
def test_options_that_were_meant(typed: str, meant: str) -> None:
    """Likewise of options; none is offered that only shares a letter."""
    known = ["-k", "-n", "--limit", "--json", "--note", "--open", "--code"]
    assert command_line.option_meant(typed, known) == meant


def test_what_other_programs_say_means_commands_and_options_there_are() -> None:
    """The lists of names that people guess lead to what there is."""
    assert set(command_line.MEANT.values()) <= set(COMMANDS)
    assert not set(command_line.MEANT) & set(COMMANDS)


def test_both_names_of_the_program_and_the_module_are_one() -> None:
    """`assistant` is also another program's name, so that there are two more ways to start it."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts["assistant"] == scripts["notes-assistant"]
    ran = subprocess.run(
        [sys.executable, "-m", "assistant", "-V"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"assistant {assistant.__version__}\n"
