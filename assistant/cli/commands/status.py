"""The command ``status``: what the index holds, and how far it is behind the notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from assistant.cli import common
from assistant.text import json_line, printable

if TYPE_CHECKING:
    from assistant.library import Status


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


def _status_text(found: Status) -> str:
    lines = [f"{name:<10} {value}" for name, value in found.lines()]
    return "\n".join(printable(line) for line in lines)
