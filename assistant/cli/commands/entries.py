"""The commands about an entry: ``show``, ``open``, ``similar``, and ``duplicates`` of them all."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import common
from assistant.rendering import answers
from assistant.results import DUPLICATE_THRESHOLD, Answer
from assistant.text import json_line

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.library import Notes
    from assistant.records import StoredEntry

MOST_CONTEXT = 1000

PLACE = typer.Argument(metavar="NOTE[:LINE]", help="A note, and a line of the entry.")


def _notes(context: typer.Context) -> Notes:
    """Return the notes that the settings name; only edits to take in open the model."""
    from assistant.library import Notes

    return Notes(common.settings(context))


def _take_in_edits(notes: Notes, *, by_meaning: bool = False) -> None:
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
        int, typer.Option("--context", min=0, max=MOST_CONTEXT, help="Entries before and after.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one entry a line.")] = False,
    pager: Annotated[
        bool, typer.Option(help="Show what is longer than the screen in $PAGER.")
    ] = True,
) -> None:
    """Print the entry at a line of a note. Edits are taken in first, as by `ask`.

    Example: assistant show pytorch.md:120 --context 1
    """
    from assistant.cli.terminal import screen
    from assistant.rendering import whole_entry

    with _notes(context) as notes:
        _take_in_edits(notes)
        found = notes.around(place, context=neighbours)
    if as_json:
        for stored in found:
            common.print_json(json_line(whole_entry.to_record(stored)))
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

    with _notes(context) as notes:
        _take_in_edits(notes)
        file, line = notes.locate(place)
    editor.open_at(file, line, notes.settings.editor)


def list_similar(
    context: typer.Context,
    place: Annotated[str, PLACE],
    count: Annotated[
        int, typer.Option("-k", min=1, max=100, help="Maximum number of entries.")
    ] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one entry a line.")] = False,
) -> None:
    """List the entries closest in meaning to another.

    Example: assistant similar pytorch.md:120
    """
    from assistant.rendering import whole_entry

    with _notes(context) as notes:
        _take_in_edits(notes, by_meaning=True)
        found = notes.similar(place, count=count)
    for one in found:
        if as_json:
            record = {
                "similarity": round(one.similarity, 4),
                **whole_entry.place_record(one.stored),
            }
            common.print_json(json_line(record))
        else:
            typer.echo(f"{one.similarity:.2f}  {whole_entry.place_of(one.stored)}")


def list_duplicates(
    context: typer.Context,
    threshold: Annotated[
        float, typer.Option(min=0.5, max=1.0, help="Minimum similarity of two entries.")
    ] = DUPLICATE_THRESHOLD,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one pair a line.")] = False,
) -> None:
    """List pairs of entries that seem to say the same.

    Example: assistant duplicates --threshold 0.9
    """
    from assistant.rendering import whole_entry

    with _notes(context) as notes:
        _take_in_edits(notes, by_meaning=True)
        pairs = notes.duplicates(threshold)
    for pair in pairs:
        both = (pair.first, pair.second)
        if as_json:
            entries = [whole_entry.place_record(stored) for stored in both]
            record = {"similarity": round(pair.similarity, 4), "entries": entries}
            common.print_json(json_line(record))
        else:
            typer.echo(
                f"{pair.similarity:.2f}  " + "\n      ".join(map(whole_entry.place_of, both))
            )
    if not pairs:
        typer.echo("no two entries seem to say the same", err=True)
