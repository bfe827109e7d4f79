"""What of prose is code: spans within a line, and lines that nobody put into a fence. Pure."""

from __future__ import annotations

import re

from assistant.markdown.dialects import mkdocs

CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)|\$\$.+?\$\$|\$[^\s$][^$\n]*\$", re.S)
"""A code span or a formula within a paragraph."""

CODE_LINE = re.compile(
    r"^[^\S\n]*+(?:>>> |\$ |import \w|from [\w.]+ import\b|def \w|class \w+[(:]|return\b"
    r"|for \w+ in\b|[\w.]+\(.*\)\s*$|#\s?(?:include|define|undef|ifn?def|endif|pragma)\b)"
    r"|(?<!=)=(?!=)|[=!]=(?=\s|$)|[;{}]\s*$|\):\s*$",
    re.MULTILINE,
)
"""What tells code that stands in the prose without a fence."""

NO_CODE = re.compile(
    r"https?://\S+|<[^<>\n]*>|==[^=\s](?:[^=\n]*[^=\s])?==|\[\[[^\[\]\n]*\]\]|&#?\w+;"
)
"""Where an equals sign or a semicolon is none of code's."""

_WORD = r"[^\W\d_]{2,}"
PROSE_LINE = re.compile(
    r"(?!import \w+(?: as \w+)?$|from [\w.]+ import\b)"
    rf"(?:{_WORD}(?:,? {_WORD}){{2,}}[.!?]?|.*[^\W_][.!?…。！？])"
)
"""What tells prose all the same: nothing but words, a full stop at the end."""

TAGS = re.compile(r"(?:(?<!\S)#[^\s#(\[]+\s*)+$")
"""Tags at the end of a line, which in code would be a comment."""


def masked(source: str) -> str:
    """Return a block of prose with NULs in place of its code spans and formulas."""
    return CODE_SPAN.sub(lambda match: re.sub(r"[^\n]", "\0", match[0]), source)


def has_code(source: str) -> bool:
    """Return whether a block of prose, its code spans masked, looks like code."""
    shown = NO_CODE.sub("", mkdocs.ATTRIBUTES.sub("", source))
    return any(
        not PROSE_LINE.fullmatch(TAGS.sub("", line).strip())
        for line in shown.split("\n")
        if CODE_LINE.search(line)
    )
