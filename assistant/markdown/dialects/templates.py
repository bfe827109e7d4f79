"""What programs fill in before a note is seen: shortcodes, Liquid, Templater, Dataview. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.markdown.dialects.edit import Edit

HINT = r"\{\{[<%]|\{%|<%|`\$?= "
"""A text without any of this, as a regular expression, has no marks of this kind."""

SHORTCODE = re.compile(r"\{\{(?P<mark>[<%])(?P<inside>(?:(?!\}\}|\{\{).)*)[>%]\}\}", re.S)
LIQUID = re.compile(r"\{%(?:(?!%\}|\{%).)*%\}", re.S)
TEMPLATER = re.compile(r"<%(?:(?!%>|<%).)*%>", re.S)
DATAVIEW = re.compile(r"(?<!`)`\$?= [^`\n]+`(?!`)")
"""A query within a line, which stands in a code span."""

SHOWN = re.compile(r"\b(?:alt|label|title|caption|text|name)\s*=\s*\"([^\"\n]*)\"")
"""What the reader sees of the parameters of a shortcode."""

QUERIES = frozenset("compressed-json dataview dataviewjs query tasks".split())
"""Languages of fences that are replaced by what they find or draw."""


def marks(source: str) -> Iterator[Edit]:
    """Yield shortcodes, each with what the reader sees of it, and other templates."""
    for match in SHORTCODE.finditer(source):
        yield Edit(match.start(), match.end(), ", ".join(SHOWN.findall(match["inside"])))
    for pattern in (LIQUID, TEMPLATER):
        for match in pattern.finditer(source):
            yield Edit(match.start(), match.end())


def queries(source: str) -> Iterator[Edit]:
    """Yield queries within a line of a block of prose whose code spans are not masked."""
    for match in DATAVIEW.finditer(source):
        yield Edit(match.start(), match.end())
