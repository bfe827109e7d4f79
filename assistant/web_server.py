"""Start the page: a server on this computer, for this computer alone."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from assistant.config import Settings
from assistant.errors import ConfigError

HOST = "127.0.0.1"
PORT = 8501
PORTS_TRIED = 20

OPTIONS: dict[str, str | tuple[str, ...]] = {
    "server.address": HOST,
    "server.allowedHosts": (HOST, "localhost"),
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "server.showEmailPrompt": "false",
    "server.maxUploadSize": "1",
    "runner.postScriptGC": "false",
    "runner.magicEnabled": "false",
    "browser.serverAddress": HOST,
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "type",
    "client.showErrorLinks": "false",
    "logger.hideWelcomeMessage": "true",
    "theme.light.primaryColor": "#0067A5",
    "theme.light.backgroundColor": "#FFFFFF",
    "theme.light.secondaryBackgroundColor": "#F3F5F7",
    "theme.light.textColor": "#1B1F24",
    "theme.light.linkColor": "#005A91",
    "theme.dark.primaryColor": "#56B4E9",
    "theme.dark.backgroundColor": "#14171B",
    "theme.dark.secondaryBackgroundColor": "#20252B",
    "theme.dark.textColor": "#E8EAED",
    "theme.dark.linkColor": "#7CC4F2",
}
"""What ``.streamlit/config.toml`` says too, for a page that is started from another folder."""


def free_port(wanted: int | None = None) -> int:
    """Return the port wanted, or the first free one from ``PORT`` on.

    Raises:
        ConfigError: It is taken, or all of them are.
    """
    tried = [wanted] if wanted else range(PORT, PORT + PORTS_TRIED)
    for port in tried:
        with socket.socket() as probe:
            if os.name != "nt":  # there it means something else
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ConfigError(f"port {tried[0]} is in use", "name another by --port, such as 8600")


def arguments(port: int, *, browser: bool) -> list[str]:
    """Return what Streamlit's command line is told."""
    script = Path(__file__).with_name("web_script.py")
    options = {**OPTIONS, "server.port": str(port), "server.headless": str(not browser).lower()}
    told = [
        f"--{name}={value}"
        for name, values in options.items()
        for value in ((values,) if isinstance(values, str) else values)
    ]
    return ["run", str(script), *told]


def keep_to_this_computer() -> None:
    """Keep Streamlit from asking another host for this computer's address in the internet.

    It would ask whenever a page of another site tries to connect, to compare the two.
    """
    from streamlit import net_util

    net_util._external_ip = HOST  # no setting says so; an address it knows, it does not ask for


def serve(settings: Settings, port: int, *, browser: bool) -> None:
    """Serve the page until it is interrupted.

    Args:
        settings: In force for the page too.
        port: As ``free_port`` returns it.
        browser: Open the page in the user's browser.
    """
    if settings.index_named:
        os.environ["ASSISTANT_INDEX"] = str(settings.index)
    if settings.file and not settings.file_is_found:
        os.environ["ASSISTANT_CONFIG"] = str(settings.file)
    from streamlit.web import cli

    keep_to_this_computer()
    cli.main(arguments(port, browser=browser), prog_name="streamlit")
