"""What Logseq adds to Markdown: properties of blocks, references to blocks, macros. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.markdown.dialects.edit import Edit

HINT = r"::[ \t]|\(\([0-9a-f]{8}-|\{\{[a-z]|:LOGBOOK:"
"""A text without any of this, as a regular expression, has no marks of this kind."""

PROPERTY = re.compile(
    r"^[ \t>]*(?:[-*+][ \t]+)?(?P<property>(?:id|collapsed|heading|public|icon|filters|ls-type"
    r"|created-at|updated-at|background-color|template-including-parent|exclude-from-graph-view"
    r"|(?:logseq|query|card|hl|file)[.-][\w.-]+)::(?:[ \t].*)?)$",
    re.MULTILINE,
)
"""Those that are not shown; ``author:: ...`` is."""

BLOCK_REFERENCE = re.compile(
    r"\(\([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\)\)"
)
MACRO = re.compile(
    r"\{\{(?:query|embed|video|renderer|cloze|youtube|tweet)\b(?P<inside>[^{}\n]*)\}\}"
)
LOGBOOK = re.compile(r":LOGBOOK:(?:(?!:END:|:LOGBOOK:).)*:END:", re.S)


def marks(source: str) -> Iterator[Edit]:
    """Yield what is not shown; of a macro that shows a page or words, those are read."""
    for match in PROPERTY.finditer(source):
        yield Edit(match.start("property"), match.end())
    for match in LOGBOOK.finditer(source):
        yield Edit(match.start(), match.end())
    for match in MACRO.finditer(source):
        if match[0].startswith("{{cloze"):
            yield Edit(match.start(), match.start("inside"))
            yield Edit(match.end("inside"), match.end())
        elif page := re.fullmatch(r"\s*\[\[([^\[\]]+)\]\]\s*", match["inside"]):
            yield Edit(match.start(), match.end(), page[1])
        else:
            yield Edit(match.start(), match.end())
    for match in BLOCK_REFERENCE.finditer(source):
        yield Edit(match.start(), match.end())
