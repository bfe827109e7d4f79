"""What MDX and Docusaurus add to Markdown: imports, comments in braces, admonitions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.markdown.dialects.edit import Edit

HINT = r"\{/\*|^[ \t]*import |^[ \t>]*:::"
"""A text without any of this, as a regular expression, has no marks of this kind."""

COMMENT = re.compile(r"(?<![ \t])[ \t]*+\{/\*(?:(?!\*/|\{/\*).)*\*/\}", re.S)
IMPORT = re.compile(
    r"^[ \t]*import\s[^'\"\n;]*['\"](?:@site|@theme|@docusaurus|\.{0,2}/)[^'\"\n]*['\"];?[ \t]*$",
    re.MULTILINE,
)
"""Of a part of the site: an import of a library is more likely what the note is about."""

ADMONITION = re.compile(
    r"^[ \t>]*(?P<mark>:::+)[ \t]*(?P<kind>[A-Za-z][\w-]*)?"
    r"(?:\[(?P<title>[^\]\n]*)\]|[ \t]+(?P<words>[^\n{]*[^\s{]))?[ \t]*(?:\{[^}\n]*\})?[ \t]*$",
    re.MULTILINE,
)


def marks(source: str) -> Iterator[Edit]:
    """Yield comments, imports, and what surrounds the title of an admonition, or else its kind."""
    for pattern in (COMMENT, IMPORT):
        for match in pattern.finditer(source):
            yield Edit(match.start(), match.end(), always=True)
    for match in ADMONITION.finditer(source):
        shown = match["title"] or match["words"] or match["kind"] or ""
        yield Edit(match.start("mark"), match.end(), shown)
