"""Front matter: what the blocks at the top of a note say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from assistant.notes import dates
from assistant.notes.metadata import Block, blocks
from assistant.records import Remark, Span

MOST_DATES = 20
"""Of a key that are looked at: a list of more is none of dates."""

_NULLS = {"~", "null", "Null", "NULL"}
_ABOUT = ("description", "summary", "abstract")
_TAGS = ("tags", "tag", "keywords")
_NAMES = ("aliases", "alias", "id", "permalink")
_DATES = (
    *("date", "created", "datecreated", "createdat", "creationdate", "day"),
    *("published", "publishedat", "publishdate", "pubdate", "pubdatetime", "datepublished"),
    *("updated", "updatedat", "lastmod", "modified", "datemodified", "dateupdated"),
)
_SILENT = frozenset(
    "draft publish comments layout template slug url weight order lang language locale toc math"
    " mermaid cssclass cssclasses css theme image cover banner thumbnail icon uid uuid class"
    " editurl outline parent navorder".split()
)
"""Keys that tell a program how to show a note, beside those of what hides or places something."""

_SILENT_STARTS = ("hide", "show", "sidebar", "pagination", "nav", "custom", "no")
_LINE = re.compile(
    r"^[ \t]{0,4}(?P<key>[^\s:=#\-{}\[\]][^:=\n]{0,63}?)[ \t]*[:=][ \t]+\S[^\n]*", re.MULTILINE
)
_LIST_START = re.compile(r"\A\[(?!\[)")
_NO_LETTERS = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the blocks at the top of a note say."""

    body_start: int = 0
    """Offset of the first character after them, 0 when there is none."""
    title: str = ""
    tags: tuple[str, ...] = ()
    date: str = ""
    """ISO 8601 date, empty when there is none."""
    about: str = ""
    """What the note is about, in a sentence, empty when it does not say."""
    aliases: tuple[str, ...] = ()
    """Other names of the note: its aliases, its id, its permalink."""
    remarks: tuple[Remark, ...] = ()
    """What could not be read as it is meant."""
    properties: Span = (0, 0)
    """Its lines from the first to the last that tell a reader something else, with the title if it
    stands there; empty when there are none."""


def front_matter(text: str, date_order: str = "") -> FrontMatter:
    r"""Return what the front matter says, from a text with ``\n`` line ends; never raises.

    A block that is broken is read line by line if it looks like keys and values; otherwise it
    belongs to the body. Keys are the same in any case, and with any hyphens, underscores and
    blanks between their words. Of two blocks the first has the last word.

    Args:
        text: Of the note.
        date_order: Of ``dates.DATE_ORDERS``, for dates that may be read in either.
    """
    found = blocks(text)
    if not found:
        return FrontMatter()
    fields: dict[str, object] = {}
    for block in reversed(found):
        fields |= {_folded(key): value for key, value in block.fields.items()}
    taxonomies = fields.get("taxonomies")  # where Zola has tags
    if isinstance(taxonomies, dict):
        fields = {_folded(key): value for key, value in taxonomies.items()} | fields
    day, unclear = _date(fields, date_order)
    remarks = [remark for block in found for remark in block.remarks]
    remarks += [Remark(0, words) for words in unclear]
    return FrontMatter(
        body_start=found[-1].body_start,
        title=_words(fields.get("title")),
        tags=_unique(tag for key in _TAGS for tag in _tags(fields.get(key), key)),
        date=day,
        about=next(filter(None, (_words(fields.get(key)) for key in _ABOUT)), ""),
        aliases=_unique(name for key in _NAMES for name in _names(fields.get(key), key)),
        remarks=tuple(remarks),
        properties=_properties(text, found[0]) if found[0].body_start else (0, 0),
    )


def _properties(text: str, block: Block) -> Span:
    """Return the part of a block that tells a reader more than what all notes have."""
    fields = {_folded(key): value for key, value in block.fields.items()}
    told = [
        (match.start(), match.end(), key)
        for match in _LINE.finditer(text, block.begin, block.end)
        if (key := _folded(match["key"].strip("\"'"))) in fields and _tells(key, fields[key])
    ]
    if all(key == "title" for *_, key in told):
        return 0, 0
    return told[0][0], told[-1][1]


def _tells(key: str, value: object) -> bool:
    """Return whether a field tells a reader something."""
    if key in _SILENT or key in (*_ABOUT, *_TAGS, *_NAMES, *_DATES):
        return False
    words = _words(value)
    return not key.startswith(_SILENT_STARTS) and bool(words) and words not in ("true", "false")


def _folded(key: str) -> str:
    """Return a key as keys are compared."""
    return _NO_LETTERS.sub("", key).casefold()


def _words(value: object) -> str:
    """Return a scalar on one line, empty for anything else."""
    if not isinstance(value, str) or value in _NULLS:
        return ""
    # An escape in YAML can spell a lone surrogate, which nothing downstream can hold.
    return " ".join(value.encode("utf-8", "replace").decode().split())


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _tags(value: object, key: str) -> Iterator[str]:
    """Yield the tags of a list, or of a string parted by commas, else by spaces."""
    if isinstance(value, str):
        parts = re.split("[,，、;]", value.strip("[]"))
        value = parts if len(parts) > 1 or key == "keywords" else value.split()
    for item in _items(value):
        tag = _words(_linked(item)).strip("\"'").lstrip("#").strip()
        if tag:
            yield tag


def _names(value: object, key: str) -> Iterator[str]:
    """Yield the names of a list, or of a string parted by commas where it may hold several."""
    if isinstance(value, str):
        several = key in ("aliases", "alias")
        # A list that is no YAML keeps its brackets, which are one more than a link has.
        bare = _LIST_START.sub("", value) if several else value
        value = re.split("[,，、]", bare) if several else [value]
    for item in _items(value):
        name = _words(_linked(item)).strip("\"'").strip()
        if name:
            yield name


def _items(value: object) -> list[object]:
    """Return the items of a list; of ``[[page]]``, which to YAML is a list in a list, its page."""
    if not isinstance(value, list):
        return []
    return [value] if len(value) == 1 and isinstance(value[0], list) else value


def _linked(item: object) -> object:
    """Return what a link to a page names, as ``[[page]]``, or the item itself."""
    if isinstance(item, list) and len(item) == 1:
        inside = item[0]
        return inside[0] if isinstance(inside, list) and len(inside) == 1 else item
    if isinstance(item, str) and item.strip().startswith("[[") and item.strip().endswith("]]"):
        return item.strip()[2:-2]
    return item


def _date(fields: Mapping[str, object], order: str) -> tuple[str, list[str]]:
    """Return the first date that the fields tell, and what is unclear when none is."""
    unclear = []
    for key in _DATES:
        for value in islice(_scalars(fields.get(key)), MOST_DATES):
            found = dates.day_of(value, order)
            if found:
                return found, []
            if dates.is_open(value):
                unclear.append(
                    f"the date {value} can be read in two ways; set `date_order` to"
                    " day-month or month-day"
                )
    return "", unclear[:1]


def _scalars(value: object, depth: int = 3) -> Iterator[str]:
    """Yield the texts of a value: itself, or those of its lists, as of ``[[2024-03-01]]``."""
    if isinstance(value, list) and depth:
        for item in value:
            yield from _scalars(item, depth - 1)
    elif words := _words(value):
        yield words
