"""The command ``build``: bring the index up to date."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import common
from assistant.cli.common import say
from assistant.cli.terminal.progress import Bar
from assistant.errors import IndexBusyError
from assistant.settings import load
from assistant.text import counted, printable_line


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
    from assistant.library import Notes, languages_line

    given = [load.full_path(path, load.working_folder()) for path in notes or []]
    with Notes(common.settings(context)) as opened, Bar(sys.stderr) as bar:
        again = partial(opened.build, given or opened.usual_sources(), full=full, progress=bar)
        try:
            report = again()
        except IndexBusyError as error:
            if not (wait or opened.is_read_on):
                raise
            what = "to take over from it" if opened.is_read_on else "until it finishes"
            say(f"{printable_line(error.cause)}; waiting {what}")
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
    if told := languages_line(manifest):
        say(told)
    if manifest.skipped:
        say(f"{counted(len(manifest.skipped), 'file')} skipped; see `assistant status`")
