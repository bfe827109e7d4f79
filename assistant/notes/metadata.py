"""Where a note says what it is: the blocks at its top, and the fields of each. Pure.

YAML between ``---``, TOML between ``+++`` and a JSON object, as Hugo reads them; headers as of
MultiMarkdown, and properties of a page as of Logseq, which end at a blank line.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date, time

from assistant.notes import yaml_fields
from assistant.notes.yaml_fields import Fields
from assistant.records import Remark

MOST_CHARACTERS = 64 * 1024
"""Of a block; beyond it two thematic breaks are likelier than front matter."""

_MOST_NESTED = 20
_FENCES = {"---": ("---", "..."), "+++": ("+++",)}
_BEFORE = re.compile(r"(?:[ \t]*\n|<!--(?:(?!-->).){0,2000}-->[ \t]*\n)+", re.DOTALL)
# Patterns that few notes need are compiled when they do: a question mostly reads none.
_TOML_LINE = r"\s*([\w.\"'-]+)\s*=\s*(.*)$"
_HEADING = r"(?:[ \t]*\n)*(?:#{1,6} [^\n]*\n(?:[ \t]*\n)*)?"
_PROPERTY = r"(?:[-*] )?([^\s:#\-][^:\n]{0,63})::(?:[ \t]+(.*))?$"
_HEADER = r"([A-Za-z][\w .-]{0,63}):[ \t]+(\S.*)$"
# Of the many lines that begin with a word and a colon, those that head a note name one of these.
_HEADERS = frozenset(
    ("title", "author", "authors", "date", "tags", "keywords", "created", "updated", "subtitle")
)


@dataclass(frozen=True, slots=True)
class Block:
    """What stands at the top of a note, apart from its body."""

    begin: int
    """Offset of its fields in the text."""
    end: int
    body_start: int
    """Offset of the first character after it."""
    fields: Fields
    remarks: tuple[Remark, ...] = ()


def blocks(text: str) -> list[Block]:
    r"""Return the blocks at the top of a text with ``\n`` line ends, in order.

    One may come after blank lines and comments, and another after it, if it is whole.
    """
    found: list[Block] = []
    at = 0
    while len(found) < 2:
        before = _BEFORE.match(text, at, at + MOST_CHARACTERS)
        start = before.end() if before else at
        block = _block(text, start, is_first=start == 0)
        if block is None or (start > 0 and not _is_certain(block)):
            break
        found.append(block)
        if block.body_start <= at:
            break
        at = block.body_start
    properties = _properties(text, at)
    return [*found, properties] if properties else found


def _is_certain(block: Block) -> bool:
    """Tell fields from a line of prose between two thematic breaks, where either may stand."""
    several = len(block.fields) > 1 or any(key.lower() in _HEADERS for key in block.fields)
    return several and not block.remarks


def _block(text: str, at: int, *, is_first: bool) -> Block | None:
    """Return the block that begins at an offset; None where none does."""
    head = text[at : at + MOST_CHARACTERS]
    mark = head[:3]
    if mark in _FENCES:
        return _fenced(text, at, head, mark)
    if mark[:1] == "{":
        return _json(text, at, head)
    return _headers(text, head) if is_first else None


def _fenced(text: str, at: int, head: str, mark: str) -> Block | None:
    """Return the block between two lines of a mark."""
    span = _span(head, mark, is_whole=at + len(head) == len(text))
    if span is None:
        return None
    begin, end, body_start = span
    inside = head[begin:end]
    line = text.count("\n", 0, at) + 2
    places = (at + begin, at + end, at + body_start)
    if mark == "+++":
        fields, remarks = _toml(inside, line)
        return Block(*places, fields, remarks) if fields or not inside.strip() else None
    whole = yaml_fields.as_written(inside)
    if whole is not None:
        return Block(*places, whole)
    found = yaml_fields.line_by_line(inside, line)
    return Block(*places, *found) if found else None


def _span(head: str, mark: str, *, is_whole: bool) -> tuple[int, int, int] | None:
    """Return begin and end of the fields, and the body's offset; None when they never close."""
    at = head.find("\n") + 1
    if head[:at].rstrip() != mark:
        return None
    begin = at
    while at < len(head):
        end = head.find("\n", at)
        if end < 0 and not is_whole:
            return None
        line_end = len(head) if end < 0 else end
        if head[at] in "-.+" and head[at:line_end].rstrip() in _FENCES[mark]:
            return begin, at, min(line_end + 1, len(head))
        at = line_end + 1
    return None


