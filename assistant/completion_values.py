"""What of an index a word on the command line may become: notes, folders, lines by heading, tags.

Each value comes with what a shell may say about it. Names that cannot be typed are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from assistant import locate
from assistant.render import printable_line
from assistant.store import Reader

Values = list[tuple[str, str]]

LEAST_LETTERS = 2
"""Letters of a word that is looked for in the headings of all notes."""


def of(reader: Reader, metavar: str, word: str) -> tuple[str, Values]:
    """Return the values of a kind of parameter for a word.

    Args:
        reader: The index.
        metavar: ``NOTE[:LINE]``, ``GLOB`` or ``TAG``.
        word: As far as it is typed.

    Returns:
        ``words``, or ``headings`` when the values are lines whose headings hold the word; then
        values and descriptions.

    Raises:
        AssistantError: The index is damaged, or the note's name is of several.
    """
    kind = "words"
    if metavar == "TAG":
        found = [(tag, "") for tag in _tags(reader) if tag.startswith(word)]
    elif metavar == "GLOB":
        found = notes(reader, word, folders=True)
    else:
        kind, found = places(reader, word)
    return kind, [(value, about) for value, about in found if printable_line(value) == value]


def notes(reader: Reader, word: str, *, folders: bool = False) -> Values:
    """Return the notes whose path begins with a word, else those of which a later part does.

    Args:
        reader: The index.
        word: As far as it is typed.
        folders: The folders of notes as well, with a slash at the end.
    """
    rows = reader.query("SELECT DISTINCT path, title FROM notes ORDER BY path")
    found = [(path, printable_line(title)) for path, title in rows]
    if folders:
        names = {f"{folder}/" for path, _ in found for folder in PurePosixPath(path).parents}
        found = sorted([*found, *((name, "") for name in names - {"./"})])
    beginning = [(path, title) for path, title in found if path.startswith(word)]
    return beginning or [(path, title) for path, title in found if f"/{word}" in path]


def places(reader: Reader, word: str) -> tuple[str, Values]:
    """Return the notes and the lines of entries that a word may mean.

    ``note.md:`` gives the entries of the note, ``note.md:gpu`` those whose heading holds that. A
    word that begins no note's name is looked for in the headings of all of them.
    """
    name, colon, rest = word.rpartition(":")
    path = locate.note(reader, name) if colon else None
    if path is not None:
        lines = [(line, heading) for _, line, heading in _entries(reader, path)]
        found = [(f"{name}:{line}", heading) for line, heading in lines]
        if not rest or rest.isdigit():
            return "words", [(value, heading) for value, heading in found if value.startswith(word)]
        return "headings", [pair for pair in found if rest.casefold() in pair[1].casefold()]
    known = notes(reader, word)
    if len(known) == 1:
        (path, _), *_ = known
        known += [(f"{path}:{line}", heading) for _, line, heading in _entries(reader, path)]
    if known or len(word) < LEAST_LETTERS:
        return "words", known
    everywhere = _entries(reader)
    holds = [entry for entry in everywhere if word.casefold() in entry[2].casefold()]
    return "headings", [(f"{path}:{line}", heading) for path, line, heading in holds]


def _entries(reader: Reader, path: str = "") -> Iterator[tuple[str, int, str]]:
    """Yield note, first line and heading of the entries of a note, or of all of them."""
    rows = reader.query(
        "SELECT n.path, e.first_line, e.headings FROM entries e JOIN notes n ON n.id = e.note"
        " WHERE ?1 IN ('', n.path) ORDER BY n.path, n.root, e.position",
        (path,),
    )
    for of_note, line, headings in rows:
        yield of_note, line, printable_line((json.loads(headings) or [""])[-1])


def _tags(reader: Reader) -> list[str]:
    """Return the tags of the notes, each once."""
    rows = reader.query("SELECT DISTINCT tags FROM notes")
    return sorted({tag for (tags,) in rows for tag in json.loads(tags)})
