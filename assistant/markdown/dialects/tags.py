"""Tags in prose, ``#tag`` and ``#a/b``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.markdown.dialects.edit import Edit

HINT = r"(?<![\w#])#[^\W]"
"""A text without any of this, as a regular expression, has no tags."""

TAG = re.compile(r"(?<![^\s(（,，、])#(?P<tag>\w(?:[\w/-]*\w)?)(?![\w#(\[])(?![.=:/-]\w)")
COLOUR = re.compile(r"(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
DIRECTIVES = frozenset(
    "include define undef if ifdef ifndef elif else endif pragma error region endregion".split()
)


def marks(source: str) -> Iterator[Edit]:
    """Yield the hash of each tag of a block of prose."""
    for match in TAG.finditer(source):
        tag = match["tag"]
        if re.search(r"[^\d/-]", tag) and not COLOUR.fullmatch(tag) and tag not in DIRECTIVES:
            yield Edit(match.start(), match.start() + 1)
