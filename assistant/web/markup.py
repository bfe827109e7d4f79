"""A passage of a note as pieces that a page may show: safe HTML, code, formulas. Pure.

Notes are untrusted. The HTML made here holds none of a note's own: what looks like a tag comes out
as text, an image as a link to it, and only ``http``, ``https`` and ``mailto`` are links at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

from assistant.markdown import LIST_MARK, language_of, math
from assistant.rendering import read_lines
from assistant.results import Code
from assistant.text import visible

if TYPE_CHECKING:
    from markdown_it.renderer import RendererProtocol
    from markdown_it.rules_core import StateCore
    from markdown_it.utils import EnvType, OptionsDict

DEEPEST = 100
"""Elements within one another; what lies deeper is left out, lest the parser run out of stack."""

LINKED = ("http://", "https://", "mailto:")

# Spaces that no note needs stand for the ends of the best sentence while Markdown is parsed: being
# spaces, they change nothing of what is emphasis.
_START, _END = "\u1680", "\u205f"
_ENDS = re.compile(f"([{_START}{_END}])")
_PREFIX = re.compile(rf"[\s>]*(?:(?:{LIST_MARK}|#{{1,6}})\s+)?")
_ROW = re.compile(r"\|.*\|[ \t]*$", re.MULTILINE)
_DELIMITERS = re.compile(r"[|: \t-]+$", re.MULTILINE)
_LEAVES = ("text", "code_inline", "math_inline")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a passage that is shown in one way."""

    kind: Literal["html", "code", "math"]
    text: str
    """Safe HTML, or the source of code or of a formula."""
    language: str = ""
    best: str = ""
    """The line of code that is the best sentence, where it is one."""


def pieces(
    text: str,
    highlight: tuple[int, int] = (0, 0),
    code: Sequence[Code] = (),
    *,
    heading: bool = True,
) -> list[Piece]:
    """Return a passage in pieces, in order.

    Args:
        text: Markdown, perhaps cut in the middle of a fenced block.
        highlight: The best sentence as [start, end) in ``text``; empty for none.
        code: Fenced blocks of the entry, to tell whether the passage begins inside one.
        heading: Keep a heading that the passage begins with even if it is not the best sentence.
    """
    start, end = (len(visible(text[:offset])) for offset in highlight)
    text = _ENDS.sub(" ", visible(text))
    lines = read_lines(text, code)
    if lines[0].kind != "code":
        return list(_split(text, start, end, heading=heading))
    closing = next((line for line in lines if line.kind == "close"), None)
    body = text[: closing.start if closing else len(text)]
    after = closing.end + 1 if closing else len(text)
    best = text[start:end].strip() if start < after else ""
    first = Piece("code", body.rstrip("\n"), lines[0].language, best)
    return [first, *_split(text[after:], max(start - after, 0), max(end - after, 0))]


def _split(text: str, start: int, end: int, *, heading: bool = True) -> Iterator[Piece]:
    """Yield the pieces of a passage that does not begin in a fence."""
    head = _head_of_cut_table(text)
    text, start, end = head + text, start + len(head), end + len(head)
    best = text[start:end].strip()
    line = text.count("\n", 0, start)
    prose: list[Token] = []
    parser = _parser()
    tokens = parser.parse(text, {"best": best, "line": line})
    if not heading and tokens and tokens[0].type == "heading_open" and (line or not best):
        tokens = tokens[3:]
    for token in tokens:
        if token.level or token.type not in ("fence", "code_block", "math_block"):
            prose.append(token)
            continue
        yield from _html(prose)
        prose = []
        if token.type == "math_block":
            yield Piece("math", token.content)
            continue
        inside = bool(best and token.map and token.map[0] <= line < token.map[1])
        yield Piece(
            "code",
            token.content.rstrip("\n"),
            language_of(token.info).lower(),
            best if inside and best in token.content else "",
        )
    yield from _html(prose)


def _head_of_cut_table(text: str) -> str:
    """Return an empty head for a passage that begins with rows of a table, else nothing."""
    first = _ROW.match(text)
    if not first or _DELIMITERS.match(text, text.find("\n") + 1):
        return ""
    columns = first[0].count("|") - first[0].count("\\|") - 1
    return "|" + " |" * columns + "\n|" + "-|" * columns + "\n"


def _html(tokens: Sequence[Token]) -> Iterator[Piece]:
    """Yield the HTML of blocks, if there are any."""
    parser = _parser()
    if html := parser.renderer.render(tokens, parser.options, {}).strip():
        yield Piece("html", html)


@cache
def _parser() -> MarkdownIt:
    """Return the parser: CommonMark without HTML, with tables, strike-through and formulas."""
    options = {"html": False, "maxNesting": DEEPEST}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    math.plug_in(parser)
    for kind in ("fence", "code_block"):
        parser.add_render_rule(kind, _render_code)
    parser.core.ruler.after("block", "best_ends", _put_ends)
    parser.core.ruler.push("safe_inline", _make_safe)
    return parser


def _render_code(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Return code inside a list or a quote as HTML; the page's script makes the button work."""
    code = escapeHtml(tokens[index].content)
    return (
        f'<div class="nested"><pre><code>{code}</code></pre>'
        '<button type="button" class="copy" aria-label="Copy to clipboard">Copy</button></div>\n'
    )


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
        for part in filter(None, wanted):
            if part in content:
                token.content = content.replace(part, f"{_START}{part}{_END}", 1)
                break
            if content in part:
                token.content = f"{_START}{content}{_END}"
                break


def _make_safe(state: StateCore) -> None:
    """Mark the best sentence, make images links, and leave only links that may be followed."""
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = list(_marked(_unlinked(token.children)))


def _unlinked(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield inline tokens with every image as a link and every other link as text."""
    opened: list[bool] = []
    for token in tokens:
        if token.type == "image":
            source = _plain(token.attrGet("src"))
            link = Token("link_open", "a", 1, attrs={"href": source})
            words = f"image: {token.content or source.rpartition('/')[2]}"
            yield from _unlinked((link, Token("text", "", 0, content=words)))
            yield Token("link_close", "a" if source.lower().startswith(LINKED) else "span", -1)
        elif token.type == "link_open":
            target = _plain(token.attrGet("href"))
            opened.append(target.lower().startswith(LINKED))
            tag, attributes = "span", {"class": "note-link", "title": target}
            if opened[-1]:
                tag = "a"
                attributes = {"href": target, "target": "_blank", "rel": "noopener noreferrer"}
            yield Token("link_open", tag, 1, attrs=dict(attributes))
        elif token.type == "link_close":
            yield Token("link_close", "a" if opened and opened.pop() else "span", -1)
        else:
            yield token


def _plain(value: object) -> str:
    return _ENDS.sub("", str(value or ""))


def _marked(tokens: Iterator[Token]) -> Iterator[Token]:
    """Yield inline tokens with what stands between the ends of the best sentence marked."""
    within = False
    for token in tokens:
        if token.type not in _LEAVES:
            yield token
            continue
        for part in _ENDS.split(token.content):
            if part in (_START, _END):
                within = part == _START
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
