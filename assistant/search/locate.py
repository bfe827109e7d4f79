"""``NOTE`` and ``NOTE:LINE``, as users write them, to the note and the entry that they mean."""

from __future__ import annotations

import re
from pathlib import Path
from unicodedata import normalize

from assistant.errors import NoteNotFoundError, NotFoundError, UsageError
from assistant.records import EntryHead, StoredEntry, StoredNote
from assistant.store import Snapshot
from assistant.suggestion import nearest

PLACE = re.compile(r"(.+):0*([1-9][0-9]{0,8})(?:-[0-9]+)?", re.DOTALL)
"""A note with a line, or with the lines of a passage as results name them: the first counts."""

ENDINGS = (".md", ".markdown")
"""Of files, which names of notes do without."""


def readings(wanted: str) -> list[tuple[str, int]]:
    """Return what ``NOTE[:LINE[-LINE]]`` may mean: names of notes, each with a line or 0."""
    match = PLACE.fullmatch(wanted)
    return [(wanted, 0), *([(match[1], int(match[2]))] if match else [])]


def on_disk(name: str) -> Path | None:
    """Return the file that a name would be of on the disk; None where it cannot be of any.

    Such are names below the home of a user who is not known, links in a loop, and what no file may
    be called.
    """
    try:
        return Path(name).expanduser().resolve()
    except (OSError, RuntimeError, ValueError):
        return None


def note(snapshot: Snapshot, name: str) -> StoredNote | None:
    """Return the note with a name; None when there is none.

    Args:
        snapshot: The index.
        name: Its path in the index, the end of it, with or without the ending of its file, its path
            on the disk, else its title or another name that its front matter gives it.

    Raises:
        UsageError: Several notes are called so.
    """
    # A name may be written with accents of their own, as macOS does, or within their letters.
    spelt = dict.fromkeys((name, normalize("NFC", name), normalize("NFD", name)))
    forms = [*spelt, *(form + ending for ending in ENDINGS for form in spelt)]
    found = next((notes for form in forms if (notes := snapshot.notes_called(form))), [])
    exact = [note for note in found if note.path in forms]
    there = None if exact else on_disk(name)
    if there and (at := snapshot.note_at(there)):
        exact = [at]
    found = exact[:1] or found or snapshot.notes_named(name)
    if len(found) > 1:
        paths = ", ".join(note.path for note in found)
        raise UsageError(f"several notes are called {name}", f"name one: {paths}")
    return found[0] if found else None


def unknown(snapshot: Snapshot, wanted: str) -> NoteNotFoundError:
    """Return the error for a note that is not in the index, with the nearest that is."""
    name, _ = readings(wanted)[-1]
    paths = [note.path for note in snapshot.notes()]
    called = {path.rpartition("/")[2]: path for path in reversed(paths)} | {p: p for p in paths}
    called = {
        bare: path
        for end in ENDINGS
        for at, path in called.items()
        if at.endswith(end) and (bare := at.removesuffix(end))
    } | called
    near = nearest(name, called)
    remedy = f"did you mean {called[near]!r}?" if near else "`assistant list` shows them all"
    return NoteNotFoundError(f"there is no note {name!r} in the index", remedy)


def entry(snapshot: Snapshot, note: StoredNote, line: int) -> StoredEntry:
    """Return the entry that a line of a note lies in; blank lines go to the entry before them.

    Args:
        snapshot: The index.
        note: The note.
        line: From 1; 0 for the first entry.

    Raises:
        NotFoundError: It lies in none.
    """
    heads = snapshot.entries([note.row])
    if not heads:
        raise NotFoundError(f"{note.path} has no entries", "name another note")
    before = [head for head in heads if head.line <= line]
    if not line:
        # Properties stand before the text, and are asked for by their line.
        before = heads[1:2] if heads[0].is_of_properties and len(heads) > 1 else heads[:1]
    _, end = snapshot.entry(heads[-1].row).entry.lines
    if not before or line > end:
        raise NotFoundError(
            f"line {line} of {note.path} is not in any entry",
            f"name a line from {heads[0].line} to {end}",
        )
    return snapshot.entry(before[-1].row)


def find(snapshot: Snapshot, wanted: str) -> StoredEntry:
    """Return the entry that ``NOTE`` (its first), ``NOTE:LINE`` or ``NOTE:LINE-LINE`` means.

    Raises:
        NotFoundError: There is no such note or line.
        UsageError: Several notes are called so.
    """
    for name, line in readings(wanted):
        found = note(snapshot, name)
        if found is not None:
            return entry(snapshot, found, line)
    raise unknown(snapshot, wanted)


def whole(snapshot: Snapshot, wanted: str) -> StoredNote | None:
    """Return the note that is named without a line; None for a line of one, and for none.

    Raises:
        UsageError: Several notes are called so.
    """
    found = ((note(snapshot, name), line) for name, line in readings(wanted))
    return next((one if not line else None for one, line in found if one), None)


def entries(snapshot: Snapshot, name: str) -> list[StoredEntry]:
    """Return all entries of the note with a name, in order.

    Raises:
        NotFoundError: There is no such note.
        UsageError: Several are called so.
    """
    return [snapshot.entry(head.row) for head in outline(snapshot, name)]


def outline(snapshot: Snapshot, name: str) -> list[EntryHead]:
    """Return all entries of the note with a name, without their text, in order.

    Raises:
        NotFoundError: There is no such note.
        UsageError: Several are called so.
    """
    found = note(snapshot, name)
    if found is None:
        raise unknown(snapshot, name)
    return snapshot.entries([found.row])


def around(snapshot: Snapshot, row: int, context: int) -> list[StoredEntry]:
    """Return an entry with the entries before and after it in its note.

    Args:
        snapshot: The index.
        row: The entry.
        context: Neighbours on either side at most.
    """
    return [snapshot.entry(head.row) for head in snapshot.neighbours(row, context, context)]
