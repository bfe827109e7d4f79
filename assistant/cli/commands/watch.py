"""The command ``watcher``: keep the index as new as the notes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import common

if TYPE_CHECKING:
    from assistant.settings import Settings

KEPT_VARIABLES = (
    *("ASSISTANT_CONFIG", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"),
    *("HF_HUB_OFFLINE", "PYTHONPATH"),
)
"""Variables that a unit hands on, beside those of settings: no shell of the user's starts it."""


def watch(
    context: typer.Context,
    install: Annotated[
        bool, typer.Option("--install", help="Write a systemd unit or launchd agent instead.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --install: print what would be written.")
    ] = False,
) -> None:
    """Rebuild the index at every save, until Ctrl-C.

    Example: assistant watch
    """
    from assistant.errors import UsageError

    if dry_run and not install:
        raise UsageError("--dry-run needs --install", "add --install, or leave it out")
    load = common.loader(context)
    settings = load()
    if install:
        _install(settings, dry_run=dry_run)
        return
    from assistant.library import Notes
    from assistant.text import printable_line

    with Notes.apart(settings) as notes:
        where = ", ".join(str(source) for source in notes.sources())
        typer.echo(printable_line(f"watching {where} until Ctrl-C"), err=True)
        notes.watch(lambda line: typer.echo(printable_line(line)), load=load)


def _install(settings: Settings, *, dry_run: bool) -> None:
    """Write the file that starts this at login, and say how to start and how to remove it."""
    from assistant import own_python
    from assistant.cli import autostart
    from assistant.errors import ConfigError
    from assistant.library import Notes
    from assistant.settings import OPTIONS

    if settings.file_is_found:  # named with --config at every login it would have all of its say
        cause = f"nobody has confirmed {settings.file}, which names what is watched"
        raise ConfigError(cause, "if it is yours, run `assistant config --trust` first")
    Notes(settings).usual_sources()  # an error now is worth more than one at every login
    command = own_python.command("-m", "assistant")
    if settings.file:
        command += ["--config", str(settings.file)]
    if settings.index_named or (settings.origins.get("notes") is None and not settings.file):
        command += ["--index", str(settings.index)]
    kept = [*KEPT_VARIABLES, *(option.variable for option in OPTIONS.values())]
    environment = {name: os.environ[name] for name in kept if os.environ.get(name)}
    if paths := environment.pop("PYTHONPATH", None):
        environment["PYTHONPATH"] = own_python.fixed_paths(paths)
    wanted = autostart.unit(sys.platform, Path.home(), [*command, "watch"], environment)
    if dry_run:
        typer.echo(wanted.content)
        return
    autostart.install(wanted)
    typer.echo(f"wrote {wanted.path}")
    typer.echo(f"start it:  {wanted.start}")
    typer.echo(f"remove it: {wanted.remove}")
