"""The commands ``build``, which brings the index up to date, and ``copy``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import common, first_time
from assistant.cli.common import say
from assistant.cli.terminal.progress import LOADING, Bar
from assistant.errors import IndexBusyError, UsageError
from assistant.settings import index_place, load
from assistant.text import counted, printable_line

if TYPE_CHECKING:
    from assistant.library import Notes
    from assistant.settings import Settings


def build(
    context: typer.Context,
    notes: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[NOTES]...", help="Folders and files; the settings' by default."),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read and cut every note again.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait while another process builds.")
    ] = False,
    workers: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Embed on a Ray cluster: `ray`, or ray://HOST:PORT.",
        ),
    ] = "",
) -> None:
    """Bring the index up to date; only what changed is embedded.

    Example: assistant build ~/notes
    """
    settings = common.settings(context)
    given = [load.full_path(path, load.working_folder()) for path in notes or []]
    if not given and first_time.is_due(settings) and (folder := first_time.offered()):
        given = [folder]
    settings = run(settings, given, full=full, wait=wait, workers=checked(workers))
    if sys.stderr.isatty():
        from assistant.library import Notes

        with Notes(settings) as opened:
            say(f"now: assistant ask {shlex.quote(next(iter(opened.examples(1)), 'how do I ...'))}")


def checked(workers: str) -> str:
    """Return the address of workers as it was given.

    Raises:
        UsageError: It is not one.
    """
    if workers not in ("", "ray") and not workers.startswith("ray://"):
        raise UsageError(
            f"{printable_line(workers)!r} is not where workers are",
            "say --workers ray, or --workers ray://HOST:PORT",
        )
    return workers


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="A folder, or an address.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The other of the two.")],
) -> None:
    """Copy an index between a folder and a Milvus server; nothing is embedded again.

    Example: assistant copy ~/index milvus://127.0.0.1:19530/notes
    """
    from assistant.library import copy as copied

    with Bar(sys.stderr) as bar:
        manifest = copied(source, target, bar)
    say(f"{counted(manifest.notes, 'note')}, {counted(manifest.chunks, 'chunk')} copied")


def run(
    settings: Settings,
    given: Sequence[Path],
    *,
    full: bool = False,
    wait: bool = False,
    workers: str = "",
) -> Settings:
    """Build, and say what came of it; return the settings with the index that it went into.

    Args:
        settings: In force here.
        given: Folders and files of notes; those of the settings unless given.
        full: Read and cut every note again.
        wait: Wait while another process builds.
        workers: As for ``Notes.build``.

    Raises:
        AssistantError: As ``Notes.build`` does.
    """
    from assistant.library import Notes

    if given:
        place = index_place.of_build(settings.index, given[0], is_free=settings.index_free)
        settings = replace(settings, index=place)
    with Notes(settings) as opened, Bar(sys.stderr, begin=LOADING) as bar:
        _build(opened, given, bar, full=full, wait=wait, workers=workers)
    if settings.index_free:
        index_place.remember(settings.index)
    return settings


def _build(
    notes: Notes, given: Sequence[Path], bar: Bar, *, full: bool, wait: bool, workers: str
) -> None:
    from assistant.library import languages_line

    sources = given or notes.usual_sources()
    again = partial(notes.build, sources, full=full, progress=bar, workers=workers)
    try:
        report = again()
    except IndexBusyError as error:
        if not (wait or notes.is_read_on):
            raise
        what = "to take over from it" if notes.is_read_on else "until it finishes"
        say(f"{printable_line(error.cause)}; waiting {what}")
        report = again(wait=True)
    bar.end()
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
    if report.processor:
        say(printable_line(report.processor))
    if told := languages_line(manifest):
        say(told)
    if manifest.skipped:
        say(f"{counted(len(manifest.skipped), 'file')} skipped; see `assistant status`")
