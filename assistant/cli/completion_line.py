"""What stands on a command line when the key for completion is pressed, and what it may become.

Typer finds which parameter a word is of; its own scripts are not used, since they let the shell
evaluate names of notes and know nothing of words with a colon.
"""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from assistant.cli import command_line
from assistant.settings import load

if TYPE_CHECKING:
    from assistant.library import Wanted

NAMES: dict[str, Wanted] = {
    "NOTE[:LINE]": "place",
    "[NOTE]": "notes",
    "GLOB": "notes",
    "TAG": "tag",
    "LANGUAGE": "language",
}
"""What parameters name of an index, by how the help calls them."""

ASSIGNMENT = re.compile(r"\w+=.*", re.DOTALL)
"""A variable that a shell sets for one command."""

BARE = re.compile(r"([^\w@%+=:,./-])")
"""What bash would read as more than a character of a word."""

IN_QUOTES = re.compile(r'(["$`\\])')
"""The same between double quotes."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands on the line when the key is pressed."""

    before: list[str]
    """Whole words before the one to complete, the program left out."""
    word: str
    """As far as it is typed, without quotes."""
    quote: str = ""
    """The quote that it is in, where the shell does not quote by itself."""
    start: int = 0
    """Where in ``word`` begins what the shell replaces."""


def of_bash(line: str, breaks: str) -> Typed:
    """Return what is typed in bash, which splits words at a colon even where it is part of them.

    Args:
        line: The command line up to the cursor.
        breaks: ``$COMP_WORDBREAKS``.
    """
    for quote in ("", '"', "'"):  # one that is still open is closed
        with suppress(ValueError):
            words = shlex.split(f"{line}x{quote}")  # a letter more, lest an empty word be lost
            break
    words[-1] = words[-1][:-1]
    while len(words) > 1 and ASSIGNMENT.fullmatch(words[0]):
        del words[0]
    word = words[-1]
    start = (
        0 if quote else 1 + max((word.rfind(mark) for mark in ":=" if mark in breaks), default=-1)
    )
    return Typed(words[1:-1], word, quote, start)


def candidates(here: typer.Context, typed: Typed) -> tuple[str, list[tuple[str, str]]]:
    """Return what a word may become, each with what is said about it.

    Returns:
        ``words``; ``headings`` when those are lines whose headings hold the word; or ``files``
        when files are meant, which the shell knows better. Then values and descriptions.

    Raises:
        AssistantError: There is no usable index to take them from.
    """
    # Private, and by far the best judge; the version of Typer is pinned to a minor one.
    from typer._click.shell_completion import _resolve_context, _resolve_incomplete

    before = command_line.globals_first(typed.before)
    context = _resolve_context(here.find_root().command, {}, "assistant", before)
    asked, word = _resolve_incomplete(context, before, typed.word)
    prefix = typed.word[: len(typed.word) - len(word)]
    metavar = getattr(asked, "metavar", None)
    kind_of_value = getattr(getattr(asked, "type", None), "name", "")
    if metavar == "FILE|-" or kind_of_value in ("path", "file", "directory"):
        return "files", []
    if metavar in NAMES:
        from assistant.library import Notes

        options = context.find_root().params
        settings = load.load(options.get("config_file"), options.get("index"))
        with Notes(settings) as notes:
            kind, found = notes.complete(NAMES[metavar], word)
    else:
        items = asked.shell_complete(context, word)
        kind, found = "words", [(item.value, item.help or "") for item in items]
    return kind, [(prefix + value, about) for value, about in found]


def quoted(value: str, quote: str) -> str:
    """Return a value as it is to stand on a line of bash; the other shells see to that."""
    if quote == "'":
        return value.replace("'", "'\\''")
    return (IN_QUOTES if quote else BARE).sub(r"\\\1", value)
