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
import select
import signal
import threading
import time
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""

LOOKS = 35
"""How often the thread looks whether Python has come to the handler, ..."""

LOOK_SECONDS = 0.02
"""... and how long it waits before each look: .7 s in all."""

SHOW_CURSOR = b"\x1b[?25h\n"
"""What a terminal is told whose cursor a bar may have hidden."""

_told = [0]
"""How often Python has come to the handler."""


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
    _told[0] += 1
    signal.default_int_handler(number, frame)


def _listen() -> None:
    """Start the thread to which the system tells of signals, whatever Python does meanwhile."""
    if os.name != "posix":
        return
    heard, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(heard,), name="interrupts", daemon=True).start()


def _wait(heard: int) -> None:
    """Wait for signals, and end the process after an interrupt that Python does not come to."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # it is the main thread's
    seen = 0
    while numbers := os.read(heard, 512):
        handler = signal.getsignal(signal.SIGINT)
        if signal.SIGINT not in numbers or handler not in (_leave, _raise):
            continue
        if handler is _leave or not _came_after(seen):
            if handler is _raise and os.isatty(2):
                os.write(2, SHOW_CURSOR)
            os._exit(INTERRUPTED)
        seen = _told[0]
        # Of several signals at once Python's handler hears once: what it answered is all heard.
        while select.select([heard], [], [], 0)[0]:
            os.read(heard, 512)


def _came_after(seen: int) -> bool:
    """Return whether Python comes to the handler once more in time."""
    for look in range(LOOKS):
        if _told[0] > seen:
            return True
        if look == LOOKS // 2:  # another thread may have got it, and the main one waits for input
            main = threading.main_thread().ident
            assert main is not None
            signal.pthread_kill(main, signal.SIGINT)
        time.sleep(LOOK_SECONDS)
    return _told[0] > seen
