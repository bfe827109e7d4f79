"""The command ``completion``: a script for a shell, and the words that the script asks for.

Every command imports this, so that it holds next to nothing; see ``completion_line``.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from assistant.errors import AssistantError

Shell = Literal["bash", "zsh", "fish", "powershell"]

ABOUT = 60
"""Characters of a description."""


def completion(
    context: typer.Context,
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")],
    words: Annotated[list[str] | None, typer.Argument(hidden=True, metavar="")] = None,
) -> None:
    """Print a script for a shell. It completes commands, notes and headings.

    Example: assistant completion bash >> ~/.bashrc
    """
    if not words:
        script = Path(__file__).parents[1] / "completion" / f"completion.{shell}"
        typer.echo(script.read_text("utf-8"), nl=False)
        return
    import textwrap

    from assistant.cli.completion_line import Typed, candidates, of_bash, quoted

    if shell == "bash":
        typed = of_bash(words[0], words[1] if len(words) > 1 else "")
    else:  # not every PowerShell hands on an empty word, hence the mark before it
        typed = Typed(words[:-1], words[-1].removeprefix("="))
    kind, found = "words", list[tuple[str, str]]()
    # A shell that completes is no place for errors; the command itself tells them.
    with suppress(AssistantError):
        kind, found = candidates(context, typed)
    typer.echo(kind)
    for value, about in found:
        if value.startswith(typed.word[: typed.start]):
            value = value[typed.start :]
            written = quoted(value, typed.quote) if shell == "bash" else value
            typer.echo(f"{written}\t{textwrap.shorten(about, ABOUT, placeholder='…')}")
