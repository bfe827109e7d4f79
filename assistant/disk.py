"""Files that others write: read within limits, and named in messages as they can be shown."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Absent on Windows. Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
_OPEN_FLAGS |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
_WORDS = {errno.ENOENT: "no longer there", errno.ELOOP: "a link, which is not followed"}


def read_bytes(path: Path, limit: int) -> tuple[bytes, os.stat_result]:
    """Return a regular file's bytes, and its state from before they were read.

    Raises:
        OSError: It cannot be read, is longer than the limit in bytes, a link, or no regular file.
    """
    descriptor = os.open(path, _OPEN_FLAGS)
    try:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        pieces: list[bytes] = []
        left = limit + 1
        room = max(info.st_size + 1, 65536)  # the size may be stale, and is 0 under /proc
        while left > 0 and (piece := os.read(descriptor, min(left, room))):
            pieces.append(piece)
            left -= len(piece)
    finally:
        os.close(descriptor)
    if left <= 0:
        raise OSError(errno.EFBIG, too_large(limit))
    return b"".join(pieces), info


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file new content all at once: readers see the old file or the new one, never a half.

    Yields:
        A path beside it, to be written. It takes the other's place when nothing was raised, and is
        gone in any case.

    Raises:
        OSError: The file cannot be replaced.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        draft.unlink(missing_ok=True)  # of a process that had the same number and was stopped
        yield draft
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def shown_name(name: str) -> str:
    """Return a name with the bytes that are not UTF-8 written as escapes."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def reason_of(error: OSError) -> str:
    """Return the system's reason in words."""
    words = _WORDS.get(error.errno or 0) or error.strerror or str(error)
    return words[:1].lower() + words[1:]


def too_large(limit: int) -> str:
    """Say that a file is larger than a limit in bytes, whole KiB."""
    size, unit = (limit >> 20, "MiB") if limit >= 1 << 20 else (limit >> 10, "KiB")
    return f"larger than {size} {unit}"
