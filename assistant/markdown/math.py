"""Formulas in Markdown: ``$...$`` within a line, ``$$...$$`` as a block. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from markdown_it.common.utils import escapeHtml

from assistant.markdown.slices import LONGEST_MATH

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererProtocol
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

# As Pandoc reads it, so that "$5 and $6" is not a formula.
_INLINE = re.compile(r"\$(?![\s$])((?:[^$\\]|\\.)*?[^\s\\$])\$(?!\d)", re.DOTALL)
# What can paint over a page, run long, or lead out of it.
_UNSAFE = re.compile(
    r"\$\$|\\(?:href|url|html|include|def|edef|gdef|xdef|let|new|renew|provide|global|futurelet"
    r"|rule|raise|lower|kern|mkern|hskip|mskip|hspace|smash|llap|rlap|math[lcr]lap|vcenter)"
)


def is_safe(source: str) -> bool:
    """Return whether a formula may be given to a typesetter."""
    return not _UNSAFE.search(source)


def plug_in(parser: MarkdownIt) -> None:
    """Teach a parser formulas; it renders them as their source."""
    parser.block.ruler.before(
        "fence", "math_block", _block, {"alt": ["paragraph", "blockquote", "list"]}
    )
    parser.inline.ruler.after("escape", "math_inline", _inline)
    parser.add_render_rule("math_inline", _render_inline)
    parser.add_render_rule("math_block", _render_block)


def _block(state: StateBlock, line: int, end_line: int, silent: bool) -> bool:
    """Read ``$$`` at the start of a line up to ``$$`` at the end of one."""
    if state.is_code_block(line):
        return False
    first = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
    if not first.startswith("$$"):
        return False
    found, last = [first[2:]], line
    while not (found[-1].endswith("$$") and "$$" in found[-1]):
        last += 1
        if last >= min(end_line, line + LONGEST_MATH) or state.sCount[last] < state.blkIndent:
            return False
        found.append(state.getLines(last, last + 1, state.blkIndent, False).rstrip())
    content = "\n".join(found)[:-2].strip()
    if not content or not is_safe(content):
        return False
    if silent:
        return True
    state.line = last + 1
    token = state.push("math_block", "div", 0)
    token.content = content
    token.map = [line, state.line]
    return True


def _inline(state: StateInline, silent: bool) -> bool:
    """Read ``$...$``."""
    found = _INLINE.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        state.push("math_inline", "span", 0).content = found[1]
    state.pos = found.end()
    return True


def _render_inline(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return f'<code class="math">{escapeHtml(tokens[index].content)}</code>'


def _render_block(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return f'<pre class="math">{escapeHtml(tokens[index].content)}</pre>\n'
