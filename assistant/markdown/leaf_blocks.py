"""The leaves of an entry's Markdown: which lines are prose, code, table rows, headings. Pure.

One parse of an entry serves its sentences, its code and its passage, so the last ones are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Literal

from assistant.markdown.blocks import entry_tokens

LeafKind = Literal["prose", "heading", "head", "row", "fence", "code", "html", "math", "definition"]
"""``head`` is a table's first row, ``row`` a later one, ``code`` an indented block, ``math`` a
displayed formula, ``definition`` that of a link or a footnote."""

KINDS: dict[str, LeafKind] = {
    "paragraph_open": "prose",
    "heading_open": "heading",
    "tr_open": "row",
    "fence": "fence",
    "code_block": "code",
    "html_block": "html",
    "math": "math",
    "definition": "definition",
}
"""Token types that are leaves; lists and quotes only hold them."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A block that holds no other block, as whole lines of the text."""

    kind: LeafKind
    first: int
    """Its first line, from 0."""
    after: int
    """The line after its last, blank lines at its end left out."""
    info: str = ""
    """What stands behind the opening marker of a fence."""
    content: str = ""
    """The code of a fence or an indented block, without the indentation of the list around it."""
    closed: bool = False
    """Whether a fence has a closing marker."""


@lru_cache(maxsize=256)
def leaves(text: str) -> tuple[Leaf, ...]:
    """Return the leaves of a Markdown text, in order and without overlap."""
    lines = text.split("\n")
    found: list[Leaf] = []
    heading_row = False
    footnotes = 0
    for token in entry_tokens(text):
        footnotes += (token.type == "footnote_open") - (token.type == "footnote_close")
        heading_row = token.type == "thead_open" or (heading_row and token.type != "thead_close")
        kind = KINDS.get(token.type)
        if kind is None or not token.map:
            continue
        if footnotes and kind == "prose":
            kind = "definition"
        first, after = token.map
        while after > first + 1 and (after > len(lines) or not lines[after - 1].strip(" \t>")):
            after -= 1
        held = token.content.removesuffix("\n").count("\n") + bool(token.content)
        closed = kind == "fence" and after - first > held + 1
        found.append(
            Leaf("head" if heading_row else kind, first, after, token.info, token.content, closed)
        )
    return tuple(found)


def line_starts(text: str) -> list[int]:
    """Return the offset of each line, and that of the line which would follow the last."""
    return [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
