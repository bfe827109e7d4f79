"""Lists on standard output: JSON, lines for a pipe, colours and a pager for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli.common import print_json
from assistant.cli.terminal import screen
from assistant.rendering import listings
from assistant.text import json_line

if TYPE_CHECKING:
    from assistant.rendering import Row
    from assistant.settings import Settings


def print_list(
    settings: Settings,
    rows: Sequence[Row],
    records: Sequence[Mapping[str, Any]],
    *,
    as_json: bool,
    paged: bool,
) -> None:
    """Print a list.

    Args:
        settings: Which say whether to colour.
        rows: It, for people.
        records: It, for programs.
        as_json: Whether to print the records, one a line.
        paged: Whether what is longer than the screen goes through the pager.
    """
    if as_json:
        for record in records:
            print_json(json_line(record))
    elif rows and screen.is_terminal(settings.color):
        from assistant.cli.terminal.pager import page
        from assistant.rendering import list_text

        console = screen.console(settings.color)
        with console.capture() as captured:
            console.print(list_text(rows, console.width), soft_wrap=True)
        page(captured.get(), console.height if paged and sys.stdout.isatty() else None)
    elif rows:
        typer.echo(listings.to_plain(rows))