def _toml(inside: str, line: int) -> tuple[Fields, tuple[Remark, ...]]:
    """Return the fields of TOML; of what is broken, those of one line."""
    try:
        return _texts(tomllib.loads(inside)), ()
    except tomllib.TOMLDecodeError as error:
        reason, at = str(error), re.search(r"line (\d+)", str(error))
    except RecursionError:
        reason, at = "nested too deeply", None
    fields: Fields = {}
    for written in inside.split("\n"):
        match = re.match(_TOML_LINE, written)
        if match:
            try:
                fields |= _texts(tomllib.loads(written))
            except (tomllib.TOMLDecodeError, RecursionError):
                fields[match[1].strip("\"'")] = match[2].strip().strip("\"'")
    words = f"not TOML ({reason.partition(' (at')[0].lower()}), and read line by line"
    return fields, (Remark(line + (int(at[1]) - 1 if at else 0), words),)


def _json(text: str, at: int, head: str) -> Block | None:
    """Return the object that a text begins with, if nothing follows it on its last line."""
    try:
        found, end = json.JSONDecoder().raw_decode(head)
    except (ValueError, RecursionError):
        return None
    line_end = head.find("\n", end)
    line_end = len(head) if line_end < 0 else line_end
    if not found or head[end:line_end].strip():
        return None
    return Block(at, at + end, at + min(line_end + 1, len(head)), _texts(found))


def _headers(text: str, head: str) -> Block | None:
    """Return the headers of MultiMarkdown that a text begins with."""
    first = head.partition("\n")[0]
    header = re.match(_HEADER, first)
    if not header or header[1].lower() not in _HEADERS:
        return None
    fields: dict[str, object] = {}
    at, key = 0, ""
    while at < len(head):
        end = head.find("\n", at)
        line = head[at : end if end >= 0 else len(head)]
        match = re.match(_HEADER, line)
        if match:
            key = match[1]
            fields[key] = match[2].strip()
        elif line.strip() and line[0] in " \t":
            fields[key] = f"{fields[key]} {line.strip()}"
        else:
            break
        at = len(head) if end < 0 else end + 1
    # Headers end at a blank line: what goes on is prose that happens to begin like them.
    goes_on = head[at:].partition("\n")[0].strip() or at == MOST_CHARACTERS
    # A single line of them may be all that a note says of something.
    is_sure = len(fields) > 1 or "title" in map(str.lower, fields)
    return Block(0, at, at, fields) if is_sure and not goes_on else None


def _properties(text: str, at: int) -> Block | None:
    """Return the properties of a page that a body begins with, below its heading or above it.

    Their lines are a paragraph, too: the body begins where it did.
    """
    before = re.compile(_HEADING).match(text, at, at + MOST_CHARACTERS)
    start = before.end() if before else at
    if "::" not in text[start : start + 80]:
        return None
    fields: dict[str, object] = {}
    for line in text[start : start + MOST_CHARACTERS].split("\n"):
        match = re.match(_PROPERTY, line)
        if not match:
            break
        fields.setdefault(match[1], (match[2] or "").strip())
    return Block(start, start, at, fields) if fields else None


def _texts(value: object, depth: int = 0) -> Fields:
    """Return a mapping of TOML or JSON with texts in place of all other values."""
    assert isinstance(value, dict)
    return {str(key): _text(item, depth + 1) for key, item in value.items()}


def _text(value: object, depth: int) -> object:
    """Return a value as YAML's would be read: a text, or lists and mappings of texts."""
    if depth > _MOST_NESTED:
        return ""
    if isinstance(value, dict):
        return _texts(value, depth)
    if isinstance(value, list):
        return [_text(item, depth + 1) for item in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    return str(value)
