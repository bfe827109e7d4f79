"""The commands about settings: ``load`` shows them, ``init`` writes a file of them."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import common
from assistant.cli.terminal.interrupts import INTERRUPTED

if TYPE_CHECKING:
    from assistant.settings import NotesFolder


def show_settings(
    context: typer.Context,
    as_json: common.AsJson = False,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Trust the settings file found here."),
    ] = False,
) -> None:
    """Show each setting, its value and its origin.

    Example: assistant config

    Example: assistant config --trust
    """
    from assistant.settings import load, report, unknown_variables
    from assistant.text import printable_line

    if trust:
        file = load.trust(context.find_root().params["config_file"])
        common.say(f"{file} is trusted until its settings change")
    settings = common.settings(context)
    if as_json:
        common.print_json(report.to_json(settings))
    else:
        for line in report.to_lines(settings):
            typer.echo(printable_line(line))
    for name, near in unknown_variables():
        meant = f"; did you mean {near}?" if near else ""
        typer.echo(printable_line(f"{name} is not a setting{meant}"), err=True)


def init(
    context: typer.Context,
    notes: Annotated[
        list[Path] | None, typer.Argument(help="Notes folders; found automatically unless given.")
    ] = None,
    user: Annotated[
        bool, typer.Option("--user", help="Write your own file, which applies in every folder.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: take the folders that are found.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a settings file. It names the notes folders that you choose.

    Example: assistant init

    Example: assistant init --user ~/notes
    """
    from assistant.errors import ConfigError
    from assistant.settings import load, template
    from assistant.text import printable_line

    here = load.working_folder()
    named = context.find_root().params["config_file"] or load.FILE_NAME
    file = load.user_file() if user else load.full_path(named, here)
    if not force:
        template.check_free(file)
    folders = [load.full_path(path, here) for path in notes or []]
    for folder in folders:
        template.count_notes(folder)
    if not folders:
        folders = _found(None if user else here, yes=yes)
    content = template.content(folders, file.parent, Path.home(), own=user)
    template.write(file, content, force=force)
    if not user:
        with suppress(ConfigError):  # it counts for where it lies all the same
            load.trust(file)
    typer.echo(printable_line(f"wrote {file}"))
    for folder in folders:
        typer.echo(printable_line(f"  {template.described(folder)}"))
    typer.echo('next: `assistant build`, then `assistant ask "how do I ..."`')


def _found(here: Path | None, *, yes: bool) -> list[Path]:
    """Return the notes folders that look likely, or those of them that the user chooses."""
    from assistant.errors import UsageError
    from assistant.settings import discovery

    if not (yes or sys.stdin.isatty()):
        raise UsageError(
            "init asks which notes to take, and there is no terminal to ask at",
            "take those that are found: assistant init --yes; or name some: assistant init NOTES",
        )
    found = discovery.find(here, Path.home())
    if yes and not found:
        raise UsageError("no folder with notes was found", "name one: assistant init NOTES")
    if yes:
        near = [one for one in found if here and one.path.is_relative_to(here)]
        return [one.path for one in near or found]
    return _chosen(found)


def _chosen(found: list[NotesFolder]) -> list[Path]:
    """Ask which folders to take, until the answer can be used."""
    from assistant.errors import AssistantError
    from assistant.settings import template
    from assistant.text import printable_line

    for number, one in enumerate(found, 1):
        vault = ", an Obsidian vault" if one.is_vault else ""
        typer.echo(printable_line(f"{number}. {template.described(one.path, one.count)}{vault}"))
    words = "Which? Numbers or folders, separated by commas" if found else "Where are your notes?"
    while True:
        try:
            answer = typer.prompt(words, default="1" if found else None)
            return template.chosen(answer, [one.path for one in found])
        except typer.Abort:  # Ctrl-C, or the end of what is typed
            typer.echo(err=True)
            raise typer.Exit(INTERRUPTED) from None
        except AssistantError as error:
            typer.echo(printable_line(f"{error.cause}; {error.remedy}"))
