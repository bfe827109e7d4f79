"""The command ``web``: serve the page."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli import common
from assistant.cli.common import say


def web(
    context: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, metavar="PORT", help="Port; the first free one from 8501."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Ask in the browser. It is served on this computer, to you alone.

    Example: assistant web
    """
    from assistant import left_out
    from assistant.errors import UsageError

    if missing := left_out.PAGE.missing():
        raise UsageError(f"the page needs {', '.join(missing)}", left_out.PAGE.remedy())
    from assistant.web import access, start

    chosen = common.settings(context)
    with start.listen(port) as door:
        token = access.load()
        typer.echo(start.address(door.getsockname()[1], token))
        say("The page runs until Ctrl+C.")
        start.serve(chosen, door, token, browser=browser)
