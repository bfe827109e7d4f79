"""What MkDocs adds to Markdown: heads of admonitions and tabs, lists of attributes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.markdown.admonitions import HEAD
from assistant.markdown.dialects.edit import Edit

HINT = r"!!!|\?\?\?|===|\{[:#.]|\{ "
"""A text without any of this, as a regular expression, has no marks of this kind."""

ATTRIBUTE = r"(?:[.#][A-Za-z][\w-]*|[A-Za-z][\w-]*=(?:\"[^\"\n]*\"|'[^'\n]*'|[\w-]+))"
ATTRIBUTES = re.compile(
    rf"(?<![ \t])[ \t]*+\{{:[ \t]*{ATTRIBUTE}(?:[ \t]+{ATTRIBUTE})*[ \t]*\}}"
    rf"|(?:(?<=[)\]])|(?<=\S)[ \t]++)\{{[ \t]*[.#][A-Za-z][\w-]*(?:[ \t]+{ATTRIBUTE})*[ \t]*\}}"
    r"[ \t]*$"
    rf"|(?<=\))\{{[ \t]*{ATTRIBUTE}(?:[ \t]+{ATTRIBUTE})*[ \t]*\}}",
    re.MULTILINE,
)


def head(text: str, low: int, high: int) -> Iterator[Edit]:
    """Yield what surrounds the title of an admonition or tab; without one its kind is read."""
    line = text[low:high]
    low += len(line) - len(line.lstrip(" \t>"))
    match = HEAD.match(text[low:high].rstrip("\n"))
    if match:
        read = next(name for name in ("tab", "title", "kind") if match[name] is not None)
        yield Edit(low, low + match.start(read))
        yield Edit(low + match.end(read), low + match.end())


def marks(source: str) -> Iterator[Edit]:
    """Yield lists of attributes."""
    for match in ATTRIBUTES.finditer(source):
        yield Edit(match.start(), match.end())
