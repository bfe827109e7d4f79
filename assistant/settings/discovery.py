"""Folders that look like notes: vaults of Obsidian, and the usual places."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from assistant import notes
from assistant.errors import NotesUnreadableError

HERE = ("notes", "docs", "doc", "content", "wiki")
"""Folders of a project that tend to hold notes."""

AT_HOME = ("notes", "Notes", "Documents/notes", "Documents/Notes", "Dropbox/notes", "wiki")
"""Folders of a home that do."""

PAPERS = (
    *("readme", "changelog", "changes", "history", "news", "contributing", "license", "licence"),
    *("security", "code_of_conduct", "authors", "maintainers", "support", "agents", "claude"),
)
"""What projects write at their top that are no notes, by the names of the files."""

DEEPEST = 3
"""Folders below the working folder, one in the other, in which notes are looked for, ..."""

MOST_FOLDERS = 500
"""... and how many at most: who stands at the top of a disk need not wait."""

VAULTS_IN = ("", "Documents", "Dropbox", "Nextcloud")
"""Folders of a home that are looked through for vaults."""

VAULT = ".obsidian"
"""Folder that each vault of Obsidian has."""


@dataclass(frozen=True, slots=True)
class NotesFolder:
    """A folder that holds notes."""

    path: Path
    count: int
    """Notes in it."""
    is_vault: bool


def find(here: Path | None, home: Path) -> list[NotesFolder]:
    """Return folders with notes, those of the working folder first.

    Of two that lie one in the other the first counts, which are tried in the order of this module.

    Args:
        here: The working folder; None to look at the home folder alone.
        home: The user's home folder.
    """
    found: list[NotesFolder] = []
    seen: set[Path] = set()
    for folder in _candidates(here, home):
        with suppress(OSError, NotesUnreadableError):
            real = folder.resolve(strict=True)
            if not real.is_dir() or any(_overlap(real, other) for other in seen):
                continue
            count = len(notes.walk([folder])[0])
            if count:
                seen.add(real)
                found.append(NotesFolder(folder, count, (folder / VAULT).is_dir()))
    return found


def _overlap(one: Path, other: Path) -> bool:
    """Return whether one of two folders lies in the other, or is it."""
    return one.is_relative_to(other) or other.is_relative_to(one)


def _candidates(here: Path | None, home: Path) -> Iterator[Path]:
    """Yield folders that may hold notes; not all of them are there."""
    if here and here != home:
        if (here / VAULT).is_dir() or holds_notes(here):
            yield here
        yield from (here / name for name in HERE)
        if any(map(notes.is_markdown, _listing(here))) or _has_notes_below(here):
            yield here
    yield from _known_vaults()
    yield from (home / name for name in AT_HOME)
    for name in VAULTS_IN:
        inside = (home / name / step for step in _listing(home / name))
        yield from (folder for folder in inside if (folder / VAULT).is_dir())


def holds_notes(folder: Path) -> bool:
    """Return whether notes lie in a folder itself, beside what projects write there."""
    return any(notes.is_markdown(name) and _stem(name) not in PAPERS for name in _listing(folder))


def _stem(name: str) -> str:
    return name.partition(".")[0].casefold()


def _has_notes_below(here: Path) -> bool:
    """Return whether any note lies in the folders below one, as far as one looks."""
    level = [here]
    looked = 0
    for _ in range(DEEPEST):
        inside = [folder / name for folder in level for name in _listing(folder)]
        level = [at for at in inside if not at.name.startswith(".") and at.is_dir()]
        for folder in level[: MOST_FOLDERS - looked]:
            if any(notes.is_markdown(name) for name in _listing(folder)):
                return True
        looked += len(level)
        if looked >= MOST_FOLDERS:
            break
    return False


def _listing(folder: Path) -> list[str]:
    """Return the names in a folder that can be listed, in order."""
    with suppress(OSError):
        return sorted(os.listdir(folder))  # noqa: PTH208 # its paths would only be taken apart
    return []


def _known_vaults() -> Iterator[Path]:
    """Yield the vaults that Obsidian itself keeps a list of."""
    file = platformdirs.user_config_path("obsidian", appauthor=False, roaming=True)
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
        vaults = json.loads((file / "obsidian.json").read_text("utf-8"))["vaults"]
        yield from (Path(vault["path"]) for vault in vaults.values())
