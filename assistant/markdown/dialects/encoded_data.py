"""Data that notes carry as text, which nobody reads: images in base64, drawings, rulers. Pure.

A screenshot pasted into a note is a hundred thousand characters that mean nothing. They are shown
as they stand, and are neither embedded nor searched; unlike other marks they are left out of code,
too, and where nothing else is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.markdown.dialects.edit import Edit

LONG = 120
"""Characters of an unbroken run that may be data; few names and addresses are as long."""

WORDLIKE = 16
"""Letters and digits between two signs, on average: words of a long address have fewer."""

_RUN = r"[A-Za-z0-9+/=_-]"
DATA_URI = re.compile(r"\bdata:[\w/+.-]*(?:;[\w=.+-]+)*,[^\s\"'<>()`]{32,}+", re.I)
"""``data:image/png;base64,...``, also as percent signs write a drawing."""

SVG_DATA_URI = re.compile(r"(?<=\")data:image/svg\+xml[^\"\n]*+(?=\")", re.I)
"""A drawing that stands in an attribute as it is, with white space."""

RUN = re.compile(rf"(?<!{_RUN}){_RUN}{{{LONG},}}+")
"""Base64, hexadecimal digits, a sequence of bases."""

WRAPPED = re.compile(r"(?:^[ \t>]*[A-Za-z0-9+/]{60,}+={0,2}[ \t]*(?:\n+|\Z)){3,}", re.MULTILINE)
"""Base64 as mail and keys have it, in lines."""

RULER = re.compile(r"([^\w\s])\1{99,}+")

PATH = re.compile(r"(?<=\b[dD]=\")[-MmLlHhVvCcSsQqTtAaZzEe\d\s,.+]{60,}+(?=\")")
POINTS = re.compile(r"(?<=\bpoints=\")[-\d\s,.eE+]{60,}+(?=\")")
"""What is drawn by an SVG."""


@lru_cache(maxsize=256)
def edits(text: str) -> tuple[Edit, ...]:
    """Return the data of a text, in order and disjoint."""
    found = sorted(_spans(text))
    kept: list[Edit] = []
    for start, end in found:
        if kept and start < kept[-1].end:
            kept[-1] = Edit(kept[-1].start, max(end, kept[-1].end), always=True)
        else:
            kept.append(Edit(start, end, always=True))
    return tuple(kept)


def blanked(text: str, instead: str = " ") -> str:
    """Return a text with a character for each one of its data, so that all else stays in place."""
    parts: list[str] = []
    at = 0
    for edit in edits(text):
        parts += (
            text[at : edit.start],
            re.sub(r"[^\n]", lambda _: instead, text[edit.start : edit.end]),
        )
        at = edit.end
    return "".join((*parts, text[at:])) if parts else text


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where data stands, in any order."""
    if len(text) < LONG // 2:
        return
    if "data:" in text:
        for pattern in (DATA_URI, SVG_DATA_URI):
            yield from (match.span() for match in pattern.finditer(text))
    yield from (m.span() for m in RUN.finditer(text) if not _is_wordlike(m[0]))
    for match in WRAPPED.finditer(text):
        if not _is_wordlike(match[0]):
            yield match.start(), match.start() + len(match[0].rstrip())
    yield from (match.span() for match in RULER.finditer(text))
    if '="' in text:
        for pattern in (PATH, POINTS):
            yield from (match.span() for match in pattern.finditer(text))


def _is_wordlike(run: str) -> bool:
    """Return whether a long run is an address, a path or a name made of words."""
    parts = [part for part in re.split(r"[\s+/=_-]+", run) if part]
    return sum(map(len, parts)) < WORDLIKE * len(parts)
