"""What a note is called, and which of its entries have to say so. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from assistant.records import Entry, Note, key_of

NAMELESS = ("readme", "index")
"""File names that say nothing of their notes: they are called as the folder is."""

_JOINTS = re.compile(r"(?<!\d)[-_]+|[-_]+(?!\d)")
"""What stands for a space in the name of a file, and not for itself, as in a date."""


def names(note: Note, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return what a note is called, the best name first.

    Its ``title:``, the sole heading of the first level with which it begins, its aliases, the name
    of its file, and that with the folders before it: ``Clients/ACME/Contract.md`` is asked for as
    "the ACME contract".

    Args:
        note: The note.
        entries: All of them, in order.
    """
    path = note.file.path
    stated = (note.title, _heading(entries), *note.aliases, file_name(path), _path_name(path))
    return tuple(dict.fromkeys(name for name in stated if name))


def file_name(path: str) -> str:
    """Return the name of a note's file in words: ``boiler-service.md`` is ``boiler service``."""
    steps = PurePosixPath(path).with_suffix("").parts
    told = next((step for step in reversed(steps) if step.casefold() not in NAMELESS), steps[-1])
    return _JOINTS.sub(" ", told).strip() or told


def _path_name(path: str) -> str:
    """Return the folders and the name of a note's file in words, such as ``Clients/ACME/Contract``.

    Between slashes, since ``2025/03/05`` is a date.
    """
    *folders, file = PurePosixPath(path).with_suffix("").parts
    steps = folders if folders and file.casefold() in NAMELESS else [*folders, file]
    return "/".join(_JOINTS.sub(" ", step).strip() or step for step in steps)


def _heading(entries: Sequence[Entry]) -> str:
    """Return the heading of the first level that a note begins with, if it has no other."""
    headed = [entry for entry in entries if entry.headings]
    top = [entry for entry in headed if entry.is_top]
    return top[0].headings[-1] if len(top) == 1 and top[0] is headed[0] else ""


def leading_name(names: Sequence[str], entry: Entry, shared: Collection[str]) -> str:
    """Return the name that the heading path of an entry needs before it; empty for none.

    A path needs one that is empty, or whose last heading several notes have: "Cleaning" does not
    say of what. For all others it would take room, and pull the entries of a note together.

    Args:
        names: Of the note, from ``names``.
        entry: The entry.
        shared: Keys of the headings that several notes have, see ``key_of``.
    """
    if not names:
        return ""
    path = entry.headings
    needed = not path or entry.heading_key in shared
    said = {key_of(heading) for heading in path}
    return names[0] if needed and key_of(names[0]) not in said else ""
