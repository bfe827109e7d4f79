"""What the commands do alike: take the settings, print JSON, say things on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.text import printable, printable_line

if TYPE_CHECKING:
    from assistant.errors import AssistantError
    from assistant.settings import Settings


COUNT = ("-k", "-n", "--limit", "--count")
"""Names of the option that says how many."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
"""The option of the commands that print one object."""


def settings(context: typer.Context) -> Settings:
    """Return the settings in force, as the options before the command have them.

    Raises:
        ConfigError: The settings file is missing or wrong.
    """
    return loader(context)()


def loader(context: typer.Context) -> Callable[[], Settings]:
    """Return what reads the settings in force, for those who follow changes of them."""
    load: Callable[[], Settings] = context.obj
    return load


def print_json(line: str) -> None:
    """Print a line of JSON, in ASCII where standard output cannot write everything."""
    if (sys.stdout.encoding or "").lower() not in ("utf-8", "utf8"):
        line = json.dumps(json.loads(line))
    typer.echo(line)


def say(text: str) -> None:
    """Write a message to standard error, without control characters of a terminal."""
    typer.echo("\n".join(printable(line) for line in text.splitlines()), err=True)


def say_error(error: AssistantError) -> None:
    """Write the cause and the remedy of an error, a line each."""
    say(f"Error: {printable_line(error.cause)}")
    say(printable_line(error.remedy))
