"""What Ctrl-C does: end the process on the spot, or raise KeyboardInterrupt where there is more.

An exception between the locks of an import can leave one of them taken for good, and a question
spends half of its time importing, in two threads. So a process leaves at once until it has
something to tidy up: a bar on the screen, a prompt, a program that has the terminal.

Python runs a handler between two steps of its own, and one step may be long: a query over an index
that was made up, a batch in the model. So a thread hears of the signal, too, and ends the process
where nothing came of it within a moment.
"""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""

GRACE_SECONDS = 0.7
"""How long Python may take to come to the handler."""

SHOW_CURSOR = b"\x1b[?25h\n"
"""What a terminal is told whose cursor a bar may have hidden."""

_came = threading.Event()
"""Set once Python has come to the handler."""


def leave_at_once() -> None:
    """Let Ctrl-C end the process without a word, unless whoever started it has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
        _listen()


def raise_again() -> None:
    """Let Ctrl-C raise KeyboardInterrupt from now on."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, _raise)


def _leave(*_: object) -> NoReturn:
    os._exit(INTERRUPTED)


def _raise(number: int, frame: FrameType | None) -> None:
    _came.set()
    signal.default_int_handler(number, frame)


def _listen() -> None:
    """Start the thread to which the system tells of signals, whatever Python does meanwhile."""
    if os.name != "posix":
        return
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(told,), name="interrupts", daemon=True).start()


def _wait(told: int) -> None:
    """Wait for signals, and end the process after an interrupt that Python does not come to."""
    while numbers := os.read(told, 1):
        handler = signal.getsignal(signal.SIGINT)
        if numbers[0] != signal.SIGINT or handler not in (_leave, _raise):
            continue
        if handler is _raise:
            if _came.wait(GRACE_SECONDS):
                _came.clear()
                continue
            if os.isatty(2):
                os.write(2, SHOW_CURSOR)
        os._exit(INTERRUPTED)
