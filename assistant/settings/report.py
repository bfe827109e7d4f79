"""The settings in force, each with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from assistant.records import Source
from assistant.settings import load
from assistant.settings.load import Origin, Settings
from assistant.settings.options import OPTIONS
from assistant.settings.template import to_key, to_toml
from assistant.settings.toml_lines import KeyPath, key_lines
from assistant.text import json_line

WIDEST = 60
"""Columns of a value up to which the origins behind them stand in one column."""


def to_lines(settings: Settings) -> Iterator[str]:
    """Yield the settings as TOML, with their origins as comments."""
    own = load.user_file()
    yield f"# your own file: {own}{'' if own.is_file() else ' (not there)'}"
    yield f"# the file here: {settings.file or 'none'}"
    shown = [
        (f"{_key(path)} = {value}", _place(settings, path))
        for name in OPTIONS
        for path, value in _assignments(settings, name)
    ]
    width = max(len(text) for text, _ in shown if len(text) <= WIDEST)
    yield from (f"{text:<{width}}  # {place}" for text, place in shown)


def to_json(settings: Settings) -> str:
    """Return the settings as one line of JSON."""
    own = load.user_file()
    record = {
        "user_file": str(own) if own.is_file() else None,
        "file": str(settings.file) if settings.file else None,
        "settings": {
            name: {"value": _value(settings, name), **_origin_record(settings, name)}
            for name in OPTIONS
        },
    }
    return json_line(record)


def _origin_record(settings: Settings, name: str) -> dict[str, Any]:
    origin = settings.origins.get(name, Origin())
    line = _line(origin, (name,))
    return {"origin": origin.kind, "where": origin.where or None, "line": line}


def _value(settings: Settings, name: str) -> object:
    """Return a setting as JSON has it."""
    if name == "notes":
        return [source.to_record() for source in settings.notes]
    value = getattr(settings, name)
    if value is None:
        value = OPTIONS[name].default
    return str(value) if isinstance(value, Path) else value


def _assignments(settings: Settings, name: str) -> Iterator[tuple[KeyPath, str]]:
    """Yield the key and the value, in TOML, of a setting; several for notes folders with names."""
    if name != "notes":
        yield (name,), to_toml(_value(settings, name))
    elif any(source.name for source in settings.notes):
        yield from ((("notes", s.name), _folder(settings, s)) for s in settings.notes)
    else:
        yield ("notes",), to_toml([str(source.path) for source in settings.notes])


def _folder(settings: Settings, source: Source) -> str:
    """Return a notes folder in TOML, with the patterns that are its own."""
    path = to_toml(str(source.path))
    if source == replace(source, include=settings.include, exclude=settings.exclude):
        return path
    include, exclude = to_toml(source.include), to_toml(source.exclude)
    return f"{{ path = {path}, include = {include}, exclude = {exclude} }}"


def _key(path: KeyPath) -> str:
    return ".".join(map(to_key, path))


def _place(settings: Settings, path: KeyPath) -> str:
    """Return where a value comes from, in words."""
    origin = settings.origins.get(path[0], Origin())
    line = _line(origin, path)
    return f"{origin.where}:{line}" if line else origin.where or origin.kind


def _line(origin: Origin, path: KeyPath) -> int | None:
    """Return the line of a file on which a setting stands; None where it comes from no file."""
    return _lines(origin.where).get(path) if "file" in origin.kind else None


@cache
def _lines(file: str) -> Mapping[KeyPath, int]:
    """Return the lines of a settings file that was read a moment ago."""
    try:
        return key_lines(Path(file).read_text("utf-8-sig"))
    except (OSError, ValueError):  # somebody is writing it
        return {}
