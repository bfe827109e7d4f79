"""Open the page in the user's browser, with its token in nobody else's sight."""

from __future__ import annotations

import html
import os
import shutil
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assistant import private_file
from assistant.user_folders import state_folder

PROGRAMS = {"linux": "xdg-open", "darwin": "open"}


@contextmanager
def opened(address: str, port: int) -> Iterator[None]:
    """Open an address in the browser; what that takes is there until the end of the context.

    The arguments of a program can be seen by every user of a computer. So the browser is given a
    file that nobody else may read, and the file leads to the address.

    Args:
        address: Of the page, with its token.
        port: Of the page.
    """
    file = state_folder() / f"page-{port}.html"
    try:
        private_file.write(file, leading(address))
    except OSError:
        yield  # the address is on the terminal
        return
    threading.Thread(target=_show, args=(file,), name="open-browser", daemon=True).start()
    try:
        yield
    finally:
        with suppress(OSError):
            file.unlink()


def leading(address: str) -> str:
    """Return a page that leads to an address."""
    return (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Ask your notes</title>'
        f'<meta http-equiv="refresh" content="0; url={html.escape(address)}">'
        f'<p><a href="{html.escape(address)}">Ask your notes</a></p></html>\n'
    )


def _show(file: Path) -> None:
    """Give a file to the user's browser; without a screen there is none."""
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        return
    program = shutil.which(PROGRAMS.get(sys.platform, ""))
    if program is None:
        webbrowser.open(file.as_uri())
        return
    with suppress(OSError):  # some browsers tell the terminal whatever they do
        subprocess.run(
            [program, file.as_uri()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
