"""What Obsidian, MkDocs and HTML add to Markdown, read as text without its marks. Pure.

The encoder and the lexical index read a note without the brackets of ``[[Note|shown]]`` or the head
of ``!!! note "Title"``. Code is never touched, and in doubt neither is prose: notes hold arrays
(``[[1, 2], [3, 4]]``), comparisons (``a == b``) and comments (``#include``) outside of code, too.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.markdown.admonitions import HEAD
from assistant.markdown.blocks import block_parser
from assistant.markdown.leaf_blocks import line_starts
from assistant.records import Entry, Span

HINT = re.compile(
    r"\[\[|==|%%|\[!|!!!|\?\?\?|===|\{[:#.]|\{ |</?(?:details|summary)|<!--|(?<![\w#])#[^\W]"
    r"|[ \t\n]\^[A-Za-z0-9-]+[ \t]*$|^\^",
    re.MULTILINE,
)
"""A text without any of these has no such marks, and need not be parsed."""

PROSE = {"paragraph_open", "heading_open", "tr_open", "html_block"}
"""Types of the tokens whose lines are looked at."""

CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)|\$\$.+?\$\$|\$[^\s$][^$\n]*\$", re.S)
"""A code span or a formula within a paragraph."""

CODE_LINE = re.compile(
    r"^[^\S\n]*+(?:>>> |\$ |import \w|from [\w.]+ import\b|def \w|class \w+[(:]|return\b"
    r"|for \w+ in\b|[\w.]+\(.*\)\s*$|#\s?(?:include|define|undef|ifn?def|endif|pragma)\b)"
    r"|(?<!=)=(?!=)|[=!]=(?=\s|$)|[;{}]\s*$|\):\s*$",
    re.MULTILINE,
)
"""What tells code that stands in the prose without a fence."""

NO_CODE = re.compile(r"https?://\S+|<[^<>\n]*>|==[^=\s](?:[^=\n]*[^=\s])?==|\[\[[^\[\]\n]*\]\]")
"""Where an equals sign is none of code's."""

WIKILINK = re.compile(
    r"(?<![\w\)\].`\"'])(?P<embed>!?)\[\[(?P<note>[^\[\]|#^\n\"'=<>{}]*)"
    r"(?:#(?P<heading>[^\[\]|\n]*))?(?:\\?\|(?P<shown>[^\[\]\n]*))?\]\](?!\(|\[)",
    re.ASCII,
)
ARRAY = re.compile(r"(?i)[-+]?(?:[\d.]+(?:e[-+]?\d+)?j?|nan|inf|true|false|none|null|\w)")
"""An element of an array as it is printed."""
DAY = re.compile(r"\d{4}-\d{2}")
SIZE = re.compile(r"\d+(?:x\d+)?")

