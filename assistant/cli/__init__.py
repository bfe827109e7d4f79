"""The command line: parse, call ``Notes``, render.

app              The command line: parse, call, render
autostart        Files by which systemd and launchd start `assistant watch` at login
command_line     The words of a command line as people type them, to those that the parser takes
common           What the commands do alike: take the settings, print JSON
completion_line  What stands on a command line when the key for completion is pressed
dialogue         Questions at a prompt: what ``assistant ask`` does without one, on a terminal
first_time       The first minute: where there is no index yet, notes at hand are offered
question_input   Questions as they come in: from the command line, a file, or standard input
commands         The commands of the command line; each module registers its own
terminal         What only a terminal has: keys, a pager, a progress bar, Ctrl-C
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.cli.app import main

__all__ = ["main"]

__getattr__ = faces.lazily(
    __name__,
    {
        "app": ["main"],
    },
)
