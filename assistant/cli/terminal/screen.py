"""Whether standard output is written to as to a terminal, and with which colours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.settings import Color, Settings


def is_terminal(color: Color) -> bool:
    """Return whether to write for a terminal; ``always`` does so for a pipe, such as to a pager."""
    return color == "always" or sys.stdout.isatty()


def editor_link(settings: Settings) -> str:
    """Return the address that a place leads to when it is clicked; empty for the file itself.

    The default is for the page alone: not everybody has that editor.
    """
    return settings.editor_link if "editor_link" in settings.origins else ""


def console(color: Color) -> Console:
    """Return where to write for a terminal.

    ``auto`` heeds ``NO_COLOR`` and ``FORCE_COLOR``; ``never`` writes no control codes at all.
    """
    from rich.console import Console  # which a pipe does without

    if color == "never":
        return Console(color_system=None)
    return Console(force_terminal=True, no_color=False) if color == "always" else Console()
