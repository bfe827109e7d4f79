"""The commands ``status`` and ``doctor``: what the index holds, whether all is in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from assistant.cli import common
from assistant.text import json_line, printable, printable_line

if TYPE_CHECKING:
    from assistant.library import Checkup, Status


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


def doctor(
    context: typer.Context,
    as_json: common.AsJson = False,
) -> None:
    """Check installation, model, index and notes.

    It also says whether the next build and question need a network.

    Ends with 3 if the index is not usable, with 4 if the model is not.

    Example: assistant doctor
    """
    from assistant.library import Notes

    found = Notes(common.settings(context)).examine()
    if as_json:
        common.print_json(json_line(found.to_record()))
    else:
        typer.echo(_findings_text(found))
    raise typer.Exit(found.exit_code)


def _findings_text(found: Checkup) -> str:
    """Return the findings as lines: area, level, what was found, and below it the remedy."""
    lines = []
    for area, finding in found.findings:
        lines.append(f"{area:<12} {finding.level:<8} {printable_line(finding.what)}")
        if finding.remedy:
            lines.append(f"{'':<21} -> {printable_line(finding.remedy)}")
    return "\n".join(lines)
