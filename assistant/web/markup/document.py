"""An entry of a note as HTML. Pure.

Notes are untrusted. The HTML made here holds none of a note's own: what looks like a tag comes out
as text, save for a few without attributes, an image that is none of the notes' as a link to it, and
only ``http``, ``https``, ``mailto`` and other entries are links at all.
"""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt

from assistant.markdown import admonitions, definitions, math
from assistant.text import visible
from assistant.web.markup import blocks, code, formulas, inline, marking
from assistant.web.markup.inline import NOWHERE, Links

DEEPEST = 100
"""Elements within one another; what lies deeper is left out, lest the parser run out of stack."""

Span = tuple[int, int]


def to_html(text: str, best: Span = (0, 0), passage: Span = (0, 0), links: Links = NOWHERE) -> str:
    """Return Markdown as HTML.

    Args:
        text: Whole blocks of an entry.
        best: The best sentence as [start, end) in ``text``; empty for none.
        passage: What was found of it, likewise, which stands out where it is not all.
        links: Finds what the entry points to.
    """
    start, end = (len(visible(text[:offset])) for offset in best)
    lines = tuple(text.count("\n", 0, offset) for offset in passage) if any(passage) else ()
    source = marking.ENDS.sub(" ", visible(text))
    env = {
        "best": source[start:end].strip(),
        "line": source.count("\n", 0, start),
        "passage": lines,
        "links": links,
    }
    return str(_parser().render(source, env)).strip()


@cache
def _parser() -> MarkdownIt:
    """Return the parser: CommonMark without HTML, and what the dialects of notes add to it."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
    parser.enable(["table", "strikethrough"])
    math.plug_in(parser)
    admonitions.plug_in(parser)
    definitions.plug_in(parser)
    for part in (inline, blocks, marking, code, formulas):
        part.plug_in(parser)
    return parser
