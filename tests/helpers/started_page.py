"""A program for test_web_options: start the page for good, and tell what it runs with.

``python started_page.py PROGRAM [ARGUMENT]...`` runs `assistant` or `streamlit` with the arguments
until the server stands. It prints a line of JSON: Streamlit's options, the environment of the
process, that of its children, and how a build in a process of its own ended.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import uvicorn

from assistant import own_python
from assistant.library import build_process, sources
from assistant.settings import load

CHILD = "import json, os; print(json.dumps(dict(os.environ)))"


def told() -> dict[str, object]:
    """Return what the process runs with."""
    from streamlit import config as options

    settings = load.load()
    report = build_process.build(settings, sources.followed(settings), lambda done, total: None)
    child = subprocess.run(
        own_python.command("-c", CHILD),
        env=own_python.environment(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return {
        "options": {key: one.value for key, one in options.get_config_options().items()},
        "environment": dict(os.environ),
        "child": json.loads(child.stdout),
        "read": report.read,
        "model": settings.model,
        "index": str(settings.index),
    }


class Server(uvicorn.Server):
    """A server that tells, and ends, as soon as it stands."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as others do."""
        await super().startup(sockets)
        sys.stdout.write(f"\n{json.dumps(told(), default=repr)}\n")
        sys.stdout.flush()
        self.should_exit = True


if __name__ == "__main__":
    uvicorn.Server = Server  # type: ignore[misc] # whoever starts one starts ours
    del sys.argv[0]
    if sys.argv[0] == "streamlit":
        from streamlit.web.cli import main as run_streamlit

        run_streamlit()
    else:
        from assistant.cli.app import main

        main()
