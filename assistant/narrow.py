"""Which chunks a question may be answered from: by note, by tag, by language."""

from __future__ import annotations

import fnmatch
import json
import re
from dataclasses import dataclass
from typing import Literal

from assistant.errors import ConfigError
from assistant.store import Reader

Language = Literal["", "zh", "en"]

HAN_SHARE = 0.2
"""A passage with this share of Han among its letters is Chinese, since code in it is Latin."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Filter:
    """What narrows a search; empty is no limit."""

    note: str = ""
    """Path of a note, a folder with a slash at its end, or a glob."""
    tag: str = ""
    """A tag of the note's front matter."""
    language: Language = ""
    """Of the passage."""


def language(text: str) -> Language:
    """Return the language of a passage, by its share of Han."""
    han = len(_HAN.findall(text))
    return "zh" if han and han >= HAN_SHARE * len(_LETTER.findall(text)) else "en"


def chunks(reader: Reader, wanted: Filter) -> list[int] | None:
    """Return the chunks that a filter lets through, ascending; None when it lets all through.

    Raises:
        ConfigError: No note, tag or passage is like that.
    """
    if wanted == Filter():
        return None
    notes = reader.query("SELECT id, path, tags FROM notes")
    kept = [row for row in notes if not wanted.note or _matches(row[1], wanted.note)]
    if not kept:
        raise ConfigError(f"no note matches {wanted.note!r}", "choose another note or folder")
    kept = [row for row in kept if not wanted.tag or wanted.tag in json.loads(row[2])]
    if not kept:
        raise ConfigError(f"no such note has the tag {wanted.tag!r}", "choose another tag")
    rows = reader.query(
        "SELECT c.id, substr(e.text, c.start + 1, c.end - c.start) FROM chunks c"
        " JOIN entries e ON e.id = c.entry"
        " WHERE e.note IN (SELECT value FROM json_each(?)) ORDER BY c.id",
        (json.dumps([note for note, *_ in kept]),),
    )
    found = [row for row, text in rows if wanted.language in ("", language(text))]
    if not found:
        raise ConfigError("no such passage is in that language", "choose another language")
    return found


def _matches(path: str, pattern: str) -> bool:
    """Tell whether a note is the one named, in the folder named, or matches the glob."""
    if pattern.endswith("/"):
        return path.startswith(pattern)
    return path == pattern or fnmatch.fnmatch(path, pattern)
