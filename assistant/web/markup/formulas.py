"""Formulas as MathML, which browsers typeset by themselves. Pure.

The library joins its MathML from text that it does not escape, so that a formula could hold HTML.
Its tree is written out here instead, by a list of elements and attributes.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from assistant.markdown import math

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererProtocol
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

LONGEST = 2_000
"""Characters of a formula that is typeset."""

KEPT = 1_024
"""Formulas that are kept: a reader turns pages back and forth."""

ELEMENTS = frozenset(
    "math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts"
    " mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover"
    " none".split()
)
ATTRIBUTES = frozenset(
    "accent columnalign columnlines columnspacing depth display displaystyle fence form height"
    " largeop linethickness lspace mathsize mathvariant maxsize minsize movablelimits notation"
    " rowlines rowspacing rspace scriptlevel separator stretchy symmetric width".split()
)


def plug_in(parser: MarkdownIt) -> None:
    """Let a parser typeset the formulas that it finds."""
    parser.add_render_rule("math_inline", _render_inline)
    parser.add_render_rule("math_block", _render_block)


@lru_cache(maxsize=KEPT)
def to_mathml(source: str, *, block: bool) -> str:
    """Return a formula as MathML, or its source as code where it cannot be typeset.

    Args:
        source: LaTeX, as between dollars.
        block: On lines of its own.
    """
    if len(source) <= LONGEST and math.is_safe(source):
        with suppress(Exception):  # the library stumbles over odd LaTeX in many ways
            return "".join(_written(_tree(source, block=block), source))
    return f'<code class="math">{html.escape(source)}</code>'


def _tree(source: str, *, block: bool) -> Element:
    from latex2mathml.converter import Converter

    return Converter(display="block" if block else "inline").convert_to_element(source)


def _written(element: Element, source: str = "") -> Iterator[str]:
    """Yield an element as MathML; what is not on the lists is left out, its content is not."""
    known = element.tag in ELEMENTS
    if known:
        attributes = [(key, value) for key, value in element.items() if key in ATTRIBUTES]
        if source:
            attributes.append(("alttext", source))
        told = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes)
        yield f"<{element.tag}{told}>"
    if element.text:  # signs stand in it as `&#x02211;`
        yield html.escape(html.unescape(element.text))
    for child in element:
        yield from _written(child)
        if child.tail:
            yield html.escape(html.unescape(child.tail))
    if known:
        yield f"</{element.tag}>"


def _render_inline(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return to_mathml(tokens[index].content, block=False)


def _render_block(
    self: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    token.attrJoin("class", "formula")
    classes = html.escape(str(token.attrGet("class")))
    return f'<div class="{classes}">{to_mathml(token.content, block=True)}</div>\n'
