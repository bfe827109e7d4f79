"""The command line: parse, call, render."""

from __future__ import annotations

import errno
import io
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

import assistant
from assistant import memory
from assistant.cli import common
from assistant.cli.commands import ask, completion, doctor, entries, mcp, quality, watch
from assistant.cli.commands import settings as command_settings
from assistant.cli.common import say, say_error
from assistant.cli.terminal.interrupts import raise_again
from assistant.cli.terminal.progress import Bar
from assistant.errors import (
    AssistantError,
    IndexBusyError,
    ModelUnavailableError,
    OutOfMemoryError,
    UsageError,
)
from assistant.settings import load, shortened
from assistant.text import counted, json_line, printable, printable_line

if TYPE_CHECKING:
    from assistant.library import Status

OUTPUT_FAILED = 74
"""Exit status when standard output cannot be written, as `sysexits.h` has it."""

PIPE_CLOSED = 141
"""Exit status when the reader of the output has gone, as of a program that SIGPIPE ended."""

COMMANDS = (
    "init build ask show open similar duplicates web watch mcp status doctor config eval why-not"
    " completion"
).split()
"""In the order in which a person comes to need them."""

MEMORY = {
    **dict.fromkeys(("show", "open", "status"), memory.READING),
    **dict.fromkeys(("similar", "duplicates", "doctor"), memory.SEARCHING),
    **dict.fromkeys(("build", "web", "watch", "mcp", "eval", "why-not"), memory.ENCODING),
    "ask": memory.ASKING,
}
"""Megabytes without which a command would end in the middle of a library."""


app = typer.Typer(
    help="Ask your Markdown notes: local, offline, without a language model.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line; the one place where errors for users are caught."""
    _prepare_streams()
    try:
        code = app(standalone_mode=False)
    except TyperException as error:  # its message repeats what the user typed
        shown = io.StringIO()
        error.show(shown)  # type: ignore[attr-defined] # every usage error has it
        say(shown.getvalue())
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
    index: Annotated[Path | None, typer.Option(metavar="DIR", help="Index folder.")] = None,
    color: Annotated[
        load.Color | None, typer.Option(help="Colours: on a terminal, always, or never.")
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Ask your Markdown notes: local, offline, without a language model."""
    if context.invoked_subcommand != "ask":
        raise_again()
    least = MEMORY.get(context.invoked_subcommand or "", 0)
    if lacking := memory.lack(least):
        raise (ModelUnavailableError if least >= memory.ASKING else OutOfMemoryError)(*lacking)
    context.obj = lambda: load.load(config_file, index, color)


@app.command("build")
def build(
    context: typer.Context,
    notes: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders and files; the settings' by default."),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read and cut every note again.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait while another process builds.")
    ] = False,
) -> None:
    """Bring the index up to date; only what changed is embedded.

    Example: assistant build ~/notes
    """
    from assistant.library import Notes

    given = [load.full_path(path, load.working_folder()) for path in notes or []]
    with Notes(common.settings(context)) as opened, Bar(sys.stderr) as bar:
        again = partial(opened.build, given or opened.usual_sources(), full=full, progress=bar)
        try:
            report = again()
        except IndexBusyError as error:
            if not wait:
                raise
            say(f"{printable_line(error.cause)}; waiting until it finishes")
            report = again(wait=True)
    manifest = report.manifest
    changed = (
        f"{counted(report.read, 'note')} read"
        if report.read or report.removed
        else "nothing changed"
    )
    removed = f", {report.removed:,} removed" if report.removed else ""
    say(
        f"{counted(manifest.notes, 'note')}, {counted(manifest.entries, 'entry', 'entries')},"
        f" {counted(manifest.chunks, 'chunk')}; {changed}{removed}, {report.embedded:,} embedded"
    )
    if manifest.skipped:
        say(f"{counted(len(manifest.skipped), 'file')} skipped; see `assistant status`")


@app.command("status")
def status(
    context: typer.Context,
    as_json: common.AsJson = False,
) -> None:
    """Show what the index holds and its age. Also what was skipped, and why.

    Example: assistant status --json
    """
    from assistant.library import Notes

    found = Notes(common.settings(context)).status()
    if as_json:
        common.print_json(json_line(found.to_record()))
    else:
        typer.echo(_status_text(found))


@app.command("web")
def web(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; the first free one from 8501.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Ask in the browser. It is served on this computer, to you alone.

    Example: assistant web
    """
    from assistant.web import access, start

    chosen = common.settings(context)
    with start.listen(port) as door:
        token = access.load()
        typer.echo(start.address(door.getsockname()[1], token))
        say("The page runs until Ctrl+C.")
        start.serve(chosen, door, token, browser=browser)


def _status_text(found: Status) -> str:
    lines = [f"{name:<10} {value}" for name, value in found.lines()]
    return "\n".join(printable(line) for line in lines)


mcp.register(app)
command_settings.register(app)
ask.register(app)
doctor.register(app)
quality.register(app)
entries.register(app)
watch.register(app)
completion.register(app)
app.registered_commands.sort(key=lambda command: COMMANDS.index(command.name or ""))
