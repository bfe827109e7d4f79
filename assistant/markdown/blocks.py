"""The blocks of a Markdown text: where they begin, how deep they lie, the headings. Pure.

A parser keeps some thousand bytes for an item of a list that is four bytes long, so a text is read
a slice at a time. A slice ends where a block at the top level begins: together they give what the
whole would.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from re import finditer
from typing import TYPE_CHECKING

from assistant.markdown import admonitions

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

MATH = {"$$": "$$", "\\[": "\\]"}
"""What opens displayed math at the start of a line, and what closes it at the end of one."""

LONGEST_MATH = 200
"""Lines; what is not closed by then, or by a blank line, is not math.

Without a limit, a text of openings alone takes quadratic time.
"""

LONGEST_HEADING = 200
"""Characters; a longer one, such as a paragraph that a ``---`` underlines, is read as text too."""

LONGEST_MARKUP = 1000
"""Characters of a heading whose markup is read, for which the parser may take quadratic time."""

MOST_HEADINGS = 20_000
"""Of a note; those after them belong to the text of the last."""

SLICE = 64 * 1024
"""Characters that are parsed at once."""

LONGEST_BLOCK = 256 * 1024
"""Characters; a block at the top level that is longer may be read as several."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading at the top level of the document."""

    level: int
    text: str
    """Without its markup, cut to ``LONGEST_HEADING`` with a ``…``."""
    line: int
    """Its first line, from 0."""
    after: int
    """The line after its last."""


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

    parser = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "math", _math, ends)
    admonitions.plug_in(parser)
    return parser


@cache
def inline_parser() -> MarkdownIt:
    """Return a parser of the markup within a heading."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


def read_blocks(text: str) -> Blocks:
    """Return the blocks of a text in which lines end in a line feed."""
    found = Blocks()
    for line, tokens in _slices(text):
        for i, token in enumerate(tokens):
            if not token.map or token.nesting < 0 or token.type == "inline":
                continue
            first, after = line + token.map[0], line + token.map[1]
            if not found.lines or first > found.lines[-1]:
                found.lines.append(first)
                found.levels.append(token.level)
            is_heading = token.type == "heading_open" and token.level == 0
            if is_heading and len(found.headings) < MOST_HEADINGS:
                words = _shortened(plain_heading(tokens[i + 1].content))
                found.headings.append(Heading(int(token.tag[1]), words, first, after))
    return found


def plain_heading(source: str) -> str:
    """Return a heading's text without its markup: ``**`torch.cat()`**`` becomes ``torch.cat()``."""
    if len(source) > LONGEST_MARKUP or not any(mark in source for mark in "*_`[<&\\"):
        return " ".join(source.split())
    (line,) = inline_parser().parseInline(source)
    shown = ("text", "code_inline", "html_inline")
    parts = (
        t.content if t.type in shown else " " * t.type.endswith("break")
        for t in line.children or ()
    )
    return " ".join("".join(parts).split())


def _shortened(heading: str) -> str:
    return heading if len(heading) <= LONGEST_HEADING else heading[:LONGEST_HEADING] + "…"


def _slices(text: str) -> Iterator[tuple[int, Sequence[Token]]]:
    """Yield (line of the text, tokens whose lines count from there) of one slice after another."""
    at = line = 0
    room = SLICE
    while at < len(text):
        end = text.find("\n", at + room) + 1 or len(text)
        part = text[at:end]
        tokens: Sequence[Token] = block_parser().parse(part)
        after = part.count("\n") + 1
        if end < len(text):
            starts = [t.map[0] for t in tokens if t.map and t.level == 0 and t.map[0]]
            # A line may be the first of a formula, for all that can be seen from here.
            sure = [start for start in starts if start < after - LONGEST_MATH]
            if not sure and room < LONGEST_BLOCK:
                room = LONGEST_BLOCK
                continue
            after = max(sure or starts, default=after - 1)
            end = at + next(islice(finditer("\n", part), after - 1, None)).end()
            tokens = _before(tokens, after)
        yield line, tokens
        at, line, room = end, line + after, SLICE


def _before(tokens: Sequence[Token], line: int) -> Sequence[Token]:
    """Return the tokens of the blocks at the top level that begin before a line."""
    for i, token in enumerate(tokens):
        if token.level == 0 and token.map and token.map[0] >= line:
            return tokens[:i]
    return tokens


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
