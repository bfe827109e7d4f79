"""Tags in prose, ``#tag`` and ``#a/b``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.combining import COMBINING
from assistant.markdown.dialects.edit import Edit

_PICTURE = "\u2600-\u27bf\u2b50\u2b55\ufe0f\u200d\U0001f000-\U0001faff"
"""Emoji, and what joins them."""

_LETTER = rf"[\w{COMBINING}{_PICTURE}]"

HINT = rf"(?<![\w#])#{_LETTER}"
"""A text without any of this, as a regular expression, has no tags."""

TAG = re.compile(
    rf"(?<![^\s(（,，、])#(?P<tag>{_LETTER}(?:[\w/{COMBINING}{_PICTURE}-]*{_LETTER})?)"
    rf"(?!{_LETTER}|[#(\[])(?![.=:/-]\w)"
)
LINK = re.compile(r"\]\([ \t]*<?$")
"""What stands before the heading that a link leads to."""

COLOUR = re.compile(r"(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
DIRECTIVES = frozenset(
    "include define undef if ifdef ifndef elif else endif pragma error region endregion".split()
)


def marks(source: str) -> Iterator[Edit]:
    """Yield the hash of each tag of a block of prose."""
    for match in TAG.finditer(source):
        tag = match["tag"]
        if LINK.search(source, max(0, match.start() - 8), match.start()):
            continue
        if re.search(r"[^\d/-]", tag) and not COLOUR.fullmatch(tag) and tag not in DIRECTIVES:
            yield Edit(match.start(), match.start() + 1)
