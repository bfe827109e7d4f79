"""Blocks as people write them: callouts, tasks, footnotes, tables that scroll. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.markdown import admonitions
from assistant.web.markup.marking import plain

if TYPE_CHECKING:
    from markdown_it.renderer import RendererProtocol
    from markdown_it.rules_core import StateCore
    from markdown_it.utils import EnvType, OptionsDict

TONES = {
    "good": "check done example hint important success tip",
    "bad": "bug caution danger error failure missing attention warning fail",
    "ask": "faq help question",
}
"""Kinds of callouts by how they look; all others look plain."""

_TONE_OF = {kind: tone for tone, kinds in TONES.items() for kind in kinds.split()}
_CALLOUT = re.compile(r"\[!(?P<kind>[A-Za-z][\w-]*)(?:\|[^\]\n]*)?\][+-]?[ \t]*(?P<title>[^\n]*)")
_TASK = re.compile(r"\[(?P<done>[ xX])\]\s+")
_FOOTNOTE = re.compile(r"\[\^([^\s\]^]+)\]:")


def plug_in(parser: MarkdownIt) -> None:
    """Let a parser read callouts and tasks, and show them, footnotes and tables in our way."""
    parser.core.ruler.before("inline", "callouts", _find_callouts)
    parser.core.ruler.after("inline", "tasks", _find_tasks)
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", _close_table)
    parser.add_render_rule("definition", _nothing)
    parser.add_render_rule("label", _label)


def _find_callouts(state: StateCore) -> None:
    """Give callouts, admonitions and footnotes their looks and their titles; level headings."""
    lines = state.src.split("\n")
    found: list[Token] = []
    for token in state.tokens:
        title = ""
        if token.type == "blockquote_open" and token.map:
            match = _CALLOUT.match(lines[token.map[0]].lstrip("> \t"))
            title = _callout(token, match["kind"], match["title"]) if match else ""
        elif token.type == "admonition_open" and token.map:
            match = admonitions.HEAD.match(lines[token.map[0]].strip())
            kind, words = (match["kind"], match["title"] or match["tab"]) if match else ("", "")
            title = _callout(token, kind or "tab", words or "")
        elif token.type == "footnote_open" and token.map:
            match = _FOOTNOTE.match(lines[token.map[0]].lstrip("> \t"))
            token.attrJoin("class", "footnote")
            found += [token, Token("label", "", 0, content=match[1])] if match else [token]
            continue
        elif token.type in ("heading_open", "heading_close"):
            token.tag = "h3"  # below the title of the entry
        found.append(token)
        if title:
            token.meta["titled"] = True
            found.append(Token("label", "", 0, content=title, meta={"title": True}))
    state.tokens = list(_without_marks(found))


def _callout(token: Token, kind: str, title: str) -> str:
    """Make a container look like a callout of a kind; return its title."""
    tone = _TONE_OF.get(kind.lower(), "")
    token.attrJoin("class", f"callout {tone}".strip())
    return plain(title).strip() or kind.capitalize()


def _without_marks(tokens: Sequence[Token]) -> list[Token]:
    """Return tokens without the line that makes a quote a callout, which its title stands for."""
    found: list[Token] = []
    for at, token in enumerate(tokens):
        if token.type == "inline" and at > 2 and tokens[at - 2].type == "label":
            match = _CALLOUT.match(plain(token.content))
            if match and tokens[at - 2].meta.get("title"):
                token.content = token.content.partition("\n")[2]
        found.append(token)
    return found


def _find_tasks(state: StateCore) -> None:
    """Show ``[ ]`` and ``[x]`` at the beginning of an item as a box."""
    before: Sequence[str] = ("", "")
    for token in state.tokens:
        if before == ("list_item_open", "paragraph_open") and token.children:
            first = token.children[0]
            match = _TASK.match(plain(first.content)) if first.type == "text" else None
            if match:
                kept = len(first.content) - len(plain(first.content)[match.end() :])
                ends = "".join(c for c in first.content[:kept] if not plain(c))
                first.content = ends + first.content[kept:]
                done = match["done"] != " "
                told = ' checked aria-label="done"' if done else ' aria-label="to do"'
                box = f'<input type="checkbox" disabled{told}> '
                token.children.insert(0, Token("html_inline", "", 0, content=box))
        before = (before[1], token.type)


def _open_table(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[index].attrJoin("class", "table")
    return f'<div class="{html.escape(str(tokens[index].attrGet("class")))}"><table>\n'


def _close_table(*_: object) -> str:
    return "</table></div>\n"


def _nothing(*_: object) -> str:
    """Show no definition of a link, as CommonMark does."""
    return ""


def _label(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    words = html.escape(plain(token.content))
    return f'<p class="callout-title">{words}</p>' if token.meta else f"<sup>{words}</sup>"
