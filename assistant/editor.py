"""Open a note at a line in the user's editor, never through a shell."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from assistant.errors import ConfigError

LINE_FLAGS: Mapping[str, Sequence[str]] = {
    "code": ("--goto", "{file}:{line}"),
    "codium": ("--goto", "{file}:{line}"),
    "cursor": ("--goto", "{file}:{line}"),
    "subl": ("{file}:{line}",),
    "hx": ("{file}:{line}",),
    "zed": ("{file}:{line}",),
    "idea": ("--line", "{line}", "{file}"),
    "pycharm": ("--line", "{line}", "{file}"),
    "kate": ("--line", "{line}", "{file}"),
}
"""How an editor is told the line; the others take vi's ``+LINE FILE``."""


def command(editor: str, file: Path, line: int) -> list[str]:
    """Return the program and arguments that open a file at a line.

    Args:
        editor: As in ``$EDITOR``, such as ``code --wait``.
        file: The file.
        line: From 1.
    """
    program, *options = shlex.split(editor)
    form = LINE_FLAGS.get(Path(program).stem, ("+{line}", "{file}"))
    return [program, *options, *(part.format(file=file, line=line) for part in form)]


def link(form: str, file: Path, line: int) -> str:
    """Return the address that opens a file at a line, such as ``vscode://file/notes/a.md:3``.

    Args:
        form: The address with ``{path}``, which begins with a slash, and ``{line}``.
        file: The file, absolute.
        line: From 1.
    """
    path = quote("/" + file.as_posix().lstrip("/"), safe="/:")
    return form.replace("{path}", path).replace("{line}", str(line))


def open_at(file: Path, line: int, environment: Mapping[str, str] = os.environ) -> None:
    """Open a file at a line in ``$VISUAL`` or ``$EDITOR``, else vi, and wait for it.

    Raises:
        ConfigError: The editor cannot be started.
    """
    editor = environment.get("VISUAL") or environment.get("EDITOR") or "vi"
    try:
        subprocess.run(command(editor, file, line), check=False)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the editor {editor!r} cannot be started: {error}", "set EDITOR to your editor"
        ) from error
