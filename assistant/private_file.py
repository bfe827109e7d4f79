"""Small files that nobody but their owner may read, such as the token of the page."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from assistant import disk

LONGEST = 4096


def read(path: Path) -> str | None:
    """Return what was kept in a file, or None if it is missing or not the owner's secret.

    A link, another user's file and one that others may read hold no secret.
    """
    try:
        content, info = disk.read_bytes(path, LONGEST)
    except OSError:
        return None
    if os.name == "posix" and (
        info.st_uid != os.geteuid() or stat.S_IMODE(info.st_mode) & 0o077 or info.st_nlink != 1
    ):
        return None
    return content.decode("utf-8", "replace")


def write(path: Path, text: str) -> None:
    """Write a file anew, at once and for its owner alone; a link in its place is replaced.

    Folders that are missing above it are made for its owner alone, too.

    Raises:
        OSError: It cannot be written.
    """
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):  # with `parents`, only the last one would get the mode
        folder.mkdir(mode=0o700, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with disk.replacing(path) as draft:
        descriptor = os.open(draft, flags, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
