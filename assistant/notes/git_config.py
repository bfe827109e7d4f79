"""The user's own settings of git, as far as they say what it ignores everywhere.

Source: git-config(1) and gitignore(5). Read are the user's own files and what they include, never
those of the system or of a repository: a stranger may have written the latter, and it could name
any file there is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from assistant.disk import read_bytes

MAX_BYTES = 1024 * 1024
"""Largest file of settings that is read."""

_MOST_INCLUDED = 10
# Compiled where there are settings to read: notes mostly lie in no repository.
_SECTION = r'\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]\s*'
_SETTING = r"(?s)([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$"
_PIECE = r'(?s)\\(.)|(")|(\s*[#;].*)|(.)'
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b"}


def excludes_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the file of what the user has git ignore in all repositories; None for none.

    It need not be there.
    """
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - which fails where there is no home
    own = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "git"
    named = environment.get("GIT_CONFIG_GLOBAL")
    files = [own / "config", home / ".gitconfig"] if named is None else [Path(named)]
    value = None
    for file in files:
        for setting, found in _settings(file, 0):
            value = found if setting == "core.excludesfile" else value
    if value is None:
        return own / "ignore"
    path = Path(_at_home(value))
    return path if path.is_absolute() else None


def _settings(file: Path, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the settings of a file by name in lower case, those of files that it includes too."""
    try:
        raw, _ = read_bytes(Path(os.path.realpath(file)), MAX_BYTES)
    except (OSError, ValueError):
        return
    for name, value in _parsed(raw.decode("utf-8", "surrogateescape")):
        if name == "include.path" and depth < _MOST_INCLUDED:
            with suppress(ValueError):  # a path that can be none
                yield from _settings(file.parent / _at_home(value), depth + 1)
        else:
            yield name, value


def _parsed(text: str) -> Iterator[tuple[str, str]]:
    """Yield the settings of a text, those of sections with a name of their own left out."""
    section = ""
    for line in re.sub(r"\\\r?\n", "", text.removeprefix("\ufeff")).split("\n"):
        line = line.strip()
        head = re.match(_SECTION, line)
        if head:
            section = head[1].lower() if head[2] is None else ""
            line = line[head.end() :]
        setting = re.match(_SETTING, line)
        if section and setting:
            yield f"{section}.{setting[1].lower()}", _value(setting[2] or "")


def _value(written: str) -> str:
    """Return a value without its quotes, escapes and comment."""
    value, kept, is_quoted = "", 0, False
    for piece in re.finditer(_PIECE, written):
        escaped, quote, comment, plain = piece.groups()
        if quote:
            is_quoted = not is_quoted
        elif comment and not is_quoted:
            break
        else:
            value += _ESCAPES.get(escaped, escaped) if escaped else comment or plain
        if quote or is_quoted or not (plain or "").isspace():
            kept = len(value)
    return value[:kept]


def _at_home(path: str) -> str:
    return os.path.expanduser(path)  # noqa: PTH111 - which leaves a user that is not known
