"""The indented blocks of MkDocs as blocks of a CommonMark parser: admonitions and content tabs.

CommonMark reads their content as indented code. mdit-py-plugins has a rule for admonitions, not for
tabs, and takes any line that begins with ``!!!`` for one; notes that shout are not admonitions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

HEAD = re.compile(
    r"(?:!!!|\?\?\?\+?) (?P<kind>[A-Za-z][\w-]*)(?: +[A-Za-z][\w-]*)*"
    r'(?: +"(?P<title>[^\n]*)")?[ \t]*$'
    r'|===[!+]? +"(?P<tab>[^\n]*)"[ \t]*$'
)
"""The line that opens one: ``!!! note "Title"``, ``???+ tip``, ``=== "Tab"``."""

INDENT = 4
"""Columns by which its content is indented, at least."""


def plug_in(parser: MarkdownIt) -> None:
    """Let a parser read admonitions and tabs as containers of what is indented below them."""
    parser.block.ruler.before("fence", "admonition", _rule)


def _rule(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Take a head and the indented lines below it, if there are any."""
    at = state.bMarks[first] + state.tShift[first]
    if state.src[at : at + 3] not in ("!!!", "???", "===") or state.is_code_block(first):
        return False
    if not HEAD.match(state.src[at : state.eMarks[first]]):
        return False
    indent = state.sCount[first] + INDENT
    after = first + 1
    last = first
    while after < end and (state.isEmpty(after) or state.sCount[after] >= indent):
        last = last if state.isEmpty(after) else after
        after += 1
    if last == first:
        return False
    if silent:
        return True
    old = state.parentType, state.lineMax, state.blkIndent
    state.push("admonition_open", "div", 1).map = [first, last + 1]
    # The parser's own name for a container of blocks; a plugin's cannot be added to its type.
    state.parentType, state.lineMax, state.blkIndent = "blockquote", last + 1, indent
    state.md.block.tokenize(state, first + 1, last + 1)
    state.push("admonition_close", "div", -1)
    state.parentType, state.lineMax, state.blkIndent = old
    state.line = last + 1
    return True
