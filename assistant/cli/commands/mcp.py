"""The command ``mcp``: the notes for agents, over standard input and output."""

from __future__ import annotations

import logging
import signal
import sys
from typing import TYPE_CHECKING

import typer

from assistant.cli import common

if TYPE_CHECKING:
    from assistant.agents import Server


def mcp(context: typer.Context) -> None:
    """Serve the notes to agents. They speak the Model Context Protocol over standard streams.

    An agent's program starts this, by settings such as

    {"mcpServers": {"notes": {"command": "/full/path/of/assistant", "args": ["mcp"]}}}

    with --config FILE or --index DIR in full before "mcp". It opens no port.

    Example: assistant mcp

    Example: claude mcp add notes -- assistant --index ~/index mcp
    """
    settings = common.settings(context)
    serving = _server()
    if sys.stdin.isatty():
        typer.echo("waiting for a program that speaks MCP; Ctrl-C ends", err=True)
    # A thread waits in a read of standard input, and no exception would get it out of there.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    serving(settings).run()


def _server() -> type[Server]:
    """Import the server, which needs the SDK.

    Raises:
        UsageError: The SDK is not installed, or is too old.
    """
    from assistant.errors import UsageError

    try:
        from assistant.agents import Server
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise UsageError(
            "`assistant mcp` needs the package mcp, 2.3 or newer", 'pip install "mcp>=2.3"'
        ) from error
    return Server
