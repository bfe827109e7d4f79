"""Long output on a terminal goes through the user's pager, never through a shell."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

from assistant.cli.terminal.interrupts import raise_again
from assistant.cli.terminal.programs import wait_for


def page(text: str, height: int | None, environment: Mapping[str, str] = os.environ) -> None:
    """Write text to standard output, through ``$PAGER`` when it is longer than the screen.

    Args:
        text: What to show; it may hold colours.
        height: Rows of the screen; None for never.
        environment: ``PAGER`` names the program and its options, ``less`` unless set; an empty one
            and ``cat`` mean none. ``LESS`` is set as git sets it unless the user has set it.
    """
    try:
        command = shlex.split(environment.get("PAGER", "less"))
    except ValueError:  # a quote without its end names no program that could be started
        command = []
    if height is None or text.count("\n") < height or command in ([], ["cat"]):
        sys.stdout.write(text)
        return
    own = {"LESS": "FRX", "LV": "-c", **environment}
    raise_again()  # the program's Ctrl-C is not ours
    try:
        program = subprocess.Popen(command, stdin=subprocess.PIPE, env=own)
    except OSError:
        sys.stdout.write(text)
        return
    # The user may leave before the end; that is no error.
    with suppress(KeyboardInterrupt):
        program.communicate(text.encode(errors="backslashreplace"))
    wait_for(program)
