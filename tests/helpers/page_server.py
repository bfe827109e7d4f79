"""The page as its command serves it, for the tests that ask it from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

PATIENCE = 60
"""Seconds that a loaded machine may take for what takes a moment."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server of the page."""

    address: str
    entry: str
    """The address that it printed, which lets its user in."""
    pid: int


@contextmanager
def serve(
    folder: Path,
    settings: Path | None = None,
    program: Sequence[str] = (),
    before: Sequence[str] = (),
    **variables: str,
) -> Iterator[Server]:
    """Serve the page.

    Args:
        folder: Where it runs and keeps its log.
        settings: The settings file; the one in the folder unless given.
        program: What serves it instead of `assistant web`, with its arguments but the port.
        before: What comes before its command, such as a tracer.
        variables: More of the environment.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = "from assistant.cli.app import main; main()"
    root = Path(__file__).parents[2]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "ASSISTANT_INDEX"},
        "ASSISTANT_CONFIG": str(settings or folder / "assistant.toml"),
        "PYTHONPATH": str(root),
        **variables,
    }
    ours = [sys.executable, "-c", code, "web", "--no-browser", "--port", str(port)]
    theirs = [sys.executable, "-m", *program, "--server.port", str(port)]
    log = folder / "server.log"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [*before, *(theirs if program else ours)],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + PATIENCE
        while not _answers(address):
            assert time.monotonic() < end, f"waited in vain for the server, {log}"
            time.sleep(0.05)
        yield Server(address, log.read_text("utf-8").split()[0], server.pid)
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=1):
            return True
    except HTTPError:
        return True  # it wants to know who asks
    except OSError:
        return False
