"""A settings file as ``assistant init`` writes it: every setting, with what it is for."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from assistant import notes
from assistant.errors import ConfigError, UsageError
from assistant.settings.load import full_path, working_folder
from assistant.settings.options import FOLDER_NAME, OPTIONS
from assistant.text import counted, json_line

_BARE = re.compile(r"[A-Za-z0-9_-]+")
"""A key that TOML reads without quotes."""

_HEAD = """\
# Settings of the assistant: `assistant config` shows those in force and where each comes from.
# Paths are relative to this file; ~ is your home folder.
"""

_NAMES = """\
# Folders with names, in place of the list above; notes are then called work/..., and
# `--note work/` asks them alone. Patterns of their own stand in place of those above.
# [notes.work]
# path = "~/work/notes"
# exclude = ["drafts/"]
"""


def content(folders: Sequence[Path], base: Path, home: Path, *, own: bool = False) -> str:
    """Return a commented settings file.

    Args:
        folders: Notes folders, absolute; of several each gets its own name where that can be one.
        base: The folder of the file.
        home: The user's home folder.
        own: Whether it is the user's own, which holds everywhere.
    """
    paths = {folder.name: to_toml(_shown(folder, base, home)) for folder in folders}
    named = 1 < len(paths) == len(folders) and all(map(FOLDER_NAME.fullmatch, paths))
    parts = [_HEAD]
    for option in OPTIONS.values():
        if option.name == "editor" and not own:
            continue  # see ``options.dangers``
        line = f"{option.name} = {to_toml(option.default)}"
        if option.name != "notes":
            parts.append(f"# {option.purpose}\n# {line}\n")
        elif not named:
            listed = ", ".join(to_toml(_shown(folder, base, home)) for folder in folders)
            parts.append(f"# {option.purpose}\nnotes = [{listed}]\n")
    if named:
        lines = [f"{to_key(name)} = {path}\n" for name, path in paths.items()]
        parts.append("# names of notes folders, and where they are\n[notes]\n" + "".join(lines))
    else:
        parts.append(_NAMES)
    return "\n".join(parts)


def to_toml(value: object) -> str:
    """Return a text, number, switch or list of texts as TOML writes it."""
    return json_line(value)  # which TOML reads as well


def to_key(name: str) -> str:
    """Return a key as TOML writes it, without quotes where it can do without."""
    return name if _BARE.fullmatch(name) else to_toml(name)


def _shown(folder: Path, base: Path, home: Path) -> str:
    """Return a path as one would write it into a file of a folder."""
    if folder.is_relative_to(base):
        return folder.relative_to(base).as_posix()
    if folder.is_relative_to(home):
        return "~/" + folder.relative_to(home).as_posix()
    return str(folder)


def check_free(file: Path) -> None:
    """Raise ConfigError if a file is there already."""
    if file.exists() or file.is_symlink():
        raise ConfigError(f"{file} already exists", "edit it, or overwrite it with --force")


def count_notes(folder: Path) -> int:
    """Return how many notes are in a folder, or in a file.

    Raises:
        NotesUnreadableError: It is not there, or holds no notes that can be listed.
    """
    return len(notes.walk([folder])[0])


def described(folder: Path, count: int | None = None) -> str:
    """Return a notes folder with how many notes it holds."""
    return f"{folder} ({counted(count_notes(folder) if count is None else count, 'note')})"


def chosen(answer: str, offered: Sequence[Path]) -> list[Path]:
    """Return the folders that an answer names, each once.

    Args:
        answer: Numbers from 1, or paths, with commas or, between numbers, spaces between.
        offered: The folders that the numbers mean.

    Raises:
        UsageError: A number means none, or nothing is named.
        ConfigError: A path begins with the home of nobody.
        NotesUnreadableError: A path holds no notes.
    """
    steps = answer.split(",")
    if all(step.isdigit() for step in answer.split()):
        steps = answer.split()
    found = []
    for step in filter(None, map(str.strip, steps)):
        if step.isascii() and step.isdigit():
            if not 1 <= int(step) <= len(offered):
                raise UsageError(f"there is no number {step}", f"choose from {len(offered)}")
            found.append(offered[int(step) - 1])
        else:
            folder = full_path(step, working_folder())
            count_notes(folder)
            found.append(folder)
    if not found:
        raise UsageError("no folder was named", "name one")
    return list(dict.fromkeys(found))


def write(file: Path, text: str, *, force: bool) -> None:
    """Write a settings file.

    Raises:
        ConfigError: It is there already and is not to be written over, or cannot be written.
    """
    if file.is_symlink():
        cause = f"{file} is a link to {os.path.realpath(file)}"
        raise ConfigError(cause, "edit that file, or delete the link")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w" if force else "x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        check_free(file)
        raise
    except OSError as error:
        cause = f"{file} cannot be written: {error.strerror}"
        raise ConfigError(cause, "give yourself access, or go to another folder") from error
