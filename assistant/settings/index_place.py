"""Where an index lies that nobody gave a place: in the user's data folder, keyed by its notes.

A folder of notes is often a vault, synced or shared, in which nothing is to be left behind.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from assistant import private_file
from assistant.engine_address import IndexPlace
from assistant.errors import ConfigError
from assistant.user_folders import indexes_folder

_NAME = re.compile(r"[^\n/\\]{1,100}-[0-9a-f]{16}")
_ODD = re.compile(r"[^\w-]+")
_LONGEST = 30
"""Characters of a folder's own name that the name of its index has."""

BESIDE = "index"
"""Name of an index that lies beside what names its notes, or where one stands."""

DATABASE = "index.sqlite3"
"""What tells an index from another folder of that name; see ``store.files``."""

LAST = "last"
"""Name of the file that names the index that was built last."""


def of_notes(folder: Path) -> Path:
    """Return where the index of a folder of notes lies, or would; links are followed."""
    place = os.path.realpath(folder)
    key = hashlib.blake2b(place.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    name = _ODD.sub("-", Path(place).name)[:_LONGEST].strip("-") or "notes"
    return indexes_folder() / f"{name}-{key}"


def of_build(index: IndexPlace, folder: Path, *, is_free: bool) -> IndexPlace:
    """Return where a build of a folder of notes goes: to its own index unless one has a place."""
    return of_notes(folder) if is_free else index


def found_from(here: Path) -> Path:
    """Return the index that a question asked in a folder is for.

    It is that of the folder or the nearest above it that has one, else the one that was built last,
    else the one that the folder would have.
    """
    return next((place for place in _known(here) if place.is_dir()), of_notes(here))


def is_of(index: IndexPlace, here: Path) -> bool:
    """Return whether an index is that of a folder or of one above it."""
    return any(index == of_notes(folder) for folder in (here, *here.parents))


def lies_in(here: Path) -> bool:
    """Return whether an index lies in a folder itself, as one that was cloned does."""
    return os.path.lexists(here / BESIDE / DATABASE)


def beside(folder: Path, *, is_named: bool) -> Path:
    """Return the index that lies in a folder.

    Args:
        folder: That of the settings file, or the working folder.
        is_named: Whether a settings file of the user's decides; else no link is followed.

    Raises:
        ConfigError: It is a link.
    """
    index = folder / BESIDE
    if index.is_symlink() and not is_named:
        raise ConfigError(
            f"{index} is a link to {os.path.realpath(index)}, and nobody has named it",
            "name it with --index, or in a settings file of yours",
        )
    return index


def remember(index: IndexPlace) -> None:
    """Keep in mind which index was built last, if it is one of these."""
    if isinstance(index, Path) and index.parent == indexes_folder():
        with suppress(OSError):  # then only its own folder leads to it
            private_file.write(indexes_folder() / LAST, index.name)


def _known(here: Path) -> Iterator[Path]:
    if not indexes_folder().is_dir():
        return
    yield from (of_notes(folder) for folder in (here, *here.parents))
    last = private_file.read(indexes_folder() / LAST)
    if last and _NAME.fullmatch(last):
        yield indexes_folder() / last
