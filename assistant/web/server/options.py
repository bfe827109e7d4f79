"""Streamlit's options as the page has them, all of them: no file and no variable decides any.

Streamlit would read `.streamlit/config.toml` and `.streamlit/secrets.toml` of the home folder, of
the working folder and beside the script. The former decide to whom the server answers; of the
latter, whatever stands at the top becomes a variable of the environment.
"""

from __future__ import annotations

import secrets

HOST = "127.0.0.1"

OPTIONS: dict[str, object] = {
    "server.address": HOST,
    "server.allowedHosts": [HOST, "localhost"],
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.showEmailPrompt": False,
    "server.maxUploadSize": 1,
    "runner.postScriptGC": False,
    "runner.magicEnabled": False,
    "browser.serverAddress": HOST,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "type",
    "client.showErrorLinks": False,
    "logger.hideWelcomeMessage": True,
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
"""What ``.streamlit/config.toml`` says too, which `streamlit run` reads before anything of ours."""

COMPUTED: dict[str, object] = {
    "global.developmentMode": False,
    "logger.level": "info",
    "logger.enableRich": False,
    "logger.messageFormat": "%(asctime)s %(message)s",
    "secrets.files": [],
}
"""Options that Streamlit works out when they are asked for, unless they are set."""


def take_over(port: int) -> None:
    """Set every option of Streamlit's, now and whenever Streamlit reads its files again.

    Args:
        port: Where the page is served.
    """
    from streamlit import config, net_util

    setattr(config, "get_config_files", lambda name: [])  # noqa: B010 # a function, to a type checker
    # No setting says so: an address that it knows it does not ask for, neither another host nor,
    # by a socket that leads there, the system.
    net_util._external_ip = net_util._internal_ip = HOST
    told = OPTIONS | COMPUTED | {"server.port": port, "browser.serverPort": port}
    told["server.cookieSecret"] = secrets.token_hex()

    def ours() -> None:
        for name, option in config.get_config_options().items():
            if not option.deprecated:
                config.set_option(name, told.get(name, option.default_val), "assistant")

    config.on_config_parsed(ours, force_connect=True)
    ours()
