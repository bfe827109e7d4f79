"""The names of months as dates have them, in English. Pure."""

from __future__ import annotations

PATTERN = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
"""Of a regular expression that ignores case."""

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def number(name: str) -> int:
    """Return the number of a month, from 1, by a name that ``PATTERN`` matches."""
    return _NAMES.index(name[:3].lower()) + 1
