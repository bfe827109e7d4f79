"""Definitions of links and footnotes as blocks of a CommonMark parser.

CommonMark shows nothing in their place, so that its parser gives no token for a line such as
``[1]: https://example.org "Title"``; who reads the source does see it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock

FOOTNOTE = re.compile(r"\[\^[^\s\]^]+\]:[ \t]*")
"""What opens a footnote, as Obsidian, GitHub and pandoc read it."""

INDENT = 4
"""Columns by which the later paragraphs of a footnote are indented, at least."""


def plug_in(parser: MarkdownIt) -> None:
    """Let a parser give a token for each definition, and read footnotes as containers."""
    ends: RuleOptionsType = {"alt": ["paragraph", "reference"]}
    parser.block.ruler.before("reference", "footnote", _footnote, ends)
    parser.block.ruler.at("reference", _definition)


def _definition(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Take the definition of a link, as CommonMark has it."""
    from markdown_it.rules_block import reference

    if not reference(state, first, end, silent):
        return False
    if not silent:
        token = state.push("definition", "", 0)
        token.map = [first, state.line]
        token.content = state.getLines(first, state.line, state.blkIndent, False).strip()
    return True


def _footnote(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Take a footnote: the rest of its line, and what is indented below it."""
    begin = state.bMarks[first] + state.tShift[first]
    if state.src[begin : begin + 2] != "[^" or state.is_code_block(first):
        return False
    match = FOOTNOTE.match(state.src, begin, state.eMarks[first])
    if not match:
        return False
    if silent:
        return True
    at = match.end()
    old = (
        state.bMarks[first],
        state.tShift[first],
        state.sCount[first],
        state.parentType,
        state.blkIndent,
    )
    state.push("footnote_open", "div", 1).map = lines = [first, first]
    state.blkIndent += INDENT
    # Its first line stands where the later ones do, whatever is in front of it.
    state.bMarks[first], state.tShift[first], state.sCount[first] = at, 0, state.blkIndent
    # The parser's own name for a container of blocks; a plugin's cannot be added to its type.
    state.parentType = "blockquote"
    state.md.block.tokenize(state, first, end)
    (
        state.bMarks[first],
        state.tShift[first],
        state.sCount[first],
        state.parentType,
        state.blkIndent,
    ) = old
    lines[1] = state.line
    state.push("footnote_close", "div", -1)
    return True
