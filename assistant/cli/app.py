"""The command line: parse, call, render."""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

import assistant
from assistant import memory
from assistant.cli import command_line
from assistant.cli.commands import COMMANDS
from assistant.cli.common import say, say_error
from assistant.cli.terminal.interrupts import raise_again
from assistant.errors import (
    AssistantError,
    ModelUnavailableError,
    OutOfMemoryError,
    UsageError,
)
from assistant.settings import load, shortened

OUTPUT_FAILED = 74
"""Exit status when standard output cannot be written, as `sysexits.h` has it."""

PIPE_CLOSED = 141
"""Exit status when the reader of the output has gone, as of a program that SIGPIPE ended."""


HELP = {"help_option_names": ["--help", "-h"]}
"""What Typer is told of every command."""


class Commands(Mapping[str, Any]):
    """The commands of the table, each of which is imported when it is looked up."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 # Typer's class for it is private
        command = COMMANDS[name]
        module = importlib.import_module(f"assistant.cli.commands.{command.module}")
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(name, context_settings=HELP)(getattr(module, command.function))
        return typer.main.get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Group(TyperGroup):
    """The command line as a whole, which imports no command but the one that is called."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 # handed on
        """Take the commands from the table, and the rest as Typer has it."""
        super().__init__(**options)
        self.commands: Any = Commands()

    def list_commands(self, _: object) -> list[str]:
        """Return the names of the commands in the order of the table."""
        return list(COMMANDS)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 # Typer's, private
        """Return the command that a name means.

        Raises:
            UsageError: There is none of that name.
        """
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            raise unknown_command(args[0])
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=Group,
    help="Ask your Markdown notes: local, offline, without a language model.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=HELP,
)


def unknown_command(name: str) -> UsageError:
    """Return the error for a command that there is not, with the one that was probably meant."""
    near = command_line.command_meant(name, COMMANDS)
    meant = f"did you mean `assistant {near}`? " if near else ""
    return UsageError(
        f"there is no command {shortened(name)}",
        f'{meant}`assistant --help` lists them; to ask: assistant ask "how do I ..."',
    )


def main() -> None:
    """Run the command line; the one place where errors for users are caught."""
    _prepare_streams()
    try:
        code = app(command_line.arranged(sys.argv[1:], COMMANDS), standalone_mode=False)
    except TyperException as error:
        _say_usage(error)
        sys.exit(error.exit_code)
    except AssistantError as error:
        say_error(error)
        sys.exit(error.exit_code)
    except Exception as error:
        refused = _refused_by_system(error)
        if refused is None:
            raise  # a bug
        code, told = refused
        say(told)
        sys.exit(code)
    except SystemExit as leaving:
        # Typer leaves with 1 when the reader has gone, such as `head`; to us 1 means no answer.
        closed = isinstance(leaving.__context__, BrokenPipeError)
        sys.exit(PIPE_CLOSED if closed else leaving.code)
    if code:
        sys.exit(code)


def _say_usage(error: TyperException) -> None:
    """Say what the parser does not take, and what it would; both may repeat what was typed."""
    kind = type(error).__name__  # Typer keeps these classes to itself
    if kind == "NoArgsIsHelpError":
        say(error.format_message())
        return
    context = getattr(error, "ctx", None)
    path = "assistant" if context is None else context.command_path
    remedy = f"see `{path} --help`"
    cause = error.format_message().rstrip(".")
    if kind == "NoSuchOption":
        name = str(getattr(error, "option_name", ""))
        cause = f"`{path}` has no option {name}"
        options = (
            [o for p in context.command.get_params(context) for o in p.opts] if context else []
        )
        if near := command_line.option_meant(name, options):
            remedy = f"did you mean {near}? {remedy}"
        if path.endswith(" ask"):
            remedy += '; a question that begins with a dash follows two: ask -- "-1 degrees"'
    say(f"Error: {cause[:1].lower()}{cause[1:]}" if kind != "NoSuchOption" else f"Error: {cause}")
    say(remedy)


def _refused_by_system(error: Exception) -> tuple[int, str] | None:
    """Return exit status and message where the system has no memory, disk or such a file."""
    if memory.is_used_up(error):
        reason = str(error).strip().splitlines() or [type(error).__name__]
        cause = f"Error: out of memory: {reason[0]}"
        return OutOfMemoryError.exit_code, f"{cause}\n{memory.REMEDY}"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO):
        # Elsewhere than on the way out these two have become errors of the index.
        cause = f"Error: the output cannot be written: {error.strerror}"
        return OUTPUT_FAILED, f"{cause}\nfree some disk space"
    if isinstance(error, OSError) and error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
        cause = f"Error: {shortened(error.filename)} cannot be opened: {error.strerror}"
        return UsageError.exit_code, f"{cause}\nname another"
    return None


def _prepare_streams() -> None:
    """See to it that there are three streams, and that what cannot be written is escaped."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller; the next file opened would be it
            nowhere = Path(os.devnull).open("r+", encoding="utf-8")  # noqa: SIM115 # it stays open
            setattr(sys, name, nowhere)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # not every terminal can write Chinese


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"assistant {assistant.__version__}")
        raise typer.Exit


@app.callback()
def settings(
    context: typer.Context,
    config_file: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings file.")
    ] = None,
    index: Annotated[
        str | None, typer.Option(metavar="DIR", help="Index folder, or a server's address.")
    ] = None,
    color: Annotated[
        load.Color | None,
        typer.Option(metavar="WHEN", help="Colours: auto (on a terminal), always, or never."),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Ask your Markdown notes: local, offline, without a language model."""
    if context.invoked_subcommand != "ask":
        raise_again()
    command = COMMANDS.get(context.invoked_subcommand or "")
    least = command.memory if command else 0
    if lacking := memory.lack(least):
        raise (ModelUnavailableError if least >= memory.ASKING else OutOfMemoryError)(*lacking)
    context.obj = lambda: load.load(config_file, index, color)
