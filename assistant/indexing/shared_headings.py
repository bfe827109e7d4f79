"""Which headings several notes have: there, an entry names its note."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assistant.records import Entry, Note, NoteFile
from assistant.store import Update

Read = tuple[Note, Sequence[Entry]]
"""A note as it is now, and its entries."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The headings that several notes have once a build is done."""

    keys: frozenset[str]
    """See ``Entry.heading_key``; of the notes that are cut."""
    notes: tuple[NoteFile, ...] = ()
    """Unchanged notes to cut again: a heading of theirs has come to be shared, or is no more."""


def among(read: Sequence[Read]) -> Shared:
    """Return the headings that several of some notes have, where there are no others."""
    return Shared(frozenset(key for key, count in _counts(read).items() if count > 1))


def after(update: Update, read: Sequence[Read], out: Collection[NoteFile]) -> Shared:
    """Return the headings that several notes have when a build has changed some of them.

    Args:
        update: The index before.
        read: New and changed notes.
        out: Notes of the index that are gone, or that ``read`` replaces.
    """
    new, old = _counts(read), update.headings_of(out)
    asked = new.keys() | old.keys()
    stored = update.notes_with(asked)
    rest = {key: stored[key] - old[key] for key in asked}
    turned = [key for key in asked if rest[key] == 1 and bool(old[key]) != bool(new[key])]
    notes = sorted(update.holders(turned) - {*out}, key=lambda file: (file.path, str(file.root)))
    others = update.notes_with(update.headings_of(notes).keys() - asked)
    counts = Counter({key: rest[key] + new[key] for key in asked}) + others
    return Shared(frozenset(key for key, count in counts.items() if count > 1), tuple(notes))


def _counts(read: Sequence[Read]) -> Counter[str]:
    """Return how many of some notes have each heading."""
    each = ({entry.heading_key for entry in entries} - {""} for _, entries in read)
    return Counter(key for keys in each for key in keys)
