"""HTML in Markdown: comments, tags of elements and of components, character references. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5

from assistant.markdown.dialects.edit import Edit

HINT = r"</?[A-Za-z]|<!--|&[#A-Za-z]"
"""A text without any of this, as a regular expression, has no marks of this kind."""

COMMENT = re.compile(r"<!--(?:(?!<!--|-->).)*-->", re.S)
UNSEEN = re.compile(r"<(script|style)\b[^<>]*>(?:(?!</|<script|<style).)*</\1\s*>", re.S | re.I)
"""Elements whose content is for the browser alone."""

DETAILS = re.compile(r"(?:</?(?:details|summary)(?:\s[^<>]*)?>)+", re.I)
"""The tags that fold a part away."""

_VALUE = r"(?:\"[^\"]*+\"|'[^']*+'|\{(?:[^{}]|\{[^{}]*+\})*+\}|[^\s\"'=<>`{}]++)"
_ATTRIBUTE = rf"(?:\s++(?:[A-Za-z_:@][\w:.-]*+(?:\s*+=\s*+{_VALUE})?|\{{\.\.\.[\w.]++\}}))"
TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>[A-Za-z][\w.-]*+)(?P<attributes>{_ATTRIBUTE}*+)\s*+(?P<end>/?)>"
)

INLINE = frozenset(
    "a abbr b bdi bdo cite code del dfn em font i ins kbd label mark q s samp small span strong"
    " sub sup time tt u var wbr".split()
)
BLOCK = frozenset(
    "article aside audio blockquote br button caption center circle col dd div dl dt ellipse"
    " figcaption figure footer form g h1 h2 h3 h4 h5 h6 header hr iframe img input li line main nav"
    " ol p path picture polygon polyline pre rect section source svg table tbody td tfoot th thead"
    " title tr ul video".split()
)
VOID = frozenset("br col hr img input source wbr".split())

SHOWN = re.compile(r"\b(?:alt|label|title|caption)\s*=\s*(?:\"([^\"\n]*)\"|'([^'\n]*)')")
"""What the reader sees of the attributes of a tag."""

REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def marks(source: str) -> Iterator[Edit]:
    """Yield comments, what only a browser reads, and the tags that fold a part away."""
    for pattern in (COMMENT, UNSEEN):
        for match in pattern.finditer(source):
            yield Edit(match.start(), match.end())
    for match in DETAILS.finditer(source):
        yield Edit(match.start(), match.end(), _apart(match))


def tags(source: str) -> Iterator[Edit]:
    """Yield tags, each with what the reader sees of it, such as the label of a tab.

    The name of a type in angle brackets, as in ``vector<int>``, is none, and a lone opening tag
    without attributes may be what the prose is about.
    """
    found = list(TAG.finditer(source))
    opened = {match["name"] for match in found if not match["close"]}
    closed = {match["name"] for match in found if match["close"]}
    for match in found:
        name, attributes = match["name"], match["attributes"]
        is_component = name[0].isupper() and name != name.upper()
        if not is_component and name.lower() not in INLINE | BLOCK:
            continue
        paired = name in (opened if match["close"] else closed)
        stands_alone = match["close"] and _line(match).strip() == match[0]
        if not (paired or stands_alone or "=" in attributes or match["end"] or name in VOID):
            continue
        shown = SHOWN.search(attributes)
        text = (shown[1] or shown[2] or "") if shown and name not in INLINE else ""
        yield Edit(
            match.start(), match.end(), text or ("" if name.lower() in INLINE else _apart(match))
        )


def references(source: str) -> Iterator[Edit]:
    """Yield character references, each with the characters that it stands for."""
    for match in REFERENCE.finditer(source):
        if match[0][1] == "#" or match[0][1:] in html5:
            yield Edit(match.start(), match.end(), unescape(match[0]))


def _line(match: re.Match[str]) -> str:
    """Return the line that a match stands on."""
    text = match.string
    end = text.find("\n", match.end())
    return text[text.rfind("\n", 0, match.start()) + 1 : end if end >= 0 else len(text)]


def _apart(match: re.Match[str]) -> str:
    """Return a space where the words around a match would grow together without it."""
    around = match.string[match.start() - 1 : match.start()] + match.string[match.end() :][:1]
    return " " if len(around) == 2 and around.isalnum() else ""
