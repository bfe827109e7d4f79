"""The command ``doctor``: is everything there and whole, and what to do where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from assistant.cli import common

if TYPE_CHECKING:
    from assistant.library import Checkup


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
    from assistant.text import json_line

    found = Notes(common.settings(context)).examine()
    if as_json:
        common.print_json(json_line(found.to_record()))
    else:
        typer.echo(_to_plain(found))
    raise typer.Exit(found.exit_code)


def _to_plain(found: Checkup) -> str:
    """Return the findings as lines: area, level, what was found, and below it the remedy."""
    from assistant.text import printable_line

    lines = []
    for area, finding in found.findings:
        lines.append(f"{area:<12} {finding.level:<8} {printable_line(finding.what)}")
        if finding.remedy:
            lines.append(f"{'':<21} -> {printable_line(finding.remedy)}")
    return "\n".join(lines)
