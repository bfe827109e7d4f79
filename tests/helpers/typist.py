"""Somebody at a terminal: types, and waits for what comes onto the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

CTRL_C, CTRL_D, TAB, UP = "\x03", "\x04", "\t", "\x1b[A"

PATIENCE = 60.0
"""Seconds after which a test has failed; nothing waits that long when all is well."""


class Typist:
    """A program on a terminal of its own, 100 columns wide."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], rows: int = 200
    ) -> None:
        self._main, ours = pty.openpty()
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 100, 0, 0))
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "TERM": "xterm", **environment},
            stdin=ours,
            stdout=ours,
            stderr=ours,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(ours)
        self.seen = ""
        """Everything that came since the last ``until``."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._main)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._main, text.encode())

    def until(self, wanted: str) -> str:
        """Wait for a text; return what came up to its end."""
        end = time.monotonic() + PATIENCE
        while wanted not in self.seen:
            assert self._read(end), f"{wanted!r} did not come, but {self.seen!r}"
        before, _, self.seen = self.seen.partition(wanted)
        return before + wanted

    def leave(self) -> int:
        """Wait for the end; return the exit code. The rest of the screen is in ``seen``."""
        end = time.monotonic() + PATIENCE
        while self._read(end):
            pass
        return self.process.wait(PATIENCE)

    def _read(self, end: float) -> bool:
        """Read what is there; return whether there may be more."""
        ready, _, _ = select.select([self._main], [], [], max(0, end - time.monotonic()))
        try:
            data = os.read(self._main, 100_000) if ready else b""
        except OSError:  # the other side has gone
            data = b""
        self.seen += data.decode(errors="replace")
        return bool(data)
