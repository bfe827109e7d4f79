"""The best sentence, marked where it stands, across whatever elements it crosses. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import copy
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.markdown import LIST_MARK

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore

# Spaces that no note needs stand for the ends of the best sentence while Markdown is parsed: being
# spaces, they change nothing of what is emphasis.
START, END = "\u1680", "\u205f"
ENDS = re.compile(f"([{START}{END}])")

_PREFIX = re.compile(rf"[\s>]*(?:(?:{LIST_MARK}|#{{1,6}})\s+)?(?:\[[ xX]\]\s+)?")
_LEAVES = ("text", "code_inline", "math_inline", "softbreak")


def plug_in(parser: MarkdownIt) -> None:
    """Let a parser mark the sentence that stands in its environment, and the passage around it."""
    parser.core.ruler.after("block", "best_ends", _put_ends)
    parser.core.ruler.push("best_marked", _mark)


def plain(value: object) -> str:
    """Return text without the ends of the best sentence."""
    return ENDS.sub("", str(value or ""))


def _put_ends(state: StateCore) -> None:
    """Put the ends of the best sentence into the source of the lines that hold it."""
    best, line = state.env.get("best", ""), state.env.get("line", 0)
    if not best:
        return
    last = line + best.count("\n")
    wanted = [part.strip() for part in best.split("\n")]
    wanted += [_PREFIX.sub("", part, count=1) for part in wanted]
    for token in state.tokens:
        if token.type != "inline" or not token.map or not token.content.strip():
            continue
        if token.map[0] > last or token.map[1] <= line:
            continue
        content = token.content
        for part in (best, *filter(None, wanted)):
            if part in content:
                token.content = content.replace(part, f"{START}{part}{END}", 1)
                break
            if content in part:
                token.content = f"{START}{content}{END}"
                break


def _mark(state: StateCore) -> None:
    """Mark what stands between the ends, and the blocks of the passage where it is not all."""
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = list(_marked(token.children))
    if not (lines := state.env.get("passage")):
        return
    first, last = lines
    for token in state.tokens:
        if token.level == 0 and token.map and first <= token.map[0] <= last:
            token.attrJoin("class", "found")


def _marked(tokens: Iterable[Token]) -> Iterator[Token]:
    """Yield inline tokens with what stands between the ends of the best sentence marked."""
    within = False
    for token in tokens:
        if token.type not in _LEAVES or token.type == "softbreak":
            yield token
            continue
        for part in ENDS.split(token.content):
            if part in (START, END):
                within = part == START
                continue
            if not part:
                continue
            leaf = copy(token)
            leaf.content = part
            if within:
                yield Token("mark_open", "mark", 1)
            yield leaf
            if within:
                yield Token("mark_close", "mark", -1)
