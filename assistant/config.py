"""Settings: defaults, then ``assistant.toml``, then the environment, then flags."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import ConfigError
from assistant.model import DEFAULT_MODEL

FILE_NAME = "assistant.toml"

EDITOR_LINK = re.compile(r"(?!javascript:|data:)[a-z][a-z0-9+.-]*:.*\{path\}")
"""What the setting ``editor_link`` must look like."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user may choose."""

    notes: tuple[Path, ...] = ()
    """Folders and files of notes, absolute."""
    index: Path = Path("index")
    """The index folder, absolute."""
    model: str = DEFAULT_MODEL
    """Name or folder of a sentence-transformers model."""
    late_interaction: bool = True
    """Keep token states for a third way of searching; most of the index's size."""
    results: int = 3
    """Passages shown on a terminal."""
    editor_link: str = "vscode://file{path}:{line}"
    """Address by which the page opens a note in an editor."""
    index_named: bool = False
    """Whether the index was named by flag or environment, so that it may be of other notes."""
    file: Path | None = None
    """The settings file in force."""


def find_file(start: Path) -> Path | None:
    """Return the nearest ``assistant.toml`` in a folder or above it."""
    folders = (start, *start.parents)
    return next((f / FILE_NAME for f in folders if (f / FILE_NAME).is_file()), None)


def load(
    file: Path | None = None,
    index: Path | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    here: Path | None = None,
) -> Settings:
    """Return the settings in force.

    Args:
        file: The ``--config`` flag; None looks at ``ASSISTANT_CONFIG``, then up from ``here``.
        index: The ``--index`` flag; None looks at ``ASSISTANT_INDEX`` and then at the file.
        environment: The environment variables.
        here: The working folder.

    Raises:
        ConfigError: A file named by flag or environment is missing, or a file's content is wrong.
    """
    here = here or Path.cwd()
    given = file or environment.get("ASSISTANT_CONFIG")
    named = _path(given, here) if given else None
    if named and not named.is_file():
        raise ConfigError(
            f"there is no settings file {named}", "name another by --config, or leave it out"
        )
    found = named or find_file(here)
    settings = read(found) if found else Settings(index=here / "index")
    chosen = index or environment.get("ASSISTANT_INDEX")
    if not chosen:
        return settings
    return replace(settings, index=_path(chosen, here), index_named=True)


def _path(path: str | Path, folder: Path) -> Path:
    """Return a path that may begin with ``~`` or be relative to a folder.

    Raises:
        ConfigError: It begins with the home of a user who is not known.
    """
    try:
        return folder / Path(path).expanduser()
    except RuntimeError as error:
        raise ConfigError(f"the home folder in {path} is not known", "write it in full") from error


def read(file: Path) -> Settings:
    """Return the settings of a file; paths in it are relative to its folder.

    Raises:
        ConfigError: It is not TOML, or has an unknown key or a value of the wrong type.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}", "mend the file") from error
    checks = {
        "notes": lambda v: isinstance(v, list) and all(isinstance(item, str) for item in v),
        "index": lambda v: isinstance(v, str),
        "model": lambda v: isinstance(v, str),
        "late_interaction": lambda v: isinstance(v, bool),
        "results": lambda v: type(v) is int and 1 <= v <= 100,
        "editor_link": lambda v: isinstance(v, str) and bool(EDITOR_LINK.match(v)),
    }
    forms = {
        "notes": 'a list of folders, such as ["content"]',
        "index": 'a folder, such as "index"',
        "model": f'a name or folder, such as "{DEFAULT_MODEL}"',
        "late_interaction": "true or false",
        "results": "a whole number from 1 to 100",
        "editor_link": f'an address such as "{Settings().editor_link}"',
    }
    for key, value in content.items():
        if key not in checks:
            near = difflib.get_close_matches(key, checks, n=1, cutoff=0)[0]
            raise ConfigError(f"{file} has an unknown setting {key!r}", f"did you mean {near!r}?")
        if not checks[key](value):
            raise ConfigError(
                f"{file}: {key} = {value!r} is not {forms[key]}", f"write {forms[key]}"
            )
    folder = file.parent
    model = content.get("model", DEFAULT_MODEL)
    return Settings(
        notes=tuple(_path(item, folder) for item in content.get("notes", [])),
        index=_path(content.get("index", "index"), folder),
        model=str(_path(model, folder)) if _path(model, folder).is_dir() else model,
        late_interaction=content.get("late_interaction", True),
        results=content.get("results", 3),
        editor_link=content.get("editor_link", Settings().editor_link),
        file=file,
    )
