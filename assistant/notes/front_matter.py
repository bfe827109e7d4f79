"""Front matter: what the YAML block at the top of a note says. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_MAX_FRONT = 64 * 1024  # characters; beyond it two thematic breaks are likelier than front matter
_MAX_DEPTH = 20  # nesting in YAML; libyaml's loader overflows the C stack on some 60,000 brackets
# A key with its colon, or what may stand between keys: indented, comment, list item, blank.
_FIELD_LINE = re.compile(r"(?P<key>[^\s:#\-][^:]{0,63}:(?:\s|$))|[\s#\-}\]]|$")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})(?![0-9])")
_DATE_IN_NAME = re.compile(r"(?<![0-9])[0-9]{4}[-.年][0-9]{1,2}[-.月][0-9]{1,2}(?![0-9])")
_NULLS = {"~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the YAML block at the top of a note says."""

    body_start: int = 0
    """Offset of the first character after the block, 0 when there is none."""
    title: str = ""
    tags: tuple[str, ...] = ()
    date: str = ""
    """ISO 8601 date, empty when there is none."""
    about: str = ""
    """What the note is about, in a sentence, empty when it does not say."""


def front_matter(text: str) -> FrontMatter:
    r"""Return what the front matter says, from a text with ``\n`` line ends; never raises.

    A block that is broken, nested beyond reason or uses YAML aliases tells nothing, but is
    passed over if it looks like keys and values; otherwise it belongs to the body.
    """
    span = _front_span(text)
    if span is None:
        return FrontMatter()
    begin, end, body_start = span
    block = text[begin:end]
    fields = _parse(block)
    if fields is None:
        return FrontMatter(body_start if _looks_like_fields(block) else 0)
    tags = [tag for key in ("tags", "tag") for tag in _tags(fields.get(key))]
    about = (_words(fields.get(key)) for key in ("description", "summary", "abstract"))
    dates = [_iso_date(fields.get(key)) for key in ("date", "created")]
    return FrontMatter(
        body_start=body_start,
        title=_words(fields.get("title")),
        tags=tuple(dict.fromkeys(tags)),
        date=next(filter(None, dates), ""),
        about=next(filter(None, about), ""),
    )


def _front_span(text: str) -> tuple[int, int, int] | None:
    """Return begin and end of the YAML, and the body's offset; None when it never closes."""
    head = text[:_MAX_FRONT]
    at = head.find("\n") + 1
    if head[:at].rstrip() != "---" or not head.startswith("---"):
        return None
    begin = at
    while at < len(head):
        end = head.find("\n", at)
        if end < 0 and len(text) > len(head):
            return None
        line_end = len(head) if end < 0 else end
        if head[at:line_end].rstrip() in ("---", "...") and head[at] in "-.":
            return begin, at, min(line_end + 1, len(text))
        at = line_end + 1
    return None


def _parse(block: str) -> dict[str, object] | None:
    """Return the block's mapping with keys in lower case, or None when it is none."""
    import yaml  # 20 ms, and most notes have no front matter

    # Every scalar stays the text that was written: safe_load would fail on `date: 2024-13-45`,
    # and turn `title: 007` into 7. Nor can any tag build an object.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        depth = 0
        for event in yaml.parse(block, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > _MAX_DEPTH:
                return None
        fields = yaml.load(block, Loader=loader)
    except (yaml.YAMLError, ValueError):  # ValueError: lone surrogates
        return None
    if fields is None:
        return {}  # blank, or comments only
    if not isinstance(fields, dict):
        return None
    return {key.strip().lower(): value for key, value in fields.items() if isinstance(key, str)}


def _words(value: object) -> str:
    """Return a YAML scalar on one line, empty for anything else."""
    if not isinstance(value, str) or value in _NULLS:
        return ""
    # An escape in YAML can spell a lone surrogate, which nothing downstream can hold.
    return " ".join(value.encode("utf-8", "replace").decode().split())


def _looks_like_fields(block: str) -> bool:
    """Tell broken front matter from prose or a list between two thematic breaks."""
    matches = [_FIELD_LINE.match(line) for line in block.split("\n")]
    return all(matches) and any(match["key"] for match in matches if match)


def _tags(value: object) -> list[str]:
    """Return the tags of a list, or of a string parted by commas, else by spaces."""
    if isinstance(value, str):
        parts = re.split("[,，、]", value)
        value = parts if len(parts) > 1 else value.split()
    if not isinstance(value, list):
        return []
    return [tag for item in value if (tag := _words(item).lstrip("#").strip())]


def _iso_date(value: object) -> str:
    """Return the date that a value begins with, empty when it has none."""
    match = _DATE.match(_words(value))
    if not match:
        return ""
    try:
        return date(*map(int, match.groups())).isoformat()
    except ValueError:  # such as a thirteenth month
        return ""


def date_in_name(path: str) -> str:
    """Return the date in the name of a note, such as of ``2026-03-01.md``; empty without one."""
    name = path.rpartition("/")[2]
    dates = (_iso_date(name[match.start() :]) for match in _DATE_IN_NAME.finditer(name))
    return next(filter(None, dates), "")
