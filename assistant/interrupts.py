"""What Ctrl-C does: end the process on the spot, or raise KeyboardInterrupt where there is more.

An exception between the locks of an import can leave one of them taken for good, and a question
spends half of its time importing, in two threads. So a process leaves at once until it has
something to tidy up: a bar on the screen, a prompt, a program that has the terminal.
"""

from __future__ import annotations

import os
import signal

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


def leave_at_once() -> None:
    """Let Ctrl-C end the process without a word, unless whoever started it has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def raise_again() -> None:
    """Let Ctrl-C raise KeyboardInterrupt from now on."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(*_: object) -> None:
    os._exit(INTERRUPTED)
