"""Programs that are given the terminal for a while: the editor, the pager."""

from __future__ import annotations

import subprocess
from contextlib import suppress


def wait_for(program: subprocess.Popen[bytes]) -> None:
    """Wait until a program has ended; Ctrl-C on the terminal is its own affair."""
    while program.returncode is None:
        with suppress(KeyboardInterrupt):
            program.wait()
