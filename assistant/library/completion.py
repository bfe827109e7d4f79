"""What of an index a word that is being typed may become: notes, folders, lines by heading, tags.

Each value comes with what a shell may say about it. Names that cannot be typed are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from assistant import search
from assistant.text import LANGUAGES, printable_line

if TYPE_CHECKING:
    from assistant.records import EntryHead
    from assistant.store import Snapshot

Values = list[tuple[str, str]]

Wanted = Literal["place", "notes", "tag", "language"]
"""A note or a line of it; notes or folders; a tag; a language of the notes."""

LEAST_LETTERS = 2
"""Letters of a word that is looked for in the headings of all notes."""


def of(snapshot: Snapshot, wanted: Wanted, word: str) -> tuple[str, Values]:
    """Return what a word may become.

    Args:
        snapshot: The index.
        wanted: What it is to name.
        word: As far as it is typed.

    Returns:
        ``words``, or ``headings`` when the values are lines whose headings hold the word; then
        values and descriptions.

    Raises:
        AssistantError: The index is damaged, or the note's name is of several.
    """
    kind = "words"
    if wanted == "tag":
        found = [(tag, "") for tag in _tags(snapshot) if tag.startswith(word)]
    elif wanted == "language":
        told = snapshot.manifest.multilingual
        codes = [code for code, _ in told.languages] if told else []
        found = [(code, LANGUAGES[code]) for code in codes if code.startswith(word)]
    elif wanted == "notes":
        found = notes(snapshot, word, folders=True)
    else:
        kind, found = places(snapshot, word)
    return kind, [(value, about) for value, about in found if printable_line(value) == value]


def notes(snapshot: Snapshot, word: str, *, folders: bool = False) -> Values:
    """Return the notes whose path begins with a word, else those of which a later part does.

    Args:
        snapshot: The index.
        word: As far as it is typed.
        folders: The folders of notes as well, with a slash at the end.
    """
    found = [(note.path, printable_line(note.title)) for note in snapshot.notes()]
    if folders:
        names = {f"{folder}/" for path, _ in found for folder in PurePosixPath(path).parents}
        found = sorted([*found, *((name, "") for name in names - {"./"})])
    beginning = [(path, title) for path, title in found if path.startswith(word)]
    return beginning or [(path, title) for path, title in found if f"/{word}" in path]


def places(snapshot: Snapshot, word: str) -> tuple[str, Values]:
    """Return the notes and the lines of entries that a word may mean.

    ``note.md:`` gives the entries of the note, ``note.md:gpu`` those whose heading holds that. A
    word that begins no note's name is looked for in the headings of all of them.
    """
    name, colon, rest = word.rpartition(":")
    note = search.locate.note(snapshot, name) if colon else None
    if note is not None:
        found = _lines(name, snapshot.entries([note.row]))
        if not rest or rest.isdigit():
            return "words", [(value, heading) for value, heading in found if value.startswith(word)]
        return "headings", [pair for pair in found if rest.casefold() in pair[1].casefold()]
    known = notes(snapshot, word)
    if len(known) == 1:
        (path, _), *_ = known
        named = [note.row for note in snapshot.notes_called(path) if note.path == path]
        known += _lines(path, snapshot.entries(named))
    if known or len(word) < LEAST_LETTERS:
        return "words", known
    paths = {note.row: note.path for note in snapshot.notes()}
    everywhere = [(paths[head.note], head) for head in snapshot.entries()]
    lines = [pair for path, head in everywhere for pair in _lines(path, [head])]
    return "headings", [pair for pair in lines if word.casefold() in pair[1].casefold()]


def _lines(name: str, heads: Iterable[EntryHead]) -> Values:
    """Return the lines of a note's entries, ``NAME:LINE``, each with the heading there."""
    return [(f"{name}:{head.line}", printable_line((head.headings or ("",))[-1])) for head in heads]


def _tags(snapshot: Snapshot) -> list[str]:
    """Return the tags of the notes, each once."""
    return sorted({tag for note in snapshot.notes() for tag in note.tags})
