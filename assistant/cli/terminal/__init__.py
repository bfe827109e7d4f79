"""What only a terminal has: keys, a pager, a progress bar, Ctrl-C.

editor      Open a note at a line in the user's editor, never through a shell
interrupts  What Ctrl-C does: end the process on the spot
lists       Lists on standard output: JSON, lines for a pipe, colours and a pager for a terminal
pager       Long output on a terminal goes through the user's pager, never through a shell
programs    Programs that are given the terminal for a while: the editor, the pager
progress    A progress bar for builds; rich is imported when there is something to show
prompt      Lines typed at a prompt, and those of earlier sessions under the arrow keys
screen      Whether standard output is written to as to a terminal, and with which colours
time_left   How long a piece of work still takes, told once that is known well enough
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.cli.terminal import interrupts

__all__ = ["interrupts"]

__getattr__ = faces.lazily(
    __name__,
    {},
)
