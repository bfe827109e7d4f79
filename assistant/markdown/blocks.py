"""The blocks of a Markdown text: where they begin, how deep they lie, the headings. Pure."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from unicodedata import normalize

from assistant.markdown import admonitions, definitions
from assistant.markdown.dialects import html, mdx
from assistant.markdown.slices import LISTS, LONGEST_MATH, slices

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

MATH = {"$$": "$$", "\\[": "\\]"}
"""What opens displayed math at the start of a line, and what closes it at the end of one."""

LONGEST_HEADING = 200
"""Characters; a longer one, such as a paragraph that a ``---`` underlines, is read as text too."""

LONGEST_MARKUP = 1000
"""Characters of a heading whose markup is read, for which the parser may take quadratic time."""

MOST_HEADINGS = 20_000
"""Of a note; those after them belong to the text of the last."""

MOST_NESTED = 40
"""Levels of blocks in blocks; the parser leaves out all that follows deeper ones."""

NESTED_HEADING = re.compile(r"[ \t]+(?=(?:[-*+]|\d{1,9}[.)])[ \t]+#{1,6}(?:[ \t]|$))", re.MULTILINE)
"""What indents the first line of an entry whose heading is a nested item of a list."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading at the top level of the document, or one that begins an item of a list."""

    level: int
    text: str
    """Without its markup, cut to ``LONGEST_HEADING`` with a ``…``."""
    line: int
    """Its first line, from 0."""
    after: int
    """The line after its last."""
    depth: int = 0
    """How deep it lies in lists; 0 at the top level."""


@dataclass(slots=True)
class Blocks:
    """Where the blocks of a text begin; arrays, since there may be one for every other byte."""

    headings: list[Heading] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("I"))
    """Lines at which blocks begin, from 0, rising."""
    levels: array[int] = field(default_factory=lambda: array("B"))
    """How deep the outermost block of each of these lines lies, from 0."""


@cache
def block_parser() -> MarkdownIt:
    """Return a parser of blocks alone: spans within a line are not needed, and cost most."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": MOST_NESTED})
    parser.enable("table").disable(["inline", "text_join"])
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "math", _math, ends)
    admonitions.plug_in(parser)
    definitions.plug_in(parser)
    return parser


@cache
def inline_parser() -> MarkdownIt:
    """Return a parser of the markup within a heading."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


@lru_cache(maxsize=8)
def entry_tokens(text: str) -> Sequence[Token]:
    """Return the tokens of an entry, the lines that they are of counted from its first."""
    nested = NESTED_HEADING.match(text)
    if nested:  # what is around it is not there, so that it would be read as indented code
        text = re.sub(rf"^{nested[0]}", "", text, flags=re.MULTILINE)
    return block_parser().parse(text)


def read_blocks(text: str, size: int | None = None) -> Blocks:
    """Return the blocks of a text in which lines end in a line feed.

    Args:
        text: The text.
        size: Characters that are parsed at once, None for ``SLICE``; it makes no difference to what
            is found.
    """
    found = Blocks()
    for part in slices(text, block_parser().parse, size):
        around: list[Token] = []
        for i, token in enumerate(part.tokens):
            if token.nesting < 0:
                around.pop()
                continue
            if token.map and token.map[0] >= part.opened and token.type != "inline":
                first, after = part.line + token.map[0], part.line + token.map[1]
                if not found.lines or first > found.lines[-1]:
                    found.lines.append(first)
                    found.levels.append(token.level)
                if _opens_entry(token, around) and len(found.headings) < MOST_HEADINGS:
                    words = _shortened(plain_heading(part.tokens[i + 1].content))
                    found.headings.append(
                        Heading(int(token.tag[1]), words, first, after, token.level)
                    )
            if token.nesting > 0:
                around.append(token)
    return found


def _opens_entry(token: Token, around: Sequence[Token]) -> bool:
    """Return whether a heading stands at the top level, or begins an item of nothing but lists."""
    if token.type != "heading_open" or not token.map:
        return False
    if not around:
        return True
    item = around[-1].map
    return (
        bool(item and item[0] == token.map[0])
        and token.map[1] == token.map[0] + 1
        and all(block.type in (*LISTS, "list_item_open") for block in around)
    )


def plain_heading(source: str) -> str:
    """Return a heading's text without its markup: ``**`torch.cat()`**`` becomes ``torch.cat()``."""
    if "{/*" in source:
        source = mdx.COMMENT.sub("", source)
    if len(source) > LONGEST_MARKUP or not any(mark in source for mark in "*_`[<&\\"):
        return normalize("NFC", " ".join(source.split()))
    (line,) = inline_parser().parseInline(source)
    text = ""
    tags: set[int] = set()
    for part in line.children or ():
        if part.type == "html_inline":
            tags.add(len(text))
        if part.type in ("text", "code_inline", "html_inline"):
            text += part.content
        elif part.type.endswith("break"):
            text += " "
    shown = text
    for edit in sorted((*html.marks(text), *html.tags(text)), key=lambda e: -e.start):
        if edit.start in tags:
            shown = shown[: edit.start] + edit.instead + shown[edit.end :]
    return normalize("NFC", " ".join(shown.split()) or " ".join(text.split()))


def _shortened(heading: str) -> str:
    return heading if len(heading) <= LONGEST_HEADING else heading[:LONGEST_HEADING] + "…"


def _math(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Take displayed math as one block, so that a lone ``=`` or ``-`` in it underlines nothing."""
    opening = state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]].rstrip()
    closing = MATH.get(opening[:2])
    if closing is None or state.is_code_block(first):
        return False
    if len(opening) > 3 and opening.endswith(closing):
        last = first
    else:
        for last in range(first + 1, min(end, first + LONGEST_MATH)):
            line = state.src[state.bMarks[last] + state.tShift[last] : state.eMarks[last]]
            if not line or state.sCount[last] < state.blkIndent:
                return False
            if line.rstrip().endswith(closing):
                break
        else:
            return False
    if not silent:
        state.line = last + 1
        state.push("math", "", 0).map = [first, state.line]
    return True
