"""The commands that list: ``list``, ``tags``, ``similar`` and ``duplicates``."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli import common
from assistant.cli.commands.entries import PLACE, opened, take_in_edits
from assistant.cli.terminal.lists import print_list
from assistant.results import DUPLICATE_THRESHOLD, Filter

AsLines = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]

Paged = Annotated[bool, typer.Option(help="Show what is longer than the screen in $PAGER.")]

Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Only notes with this tag, or one nested in it."),
]


def list_notes(
    context: typer.Context,
    note: Annotated[
        str, typer.Argument(metavar="[NOTE]", help="A note, for its outline; a folder or a glob.")
    ] = "",
    tag: Tags = None,
    as_json: AsLines = False,
    pager: Paged = True,
) -> None:
    """List the notes with their dates and titles, or the headings of one.

    Example: assistant list

    Example: assistant list pytorch.md
    """
    from assistant.rendering import listings, whole_entry

    with opened(context) as notes:
        take_in_edits(notes)
        found = notes.list_notes(limits=Filter(note, tuple(tag or ())))
        one = note and len(found) == 1 and not set(note) & set("*?")
        heads = notes.outline(found[0].note) if one else []
    if one:
        records = [whole_entry.head_record(found[0].note, head) for head in heads]
        print_list(notes.settings, listings.outline(heads), records, as_json=as_json, paged=pager)
        return
    records = [
        {
            "note": summary.note,
            "file": str(summary.absolute),
            "title": summary.title,
            "date": summary.date,
            "date_from": summary.date_from,
            "tags": list(summary.tags),
            "entries": summary.entries,
        }
        for summary in found
    ]
    print_list(notes.settings, listings.notes(found), records, as_json=as_json, paged=pager)


def list_tags(context: typer.Context, as_json: AsLines = False, pager: Paged = True) -> None:
    """List the tags of the notes, the most frequent first.

    Example: assistant tags
    """
    from assistant.rendering import listings

    with opened(context) as notes:
        take_in_edits(notes)
        counts: dict[str, int] = {}
        for summary in notes.list_notes():
            for tag in summary.tags:
                counts[tag] = counts.get(tag, 0) + 1
    records = [{"tag": tag, "notes": count} for tag, count in sorted(counts.items())]
    print_list(notes.settings, listings.tags(counts), records, as_json=as_json, paged=pager)
    if not counts:
        common.say("no note has a tag")


def list_similar(
    context: typer.Context,
    place: Annotated[str, PLACE],
    count: Annotated[
        int,
        typer.Option(*common.COUNT, min=1, max=100, metavar="N", help="Maximum number of entries."),
    ] = 10,
    as_json: AsLines = False,
    pager: Paged = True,
) -> None:
    """List the entries closest in meaning to another.

    Example: assistant similar pytorch.md:120
    """
    from assistant.rendering import listings, whole_entry

    with opened(context) as notes:
        take_in_edits(notes, by_meaning=True)
        found = notes.similar(place, count=count)
    records = [
        {"similarity": round(one.similarity, 4), **whole_entry.place_record(one.stored)}
        for one in found
    ]
    rows = listings.close((one.similarity, [one.stored]) for one in found)
    print_list(notes.settings, rows, records, as_json=as_json, paged=pager)


def list_duplicates(
    context: typer.Context,
    threshold: Annotated[
        float,
        typer.Option(min=0.5, max=1.0, metavar="COSINE", help="Minimum similarity of a pair."),
    ] = DUPLICATE_THRESHOLD,
    as_json: AsLines = False,
    pager: Paged = True,
) -> None:
    """List pairs of entries that seem to say the same.

    Example: assistant duplicates --threshold 0.9
    """
    from assistant.rendering import listings, whole_entry

    with opened(context) as notes:
        take_in_edits(notes, by_meaning=True)
        pairs = notes.duplicates(threshold)
    records = [
        {
            "similarity": round(pair.similarity, 4),
            "entries": [whole_entry.place_record(one) for one in (pair.first, pair.second)],
        }
        for pair in pairs
    ]
    rows = listings.close((pair.similarity, [pair.first, pair.second]) for pair in pairs)
    print_list(notes.settings, rows, records, as_json=as_json, paged=pager)
    if not pairs:
        common.say("no two entries seem to say the same")
