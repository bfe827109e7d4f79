"""The arguments of a tool as agents give them, to those that it takes, and what is wrong with them.

A model calls tools of many servers, and gives what another one would take: a null for what is
optional, one tag by itself, a time for a date, the address of a note. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

URI = "note:///"
"""What the address of a note begins with; its path follows, percent-encoded."""

MOST = 20
"""Passages of a search at most."""

_TIME = re.compile(r"\s*(\d{4}-\d\d-\d\d)[T ]\d\d.*", re.DOTALL)
_NUMBER = re.compile(r"\s*-?\d{1,9}(?:\.0)?\s*")


def accepted(arguments: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """Return arguments in the form that a tool takes them.

    Args:
        arguments: As the agent gives them.
        known: Names of those that the tool has.
    """
    found = {name: value for name, value in arguments.items() if value is not None}
    for other, name in (("query", "question"), ("tag", "tags"), ("limit", "count")):
        if other in found and other not in known and name in known and name not in found:
            found[name] = found.pop(other)
    return {name: _FORMS[name](value) if name in _FORMS else value for name, value in found.items()}


def told(errors: Sequence[Mapping[str, Any]], known: Sequence[str]) -> str:
    """Return what is wrong with arguments, cause and remedy, from what pydantic says of them."""
    causes = []
    for error in errors:
        name = str(error["loc"][0]) if error["loc"] else "the call"
        kind, limits = str(error["type"]), error.get("ctx", {})
        if kind == "extra_forbidden":
            causes.append(f"there is no argument `{name}`")
        elif kind == "missing":
            causes.append(f"`{name}` is missing")
        elif kind == "string_too_long":
            causes.append(f"`{name}` is too long: at most {limits['max_length']} characters")
        elif kind == "string_too_short":
            causes.append(f"`{name}` is empty")
        elif kind in ("greater_than_equal", "less_than_equal"):
            bound = limits.get("ge", limits.get("le"))
            word = "at least" if "ge" in limits else "at most"
            causes.append(f"`{name}` is to be {word} {bound}")
        elif kind == "too_long":
            causes.append(f"`{name}` has too many items: at most {limits['max_length']}")
        else:
            causes.append(f"`{name}` is of the wrong kind")
    said = "; ".join(dict.fromkeys(causes))
    return f"{said}\ngive some of these: {', '.join(known)}"


def _note(value: Any) -> Any:  # noqa: ANN401 # from JSON
    """Return a note's path, of its address as well; an empty one stays what it is."""
    if isinstance(value, str) and value.startswith(URI):
        return unquote(value.removeprefix(URI).partition("?")[0])
    return value


def _tags(value: Any) -> Any:  # noqa: ANN401 # from JSON
    if not isinstance(value, str):
        return value
    return [tag.strip() for tag in value.strip("[]").replace('"', "").split(",") if tag.strip()]


def _date(value: Any) -> Any:  # noqa: ANN401 # from JSON
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else value


def _between(least: int, most: int) -> Callable[[Any], Any]:
    """Return what takes a number, also one in quotes, and brings it within bounds."""

    def clamped(value: Any) -> Any:  # noqa: ANN401 # from JSON
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = int(float(value))
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        return max(least, min(most, int(value)))

    return clamped


_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "note": _note,
    "tags": _tags,
    "since": _date,
    "until": _date,
    "count": _between(1, MOST),
    "page": _between(1, 1_000_000),
    "line": _between(0, 999_999_999),
}
