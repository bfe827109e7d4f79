"""A line of Markdown as a reader wants it: marks become what they stand for.

Links are their text, and lead where they did; bold, code and the like lose their marks and keep
their style; boxes, callouts and bullets are signs; formulas are text; tables stand in columns.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from assistant.rendering.formulas import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.rendering.lines import Line

_MARKS = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`{1,3})(?!`)(?P<of_code>[^`].{0,1000}?)(?<!`)(?P=ticks)(?!`))"
    r"|(?P<image>!\[(?P<of_image>[^\]\[]*)\]\([^()]*\))"
    r"|(?P<link>\[(?P<of_link>[^\]\[]+)\]\((?P<to>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'))?\))"
    r"|(?P<wiki>!?\[\[(?:[^\]\[|]+\|)?(?P<of_wiki>[^\]\[|]+)\]\])"
    r"|(?P<auto><(?P<of_auto>https?://[^<>\s]+)>)"
    r"|(?P<strong>(?P<stars>\*\*|__)(?=\S)(?P<of_strong>.{1,1000}?)(?<=\S)(?P=stars)(?![*_\w]))"
    r"|(?P<em>(?<![\w*])\*(?=[^\s*])(?P<of_em>[^*]+?)(?<=\S)\*(?![\w*]))"
    r"|(?P<gone>~~(?=\S)(?P<of_gone>[^~]+)~~)"
    r"|(?P<lit>==(?=\S)(?P<of_lit>[^=]+)==)"
    r"|(?P<math>(?<![\\$\w])\$\$?(?=[^\s$])(?P<of_math>[^$]+?)(?<=[^\s\\$])\$\$?(?![\w$]))"
)
_STYLES = {
    "code": "cyan",
    "strong": "bold",
    "em": "italic",
    "gone": "strike",
    "lit": "reverse",
    "wiki": "underline",
    "math": "italic",
}
_NESTED = ("strong", "em", "gone", "lit", "link")
"""Marks in which there may be others."""

_HEADING = re.compile(r" {0,3}#{1,6}\s+")
_LEAD = re.compile(
    r"(?P<quotes>(?:\s*>)*)(?P<indent>\s*)(?:(?P<bullet>[-*+])(?P<gap>\s+)"
    r"(?P<box>\[[ xX]\](?=\s))?)?(?P<callout>\[!(?P<kind>[A-Za-z]+)\][-+]?\s*)?"
)
_QUOTE = "│"
_SAFE = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x20]+")
_DELIMITER = re.compile(r"\s*\|?\s*:?-{1,}:?\s*(?:\|\s*:?-{1,}:?\s*)*\|?\s*")
_BAR = re.compile(r"(?<!\\)\|")
_COLUMN_GAP = 2
_DISPLAYED = "$$"


def unmarked(part: Text, line: Line) -> Text:
    """Return one line of a passage without its marks.

    Args:
        part: It, painted.
        line: What it is; code stays as it is.
    """
    if line.kind == "heading":
        match = _HEADING.match(part.plain)
        return _inline(part[match.end() :] if match else part)
    if line.kind != "prose":
        return part
    match = _LEAD.match(part.plain)
    assert match is not None  # all of it may be empty
    lead = Text(_QUOTE * match["quotes"].count(">"), "dim") if match["quotes"] else Text()
    lead.append(match["indent"])
    if match["bullet"]:
        box = match["box"]
        sign = "•" if not box else ("☐" if box == "[ ]" else "☑")
        lead.append(sign, "dim").append(match["gap"] if not box else "")
    if match["callout"]:
        lead.append(f"{match['kind'].capitalize()}: ", "bold")
    rest = part[match.end() :]
    return Text.assemble(lead, _inline(rest))


def formulas_read(parts: Sequence[Text], lines: Sequence[Line]) -> list[Text]:
    """Return lines of which those of displayed formulas are text, and their dollars gone."""
    found = list(parts)
    inside = False
    for at, (part, line) in enumerate(zip(parts, lines, strict=True)):
        if line.kind != "prose":
            continue
        bare = part.plain.strip()
        if bare == _DISPLAYED:
            found[at], inside = Text(), not inside
        elif inside:
            found[at] = Text("  ").append_text(_restyled(part, readable(bare)))
        elif bare.startswith(_DISPLAYED) and bare.endswith(_DISPLAYED):
            found[at] = Text("  ").append_text(_restyled(part, readable(bare.strip("$"))))
    return found


def in_columns(parts: Sequence[Text], lines: Sequence[Line], width: int) -> list[Text]:
    """Return lines of which those of tables stand in columns, where a table fits the width.

    Args:
        parts: The lines, without their marks save those of tables.
        lines: What each is.
        width: Columns of the screen.
    """
    found = list(parts)
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].kind == "table":
            end += 1
        if end > at:
            found[at:end] = _table(parts[at:end], width)
        at = end + 1
    return found


def _table(rows: Sequence[Text], width: int) -> list[Text]:
    """Return the rows of a table with their cells below each other; as they are if too wide."""
    cells = [[_inline(cell) for cell in _cells(row)] for row in rows]
    rules = [bool(_DELIMITER.fullmatch(row.plain)) for row in rows]
    count = max(map(len, cells))
    widths = [
        max(
            (
                cell_len(row[at].plain)
                for row, rule in zip(cells, rules, strict=True)
                if not rule and at < len(row)
            ),
            default=0,
        )
        for at in range(count)
    ]
    if sum(widths) + _COLUMN_GAP * (count - 1) > width:
        return list(rows)
    right = _aligned_right(cells, rules, count)
    shown = []
    for row, rule in zip(cells, rules, strict=True):
        line = Text()
        for at, wide in enumerate(widths):
            cell = Text("─" * wide, "dim") if rule else (row[at] if at < len(row) else Text())
            space = " " * (wide - cell_len(cell.plain))
            line.append(space if right[at] else "").append_text(cell)
            line.append("" if right[at] else space)
            line.append(" " * _COLUMN_GAP if at < count - 1 else "")
        line.rstrip()
        shown.append(line)
    return shown


def _aligned_right(
    cells: Sequence[Sequence[Text]], rules: Sequence[bool], count: int
) -> list[bool]:
    """Return which columns the row of dashes wants at the right."""
    row = next((row for row, rule in zip(cells, rules, strict=True) if rule), [])
    marks = [cell.plain.strip() for cell in row] + [""] * count
    return [mark.endswith(":") and not mark.startswith(":") for mark in marks[:count]]


def _cells(row: Text) -> list[Text]:
    """Return the cells of a row of a table, without the space around them."""
    plain = row.plain
    bars = [match.start() for match in _BAR.finditer(plain)]
    edges = [-1, *bars, len(plain)]
    spans = [(a + 1, b) for a, b in pairwise(edges)]
    if spans and not plain[slice(*spans[0])].strip():
        del spans[0]
    if spans and not plain[slice(*spans[-1])].strip():
        del spans[-1]
    found = []
    for start, end in spans:
        inside = plain[start:end]
        start += len(inside) - len(inside.lstrip())
        found.append(row[start : start + len(inside.strip())] if inside.strip() else Text())
    return found or [Text()]


def _inline(text: Text) -> Text:
    """Return a line without the marks within it."""
    plain = text.plain
    parts: list[Text] = []
    last = 0
    for match in _MARKS.finditer(plain):
        kind = _kind_of(match)
        start, end = match.span(f"of_{kind}")
        inside = text[start:end] if start < end else Text()
        if kind in _NESTED:
            inside = _inline(inside)
        if kind == "math":
            inside = _restyled(inside, readable(match["of_math"]))
        if kind == "image":
            inside = Text.assemble(("image: ", "dim"), inside)
        if style := _STYLES.get(kind):
            inside.stylize(style)
        address = match["to"] if kind == "link" else match["of_auto"] if kind == "auto" else ""
        if kind in ("link", "auto"):
            target = address if _SAFE.fullmatch(address or "") else None
            inside.stylize(Style(underline=True, link=target))
        parts += [text[last : match.start()] if last < match.start() else Text(), inside]
        last = match.end()
    if not parts:
        return text
    return Text("").join([*parts, text[last:] if last < len(plain) else Text()])


def _kind_of(match: re.Match[str]) -> str:
    """Return which of the marks matched."""
    return next(name for name in _FORMS if match[name] is not None)


def _restyled(old: Text, words: str) -> Text:
    """Return other words with the styles of a text that reach over all of it."""
    new = Text(words)
    for span in old.spans:
        if span.start == 0 and span.end >= len(old):
            new.stylize(span.style)
    return new


_FORMS = ("code", "image", "link", "wiki", "auto", "strong", "em", "gone", "lit", "math")