COMMENT = re.compile(r"(?<!\S)%%(?=[^\s%]|\s\S)[^%\n]*%%(?![\w%])|<!--(?:(?!<!--|-->).)*-->", re.S)
COMMENT_LINE = re.compile(r"^[ \t]*%%[ \t]*$", re.MULTILINE)
HIGHLIGHT = re.compile(
    r"(?<![A-Za-z0-9_=!<>+*/%&|^~:-])==(?P<inner>[^\s=](?:[^=\n]*[^\s=])?)==(?![A-Za-z0-9_=])"
)
CALLOUT = re.compile(
    r"[ \t]*(?:>[ \t]*)+\[!(?P<kind>[A-Za-z][\w-]*)(?:\|[^\]\n]*)?\][+-]?[ \t]*(?P<title>.*)"
)
DETAILS = re.compile(r"(?:</?(?:details|summary)(?:\s[^<>]*)?>)+", re.I)
ATTRIBUTE = r"(?:[.#][A-Za-z][\w-]*|[A-Za-z][\w-]*=(?:\"[^\"\n]*\"|'[^'\n]*'|[\w-]+))"
ATTRIBUTES = re.compile(
    rf"(?<![ \t])[ \t]*+\{{:[ \t]*{ATTRIBUTE}(?:[ \t]+{ATTRIBUTE})*[ \t]*\}}"
    rf"|(?:(?<=[)\]])|(?<=\S)[ \t]++)\{{[ \t]*[.#][A-Za-z][\w-]*(?:[ \t]+{ATTRIBUTE})*[ \t]*\}}"
    r"[ \t]*$"
    rf"|(?<=\))\{{[ \t]*{ATTRIBUTE}(?:[ \t]+{ATTRIBUTE})*[ \t]*\}}",
    re.MULTILINE,
)
TAG = re.compile(r"(?<![^\s(（,，、])#(?P<tag>\w(?:[\w/-]*\w)?)(?![\w#(\[])(?![.=:/-]\w)")
COLOUR = re.compile(r"(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
DIRECTIVES = frozenset(
    "include define undef if ifdef ifndef elif else endif pragma error region endregion".split()
)
BLOCK_ID = re.compile(
    r"(?:^|(?<![ \t\n])[ \t\n]++)\^(?=[A-Za-z0-9-]*[A-Za-z]|\d{6})[A-Za-z0-9-]{3,}[ \t]*\Z"
)


@dataclass(frozen=True, slots=True)
class Edit:
    """A mark to leave out, as [start, end) of the source, and what is read in its place."""

    start: int
    end: int
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A part of a text as it is read."""

    text: str
    origins: tuple[int, ...]
    """Where each character stands in the source."""

    def source(self, span: Span) -> Span:
        """Return where a part of the reading that is not empty stands in the source."""
        return self.origins[span[0]], self.origins[span[1] - 1] + 1


def plain(text: str, start: int = 0, end: int | None = None) -> str:
    """Return a text, or its part [start, end), without marks; unless nothing is left, as it is.

    Args:
        text: A whole entry, so that it can be told what is code.
        start: Where the part to read begins.
        end: Where it ends; None for the end of the text.
    """
    end = len(text) if end is None else end
    if not any(edit.start < end and edit.end > start for edit in edits(text)):
        return text[start:end]
    return reading(text, start, end).text


def reading(text: str, start: int, end: int) -> Reading:
    """Return what ``plain_text`` does, with the place of each character."""
    parts: list[str] = []
    origins: list[int] = []
    at = start
    for edit in edits(text):
        if edit.end <= start or edit.start >= end:
            continue
        parts.append(text[at : max(at, edit.start)])
        origins += range(at, edit.start)
        if edit.start >= start:
            parts.append(edit.instead)
            origins += [edit.start] * len(edit.instead)
        at = max(at, min(edit.end, end))
    parts.append(text[at:end])
    origins += range(at, end)
    found = "".join(parts)
    if not found.strip():
        return Reading(text[start:end], tuple(range(start, end)))
    return Reading(found, tuple(origins))


def inline_tags(text: str) -> tuple[str, ...]:
    """Return the tags that stand in a text, such as ``#tag`` or ``#a/b``, without the ``#``."""
    if not TAG.search(text):  # spares reading the blocks of most entries
        return ()
    hashes = (edit.start for edit in edits(text) if text[edit.start : edit.end] == "#")
    return tuple(dict.fromkeys(match["tag"] for at in hashes if (match := TAG.match(text, at))))


def with_plain_headings(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of a note with their headings as they are read.

    A heading has lost its backticks, so that its line tells whether it has marks or code.
    """
    names: dict[str, str] = {}
    found: list[Entry] = []
    for entry in entries:
        if entry.headings and entry.body:
            heading = entry.headings[-1]
            marked = any(edit.start < entry.body for edit in edits(entry.text[: entry.body]))
            names[heading] = (plain(heading).strip() or heading) if marked else heading
        read = tuple(names.get(heading, heading) for heading in entry.headings)
        found.append(replace(entry, headings=read))
    return found


@lru_cache(maxsize=256)
def edits(text: str) -> tuple[Edit, ...]:
    """Return what to leave out of a text, in order and disjoint."""
    if not HINT.search(text):
        return ()
    starts = line_starts(text)
    starts[-1] = len(text)
    found: list[Edit] = []
    quotes = 0
    prose: list[Span] = []
    for token in block_parser().parse(text):
        quotes += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if not token.map:
            continue
        low, high = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)]
        if token.type == "admonition_open":
            found += _head(text, low, starts[token.map[0] + 1])
        elif token.type in PROSE:
            prose.append((low, high))
            first = token.type == "paragraph_open" and quotes > 0
            found += _leaf(text, low, high, html=token.type == "html_block", quoted=first)
    found += _comment_blocks(text, prose)
    return tuple(_disjoint(found))


def _disjoint(found: list[Edit]) -> Iterator[Edit]:
    """Yield edits in order, without those that lie in or across another."""
    at = 0
    for edit in sorted(found, key=lambda edit: (edit.start, -edit.end)):
        if edit.start >= at:
            yield edit
            at = edit.end


def _head(text: str, low: int, high: int) -> Iterator[Edit]:
    """Yield what surrounds the title of an admonition or tab; without one its kind is read."""
    line = text[low:high]
    low += len(line) - len(line.lstrip(" \t>"))
    match = HEAD.match(text[low:high].rstrip("\n"))
    if match:
        read = next(name for name in ("tab", "title", "kind") if match[name] is not None)
        yield Edit(low, low + match.start(read))
        yield Edit(low + match.end(read), low + match.end())


def _comment_blocks(text: str, prose: list[Span]) -> Iterator[Edit]:
    """Yield comments of whole lines between two ``%%`` alone on theirs, with no code inside."""
    marks = [m for m in COMMENT_LINE.finditer(text) if _within(m.start(), prose)]
    for opening, closing in zip(marks[::2], marks[1::2], strict=False):
        lines = re.finditer(r"^.*\S.*$", text[opening.end() : closing.start()], re.MULTILINE)
        if all(_within(opening.end() + line.start(), prose) for line in lines):
            yield Edit(opening.start(), closing.end())


def _within(at: int, spans: list[Span]) -> bool:
    """Return whether a place lies in one of the spans, which are in order and disjoint."""
    i = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return i >= 0 and at < spans[i][1]


def _leaf(text: str, low: int, high: int, *, html: bool, quoted: bool) -> Iterator[Edit]:
    """Yield the edits of one block of prose."""
    source = text[low:high].rstrip()
    if not HINT.search(source):
        return
    masked = CODE_SPAN.sub(lambda match: re.sub(r"[^\n]", "\0", match[0]), source)
    marks = list(_html(masked))
    if not html:
        callout = CALLOUT.match(masked) if quoted else None
        if callout:
            instead = "" if callout["title"].strip() else callout["kind"]
            marks.append(Edit(callout.start("kind") - 2, callout.start("title"), instead))
        marks += _attributes(masked)
        if not CODE_LINE.search(NO_CODE.sub("", ATTRIBUTES.sub("", masked))):
            marks += _inline(masked)
    for mark in marks:
        yield Edit(low + mark.start, low + mark.end, mark.instead)


def _html(source: str) -> Iterator[Edit]:
    """Yield comments, and the tags that fold a part away."""
    for match in COMMENT.finditer(source):
        yield Edit(match.start(), match.end())
    for match in DETAILS.finditer(source):
        start, end = match.span()
        around = source[start - 1 : start] + source[end : end + 1]
        yield Edit(start, end, " " if len(around) == 2 and around.isalnum() else "")


def _attributes(source: str) -> Iterator[Edit]:
    """Yield lists of attributes."""
    for match in ATTRIBUTES.finditer(source):
        yield Edit(match.start(), match.end())


def _inline(source: str) -> Iterator[Edit]:
    """Yield what marks links, highlights, tags and the name of the block."""
    for match in WIKILINK.finditer(source):
        yield from _wikilink(match)
    for match in HIGHLIGHT.finditer(source):
        # In a run of Chinese, a full stop between two comparisons would look like a highlight.
        if not re.search("[，。；！？,;]", match["inner"]) or _stands_apart(match):
            yield Edit(match.start(), match.start() + 2)
            yield Edit(match.end() - 2, match.end())
    for match in TAG.finditer(source):
        tag = match["tag"]
        if re.search(r"[^\d/-]", tag) and not COLOUR.fullmatch(tag) and tag not in DIRECTIVES:
            yield Edit(match.start(), match.start() + 1)
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
