"""Whether standard output is written to as to a terminal, and with which colours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from assistant.settings import Color, Settings


LEAST_HEIGHT = 12
"""Rows that an answer is given at least, whatever was said before it."""


def is_terminal(color: Color) -> bool:
    """Return whether to write for a terminal; ``always`` does so for a pipe, such as to a pager."""
    return color == "always" or sys.stdout.isatty()


def editor_link(settings: Settings) -> str:
    """Return the address that a place leads to when it is clicked; empty for the file itself.

    The default is for the page alone: not everybody has that editor.
    """
    return settings.editor_link if "editor_link" in settings.origins else ""


def console(color: Color, above: Iterable[str] = ()) -> Console:
    """Return where to write for a terminal.

    ``auto`` heeds ``NO_COLOR`` and ``FORCE_COLOR``; ``never`` writes no control codes at all.

    Args:
        color: The setting.
        above: Lines that were written before and are to stay on the screen, too.
    """
    made = _console(color)
    taken = sum(1 + len(line) // max(made.width, 1) for line in above)
    if taken:
        made.height = max(made.height - taken, LEAST_HEIGHT)
    return made


def _console(color: Color) -> Console:
    from rich.console import Console  # which a pipe does without

    if color == "never":
        return Console(color_system=None)
    return Console(force_terminal=True, no_color=False) if color == "always" else Console()
