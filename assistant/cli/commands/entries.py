"""The commands about an entry, or a whole note: ``show`` and ``open``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import common
from assistant.rendering import answers
from assistant.results import Answer
from assistant.text import json_line

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.library import Notes
    from assistant.records import StoredEntry

MOST_CONTEXT = 1000

LONGEST_WHOLE = 300
"""Lines of a note that is shown whole; of a longer one the outline says more."""

PLACE = typer.Argument(metavar="NOTE[:LINE]", help="A note, and a line of the entry.")


def opened(context: typer.Context) -> Notes:
    """Return the notes that the settings name; only edits to take in open the model."""
    from assistant.library import Notes

    return Notes(common.settings(context))


def take_in_edits(notes: Notes, *, by_meaning: bool = False) -> None:
    """Take in what changed, as a question does, and say what stays out.

    Args:
        notes: The notes.
        by_meaning: Whether entries that are not read by meaning stay out, too.
    """
    from assistant.cli.terminal.progress import TAKEN_IN, Bar

    with Bar(sys.stderr, TAKEN_IN) as bar:
        left = notes.take_in_edits(bar)
    told = Answer(
        "",
        "none",
        (),
        newer_notes=len(left.newer),
        gone_notes=len(left.gone),
        unreadable=left.unreadable,
        read=notes.share_read if by_meaning else 1.0,
    )
    for line in (*answers.remarks(told), *answers.state_remarks(told)):
        common.say(line)


def show(
    context: typer.Context,
    place: Annotated[str, PLACE],
    neighbours: Annotated[
        int,
        typer.Option(
            "--context", min=0, max=MOST_CONTEXT, metavar="N", help="Entries before and after."
        ),
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one entry a line.")] = False,
    pager: Annotated[
        bool, typer.Option(help="Show what is longer than the screen in $PAGER.")
    ] = True,
) -> None:
    """Print the entry at a line of a note, or a whole note; of a long one its outline.

    Edits are taken in first, as by `ask`.

    Example: assistant show pytorch.md

    Example: assistant show pytorch.md:120 --context 1
    """
    from assistant.cli.terminal import screen
    from assistant.rendering import listings, whole_entry

    with opened(context) as notes:
        take_in_edits(notes)
        whole = None if neighbours else notes.whole(place)
        if whole is None:
            found = notes.around(place, context=neighbours)
        else:
            found = notes.entries(place) if as_json else [whole]
        lines = whole.entry.text.count("\n") + 1 if whole else 0
        heads = notes.outline(place) if lines > LONGEST_WHOLE else []
    if as_json:
        for stored in found:
            common.print_json(json_line(whole_entry.to_record(stored)))
    elif heads:
        from assistant.cli.terminal.lists import print_list

        print_list(notes.settings, listings.outline(heads), [], as_json=False, paged=pager)
        common.say(f"{place} has {lines:,} lines; of an entry: assistant show {place}:LINE")
    elif screen.is_terminal(notes.settings.color):
        console = screen.console(notes.settings.color)
        show_entries(found, console, paged=pager and sys.stdout.isatty())
    else:
        typer.echo("\n".join(map(whole_entry.to_plain, found)), nl=False)


def show_entries(found: list[StoredEntry], console: Console, *, paged: bool) -> None:
    """Show entries on a terminal, through the pager when they are longer than the screen."""
    from assistant.cli.terminal.pager import page
    from assistant.rendering import entry_text

    with console.capture() as captured:
        for number, stored in enumerate(found):
            if number:
                console.print()
            console.print(entry_text(stored, console.width), soft_wrap=True)
    page(captured.get(), console.height if paged else None)


def open_note(context: typer.Context, place: Annotated[str, PLACE]) -> None:
    """Open a note at a line in your editor: the settings', else $VISUAL, $EDITOR or vi.

    Example: assistant open pytorch.md:120
    """
    from assistant.cli.terminal import editor

    with opened(context) as notes:
        take_in_edits(notes)
        file, line = notes.locate(place)
    editor.open_at(file, line, notes.settings.editor)
