"""What Obsidian adds to Markdown: comments, callouts, wikilinks, highlights, block names. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from assistant.markdown.dialects.edit import Edit
from assistant.records import Span

HINT = r"\[\[|==|%%|\[!|[ \t\n]\^[A-Za-z0-9-]+[ \t]*$|^\^"
"""A text without any of this, as a regular expression, has no marks of this kind."""

WIKILINK = re.compile(
    r"(?<![\w\)\].`\"'])(?P<embed>!?)\[\[(?P<note>[^\[\]|#^\n\"'=<>{}]*)"
    r"(?:#(?P<heading>[^\[\]|\n]*))?(?:\\?\|(?P<shown>[^\[\]\n]*))?\]\](?!\(|\[)",
    re.ASCII,
)
ARRAY = re.compile(r"(?i)[-+]?(?:[\d.]+(?:e[-+]?\d+)?j?|nan|inf|true|false|none|null|\w)")
"""An element of an array as it is printed."""
DAY = re.compile(r"\d{4}-\d{2}")
SIZE = re.compile(r"\d+(?:x\d+)?")
COMMENT = re.compile(r"(?<!\S)%%(?=[^\s%]|\s\S)[^%\n]*%%(?![\w%])")
COMMENT_LINE = re.compile(
    r"^[ \t]*%%[ \t]*$|^[ \t]*(?P<opens>%%)(?=[^%\n]+$)|(?P<closes>%%)[ \t]*$"
    r"|(?<=[^%\s])(?P<ends>%%)(?!%)",
    re.MULTILINE,
)
"""A line that begins or ends a comment of several lines."""

HIGHLIGHT = re.compile(
    r"(?<![A-Za-z0-9_=!<>+*/%&|^~:-])==(?P<inner>[^\s=](?:[^=\n]*[^\s=])?)==(?![A-Za-z0-9_=])"
)
CALLOUT = re.compile(
    r"[ \t]*(?:>[ \t]*)+\[!(?P<kind>[A-Za-z][\w-]*)(?:\|[^\]\n]*)?\][+-]?[ \t]*(?P<title>.*)"
)
BLOCK_ID = re.compile(
    r"(?:^|(?<![ \t\n])[ \t\n]++)\^(?=[A-Za-z0-9-]*[A-Za-z]|\d{6})[A-Za-z0-9-]{3,}[ \t]*\Z"
)


def comments(source: str) -> Iterator[Edit]:
    """Yield comments within a block of prose."""
    for match in COMMENT.finditer(source):
        yield Edit(match.start(), match.end())


def comment_blocks(text: str, prose: Sequence[Span]) -> Iterator[Edit]:
    """Yield comments of whole lines from ``%%`` to ``%%``, with no code inside."""
    opening: re.Match[str] | None = None
    for mark in COMMENT_LINE.finditer(text):
        if not _within(mark.end() - 1, prose):
            continue
        if opening is None:
            opening = None if mark["closes"] or mark["ends"] else mark
        elif not mark["opens"]:
            lines = re.finditer(r"^.*\S.*$", text[opening.end() : mark.start()], re.MULTILINE)
            if all(_within(opening.end() + line.end() - 1, prose) for line in lines):
                yield Edit(opening.start(), mark.end())
            opening = None


def _within(at: int, spans: Sequence[Span]) -> bool:
    """Return whether a place lies in one of the spans, which are in order and disjoint."""
    i = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return i >= 0 and at < spans[i][1]


def callout(source: str) -> Iterator[Edit]:
    """Yield what surrounds the title of a callout; without one its kind is read.

    Args:
        source: The first block of prose in a quote.
    """
    match = CALLOUT.match(source)
    if match:
        instead = "" if match["title"].strip() else match["kind"]
        yield Edit(match.start("kind") - 2, match.start("title"), instead)


def marks(source: str) -> Iterator[Edit]:
    """Yield what marks links, highlights and the name of the block."""
    for match in WIKILINK.finditer(source):
        yield from _wikilink(match)
    for match in HIGHLIGHT.finditer(source):
        # In a run of Chinese, a full stop between two comparisons would look like a highlight.
        if not re.search("[，。；！？,;]", match["inner"]) or _stands_apart(match):
            yield Edit(match.start(), match.start() + 2)
            yield Edit(match.end() - 2, match.end())
    if name := BLOCK_ID.search(source):
        yield Edit(name.start(), name.end())


def _stands_apart(match: re.Match[str]) -> bool:
    """Return whether no letter of any script stands beside a match."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return not (before.isalnum() or after.isalnum())


def _wikilink(match: re.Match[str]) -> Iterator[Edit]:
    """Yield all of a wikilink but what it shows; none for an array or a test of a shell."""
    note, heading, shown = match["note"], match["heading"], match["shown"]
    if note != note.strip() or not (note or heading) or _is_array(note):
        return
    if shown and shown.strip() and not (match["embed"] and SIZE.fullmatch(shown.strip())):
        yield Edit(match.start(), match.start("shown"))
        yield Edit(match.end("shown"), match.end())
        return
    is_block = not heading or heading.startswith("^")
    if not note and is_block:
        if heading:
            yield Edit(match.start(), match.end())
        return
    yield Edit(match.start(), match.start("note") if note else match.start("heading"))
    if note and not is_block:
        yield Edit(match.start("heading") - 1, match.start("heading"), " > ")
    yield Edit(match.end("note") if is_block else match.end("heading"), match.end())


def _is_array(note: str) -> bool:
    """Tell the elements of an array from the name of a note."""
    if not note or DAY.match(note):
        return False
    parts = re.split(r"[,\s]+", note)
    names = "," in note and all(re.fullmatch(r"[\w.]*", part) for part in parts) and len(parts) > 1
    return (
        not re.match(r"[\w./(@]", note)
        or all(ARRAY.fullmatch(part) for part in parts if part)
        or (names and not re.search(r"[^,]\s+\S", note.replace(", ", ",")))
    )
