"""Lines typed at a prompt, and those of earlier sessions under the arrow keys."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from assistant import disk
from assistant.user_folders import state_folder

try:
    import readline
except ImportError:  # not every Python has it; then there is a prompt without history
    readline = None  # type: ignore[assignment]

MOST_LINES = 1000
"""Lines of earlier sessions that a session knows."""


def default_file() -> Path:
    """Return the file of the lines of earlier sessions."""
    return state_folder() / "questions"


class Prompt:
    """Asks for lines; what it is told to keep, later sessions find again.

    The file is one line each, in UTF-8, for its owner alone. Every line is added as it comes, so
    that sessions side by side lose nothing. Where it cannot be read or written there is none.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        if readline is not None:
            for line in _kept(file):
                readline.add_history(line)

    def line(self, prompt: str) -> str:
        """Return the next line.

        Raises:
            EOFError: There are no more, such as after Ctrl-D.
            KeyboardInterrupt: The line was cancelled by Ctrl-C.
        """
        return input(prompt)

    def keep(self, line: str) -> None:
        """Keep a line for later sessions."""
        if readline is None:
            return
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._file, os.O_APPEND, [line])


def _kept(file: Path) -> list[str]:
    """Return the last lines that were kept, and shorten a file of far more than those."""
    try:
        lines = file.read_text("utf-8", errors="replace").split("\n")[:-1]
    except OSError:
        return []
    if len(lines) > 2 * MOST_LINES:
        lines = lines[-MOST_LINES:]
        with suppress(OSError), disk.replacing(file) as draft:
            _write(draft, os.O_EXCL, lines)
    return lines[-MOST_LINES:]


def _write(file: Path, flag: int, lines: Iterable[str]) -> None:
    """Write lines into a file that nobody but its owner may read."""
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | flag
    number = os.open(file, flags, 0o600)
    with os.fdopen(number, "w", encoding="utf-8", errors="replace") as opened:
        opened.writelines(f"{line}\n" for line in lines)
