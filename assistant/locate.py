"""``NOTE`` and ``NOTE:LINE``, as users write them, to the note and the entry that they mean."""

from __future__ import annotations

import re
from pathlib import Path

from assistant.errors import ConfigError
from assistant.store import Reader, StoredEntry
from assistant.suggestion import nearest

PLACE = re.compile(r"(.+):0*([1-9][0-9]{0,8})(?:-[0-9]+)?", re.DOTALL)
"""A note with a line, or with the lines of a passage as results name them: the first counts."""


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


def note(reader: Reader, name: str) -> str | None:
    """Return the path in the index of the note with a name; None when there is none.

    Args:
        reader: The index.
        name: Its path in the index, the end of it, or its path on the disk.

    Raises:
        ConfigError: Several notes are called so.
    """
    files = list(reader.notes())
    there = on_disk(name)
    exact = [file.path for file in files if file.path == name or file.absolute == there]
    found = exact[:1] or [file.path for file in files if file.path.endswith(f"/{name}")]
    if len(found) > 1:
        raise ConfigError(f"several notes are called {name}", f"name one: {', '.join(found)}")
    return found[0] if found else None


def unknown(reader: Reader, wanted: str) -> ConfigError:
    """Return the error for a note that is not in the index, with the nearest that is."""
    name, _ = readings(wanted)[-1]
    paths = [file.path for file in reader.notes()]
    called = {path.rpartition("/")[2]: path for path in reversed(paths)} | {p: p for p in paths}
    near = nearest(name, called)
    remedy = f"did you mean {called[near]!r}?" if near else "see `assistant status`"
    return ConfigError(f"there is no note {name!r} in the index", remedy)


def entry(reader: Reader, path: str, line: int) -> StoredEntry:
    """Return the entry that a line of a note lies in; blank lines go to the entry before them.

    Args:
        reader: The index.
        path: The note, by its path in the index.
        line: From 1; 0 for the first entry.

    Raises:
        ConfigError: It lies in none.
    """
    rows = _rows(reader, path)
    if not rows:
        raise ConfigError(f"{path} has no entries", "name another note")
    before = [row for row, first in rows if first <= line] if line else [rows[0][0]]
    _, end = reader.entry(rows[-1][0]).entry.lines
    if not before or line > end:
        raise ConfigError(
            f"line {line} of {path} lies in no entry", f"name a line from {rows[0][1]} to {end}"
        )
    return reader.entry(before[-1])


def find(reader: Reader, wanted: str) -> StoredEntry:
    """Return the entry that ``NOTE`` (its first), ``NOTE:LINE`` or ``NOTE:LINE-LINE`` means.

    Raises:
        ConfigError: There is no such note or line, or several notes are called so.
    """
    for name, line in readings(wanted):
        path = note(reader, name)
        if path is not None:
            return entry(reader, path, line)
    raise unknown(reader, wanted)


def entries(reader: Reader, name: str) -> list[StoredEntry]:
    """Return all entries of the note with a name, in order.

    Raises:
        ConfigError: There is no such note, or several are called so.
    """
    path = note(reader, name)
    if path is None:
        raise unknown(reader, name)
    return [reader.entry(row) for row, _ in _rows(reader, path)]


def _rows(reader: Reader, path: str) -> list[tuple[int, int]]:
    """Return the entries of a note in order, each with its first line."""
    return reader.query(
        "SELECT e.id, e.first_line FROM entries e JOIN notes n ON n.id = e.note WHERE n.path = ?"
        " ORDER BY n.root, e.position",
        (path,),
    )


def around(reader: Reader, row: int, context: int) -> list[StoredEntry]:
    """Return an entry with the entries before and after it in its note.

    Args:
        reader: The index.
        row: The entry.
        context: Neighbours on either side at most.
    """
    rows = reader.query(
        "SELECT b.id FROM entries a JOIN entries b ON b.note = a.note"
        " AND b.position BETWEEN a.position - ? AND a.position + ? WHERE a.id = ?"
        " ORDER BY b.position",
        (context, context, row),
    )
    return [reader.entry(near) for (near,) in rows]
