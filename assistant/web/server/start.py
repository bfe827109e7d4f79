"""Start the page: a server on this computer, for its user alone."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import own_python
from assistant.errors import UsageError
from assistant.settings import Settings
from assistant.web.server import access, opening, options, security_headers
from assistant.web.server.guard import Guard
from assistant.web.server.options import HOST

if TYPE_CHECKING:
    from starlette.middleware import Middleware

PORT = 8501
PORTS_TRIED = 20

SCRIPT = Path(__file__).parents[1] / "script.py"
"""What Streamlit runs."""

LAST_WORDS = 2
"""Seconds that a server which ends waits for answers under way."""


def listen(wanted: int | None = None) -> socket.socket:
    """Return a socket that listens on the port wanted, or on the first free one from ``PORT`` on.

    Raises:
        UsageError: It is taken, or all of them are.
    """
    tried = [wanted] if wanted else range(PORT, PORT + PORTS_TRIED)
    for port in tried:
        door = socket.socket()
        if os.name != "nt":  # there it means something else
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, port))
            door.listen()
        except OSError:
            door.close()
        else:
            return door
    raise UsageError(f"port {tried[0]} is in use", "name another with --port, such as 8600")


def address(port: int, token: str) -> str:
    """Return the address that lets its user in."""
    return f"http://{HOST}:{port}/?token={token}"


def serve(settings: Settings, door: socket.socket, token: str, *, browser: bool) -> None:
    """Serve the page until it is interrupted.

    Args:
        settings: In force for the page too.
        door: See ``listen``.
        token: See ``access.load``.
        browser: Open the page in the user's browser.
    """
    if settings.index_named:
        os.environ["ASSISTANT_INDEX"] = str(settings.index)
    if settings.file and not settings.file_is_found:
        os.environ["ASSISTANT_CONFIG"] = str(settings.file)
    own_python.keep_environment()
    port: int = door.getsockname()[1]
    with opening.opened(address(port, token), port) if browser else nullcontext():
        _run(door, port, token)


def _run(door: socket.socket, port: int, token: str) -> None:
    options.take_over(port)
    import uvicorn
    from streamlit.starlette import App

    app = Guard(App(SCRIPT), token, security_headers.streamlit_scripts())
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=LAST_WORDS,
    )
    # The server ends in order, then raises the signal anew for whoever had it before.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[door])


def guards() -> list[Middleware]:
    """Return what stands before the page where `streamlit run` serves it; called before it does."""
    from starlette.middleware import Middleware
    from streamlit import config

    own_python.keep_environment()
    options.take_over(config.get_option("server.port"))
    scripts = security_headers.streamlit_scripts()
    return [Middleware(Guard, token=access.load(), scripts=scripts)]


@asynccontextmanager
async def told(_: object) -> AsyncIterator[None]:
    """Print the page's address as `streamlit run` begins to serve it."""
    from streamlit import config

    sys.stdout.write(f"{address(config.get_option('server.port'), access.load())}\n")
    sys.stdout.flush()
    yield
