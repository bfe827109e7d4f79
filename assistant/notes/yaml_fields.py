"""YAML to fields: as a whole or, where that is broken, key by key. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from assistant.records import Remark

Fields = dict[str, object]
"""Keys as they are written, each with a text, or with lists and mappings of texts."""

MOST_ALIASES = 1000
"""Of a block: each stands for what has an anchor, which is held once."""

MOST_REMARKS = 5
"""Of a block; more tell nothing new."""

_MAX_DEPTH = 20  # nesting in YAML; libyaml's loader overflows the C stack on some 60,000 brackets
# Compiled for the first block that is broken: a question mostly reads no note at all.
_KEY = r"(?P<key>[^\s:#\-][^:]{0,63}):(?:\s+(?P<value>.*))?$"
# What may stand between keys: indented, comment, list item, end of a list or mapping, blank.
_BETWEEN = r"[\s#\-}\]]|$"
_ITEM = r"\s*-(?:\s+(?P<item>.*))?$"


def as_written(block: str) -> Fields | None:
    """Return the mapping that a block of YAML is; None where it is none."""
    fields, _ = _load(block)
    return fields


def line_by_line(block: str, first_line: int) -> tuple[Fields, tuple[Remark, ...]] | None:
    """Return the fields of a block that is no YAML as a whole, and the lines that are not.

    Each key is read by itself, with what is indented or listed below it, and what is no YAML even
    so is a text, or a list of texts, as it stands.

    Args:
        block: With line feeds as line ends.
        first_line: Of the block in its note, from 1.

    Returns:
        None where the block does not look like keys and values: then it is prose, or a list.
    """
    lines = block.split("\n")
    if not _looks_like_fields(lines):
        return None
    fields: Fields = {}
    remarks: list[Remark] = []
    for at, own in _parts(lines):
        found, (line, reason) = _load("\n".join(own))
        if found is None:
            words = f"not YAML ({reason}), and read as it stands"
            remarks.append(Remark(first_line + at + min(line, len(own) - 1), words))
            found = _as_it_stands(own)
        fields |= found
    if not remarks:
        _, (line, reason) = _load(block)
        remarks.append(Remark(first_line + line, f"not YAML ({reason}), and read line by line"))
    return fields, tuple(remarks[:MOST_REMARKS])


@cache
def _loader() -> Any:  # noqa: ANN401 - a class of a library that is not imported yet
    import yaml  # 20 ms, and most notes have no front matter

    # Every scalar stays the text that was written: safe_load would fail on `date: 2024-13-45`,
    # and turn `title: 007` into 7. Nor can any tag build an object.
    return getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def _load(block: str) -> tuple[Fields | None, tuple[int, str]]:
    """Return the mapping of a block, else the line in it, from 0, and the reason."""
    import yaml

    try:
        depth = aliases = 0
        for event in yaml.parse(block, Loader=_loader()):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            aliases += isinstance(event, yaml.AliasEvent)
            if aliases > MOST_ALIASES or depth > _MAX_DEPTH:
                what = "nested too deeply" if depth > _MAX_DEPTH else "too many aliases"
                return None, (event.start_mark.line if event.start_mark else 0, what)
        fields = yaml.load(block, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return None, (mark.line if mark else 0, error.problem or error.context or "broken")
    except yaml.YAMLError:  # a character that YAML does not allow
        return None, (0, "a character that may not stand there")
    except ValueError:  # a lone surrogate
        return None, (0, "a character that is none")
    if fields is None:
        return {}, (0, "")  # blank, or comments only
    if not isinstance(fields, dict):
        return None, (0, "no keys with values")
    merged = fields.pop("<<", None)
    if isinstance(merged, dict):
        fields = merged | fields
    return {key: value for key, value in fields.items() if isinstance(key, str)}, (0, "")


def _looks_like_fields(lines: Sequence[str]) -> bool:
    """Tell broken front matter from prose or a list between two thematic breaks.

    It begins with a key, and more of its lines are keys than are neither keys nor between them.
    """
    keys = [bool(re.match(_KEY, line)) for line in lines]
    told = [
        key for key, line in zip(keys, lines, strict=True) if key or not re.match(_BETWEEN, line)
    ]
    return told[:1] == [True] and 2 * sum(told) > len(told)


def _parts(lines: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield each key's lines, with the number of the first, from 0."""
    starts = [at for at, line in enumerate(lines) if re.match(_KEY, line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield start, lines[start:end]


def _as_it_stands(lines: Sequence[str]) -> Fields:
    """Return the field of a key whose lines are no YAML."""
    match = re.match(_KEY, lines[0])
    assert match
    first = (match["value"] or "").strip()
    items = [item["item"] for line in lines[1:] if (item := re.match(_ITEM, line))]
    value: object
    if items and not first:
        value = [_bare(item or "") for item in items]
    else:
        below = [line.strip() for line in lines[1:] if line[:1] in (" ", "\t")]
        value = _bare(" ".join(filter(None, [first, *below])))
    return {_bare(match["key"]): value}


def _bare(text: str) -> str:
    """Return a text without the quotes around it."""
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text
