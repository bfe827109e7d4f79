"""Markdown read as text, without the marks of its dialects. Pure.

The encoder and the lexical index read a note without the brackets of ``[[Note|shown]]`` or the head
of ``!!! note "Title"``. Code is never touched, and in doubt neither is prose: notes hold arrays
(``[[1, 2], [3, 4]]``), comparisons (``a == b``) and comments (``#include``) outside of code, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant.markdown.blocks import entry_tokens
from assistant.markdown.dialects import (
    code_in_prose,
    encoded_data,
    html,
    logseq,
    mdx,
    mkdocs,
    obsidian,
    tags,
    templates,
)
from assistant.markdown.dialects.edit import Edit, disjoint
from assistant.markdown.leaf_blocks import line_starts
from assistant.records import Entry, Span

if TYPE_CHECKING:
    from markdown_it.token import Token

UNSEEN = (
    r"^[ \t>]*(?:\[[^\]\n]+\]:\s*(?:#|<>)|[`~]{3,}\s*(?:"
    + "|".join(sorted(templates.QUERIES))
    + "))"
)
"""What begins a block that no reader sees."""

HINT = re.compile(
    "|".join(
        (*(one.HINT for one in (obsidian, mkdocs, html, tags, mdx, templates, logseq)), UNSEEN)
    ),
    re.MULTILINE,
)
"""A text without any of these has no such marks, and need not be parsed."""

HIDING = re.compile(r"\[[^\]]+\]:\s*(?:#|<>)\s*(?:[\"'(]|$)")
"""A definition of a link that leads nowhere, ``[//]: # (words)``: a comment."""

PROSE = {"paragraph_open", "heading_open", "tr_open", "html_block"}
"""Types of the tokens whose lines are looked at."""


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
    """Return a text, or its part [start, end), without marks.

    Where nothing is left, it is read as it is, save for what nobody sees, such as encoded data.

    Args:
        text: A whole entry, so that it can be told what is code.
        start: Where the part to read begins.
        end: Where it ends; None for the end of the text.
    """
    end = len(text) if end is None else end
    if not any(edit.start < end and edit.end > start for edit in edits(text)):
        return text[start:end]
    return reading(text, start, end).text


def shown(text: str, start: int, end: int) -> str:
    """Return the part [start, end) of a text without marks, empty where nothing else is there."""
    if not any(edit.start < end and edit.end > start for edit in edits(text)):
        return text[start:end]
    return _without(text, start, end, edits(text)).text


def reading(text: str, start: int, end: int) -> Reading:
    """Return what ``plain`` does, with the place of each character."""
    found = _without(text, start, end, edits(text))
    if found.text.strip():
        return found
    unseen = (edit for edit in edits(text) if edit.always)
    return _without(text, start, end, tuple(disjoint((*encoded_data.edits(text), *unseen))))


def _without(text: str, start: int, end: int, marks: Sequence[Edit]) -> Reading:
    """Return a part of a text without marks, which are in order and disjoint."""
    parts: list[str] = []
    origins: list[int] = []
    at = start
    for edit in marks:
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
    return Reading("".join(parts), tuple(origins))


def inline_tags(text: str) -> tuple[str, ...]:
    """Return the tags that stand in a text, such as ``#tag`` or ``#a/b``, without the ``#``."""
    if not tags.TAG.search(text):  # spares reading the blocks of most entries
        return ()
    hashes = (edit.start for edit in edits(text) if text[edit.start : edit.end] == "#")
    return tuple(
        dict.fromkeys(match["tag"] for at in hashes if (match := tags.TAG.match(text, at)))
    )


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
    data = encoded_data.edits(text)
    if not HINT.search(text):
        return data
    starts = line_starts(text)
    starts[-1] = len(text)
    clean = encoded_data.blanked(text, "\0")
    found = list(data)
    quotes = 0
    prose: list[Span] = []
    for token in entry_tokens(text):
        quotes += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if not token.map:
            continue
        low, high = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)]
        if token.type == "admonition_open":
            found += mkdocs.head(text, low, starts[token.map[0] + 1])
        elif token.type in PROSE:
            prose.append((low, high))
            first = token.type == "paragraph_open" and quotes > 0
            found += _leaf(clean, low, high, html_block=token.type == "html_block", quoted=first)
        elif _is_unseen(token):
            found.append(Edit(low, low + len(text[low:high].rstrip("\n")), always=True))
    found += obsidian.comment_blocks(clean, prose)
    return tuple(disjoint(found))


def _is_unseen(token: Token) -> bool:
    """Return whether a block is one that no reader sees: a query, a definition that hides words."""
    if token.type == "fence":
        return token.info.strip().lower() in templates.QUERIES
    return token.type == "definition" and bool(HIDING.match(token.content))


def _leaf(text: str, low: int, high: int, *, html_block: bool, quoted: bool) -> Iterator[Edit]:
    """Yield the edits of one block of prose."""
    source = text[low:high].rstrip()
    if not HINT.search(source):
        return
    masked = code_in_prose.masked(source)
    marks = [*templates.queries(source)]
    for dialect in (obsidian.comments, html.marks, html.references, templates.marks):
        marks += dialect(masked)
    if html_block:
        marks += html.tags(masked)
    else:
        if quoted:
            marks += obsidian.callout(masked)
        for dialect in (mkdocs.marks, mdx.marks, logseq.marks):
            marks += dialect(masked)
        if not code_in_prose.has_code(masked):
            for dialect in (obsidian.marks, tags.marks, html.tags):
                marks += dialect(masked)
    for mark in marks:
        yield replace(mark, start=low + mark.start, end=low + mark.end)
