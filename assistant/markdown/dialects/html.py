"""HTML in Markdown: comments, and the tags that fold a part away. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.markdown.dialects.edit import Edit

HINT = r"</?(?:details|summary)|<!--"
"""A text without any of this, as a regular expression, has no marks of this kind."""

COMMENT = re.compile(r"<!--(?:(?!<!--|-->).)*-->", re.S)
DETAILS = re.compile(r"(?:</?(?:details|summary)(?:\s[^<>]*)?>)+", re.I)


def marks(source: str) -> Iterator[Edit]:
    """Yield comments, and the tags that fold a part away."""
    for match in COMMENT.finditer(source):
        yield Edit(match.start(), match.end())
    for match in DETAILS.finditer(source):
        start, end = match.span()
        around = source[start - 1 : start] + source[end : end + 1]
        yield Edit(start, end, " " if len(around) == 2 and around.isalnum() else "")
