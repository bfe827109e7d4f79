"""Open a note at a line in the user's editor, never through a shell."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant.cli.terminal.interrupts import raise_again
from assistant.cli.terminal.programs import wait_for
from assistant.errors import ConfigError

_CODE = ("code", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "positron")
_JETBRAINS = (
    *("idea", "idea64", "pycharm", "pycharm64", "webstorm", "phpstorm", "clion", "goland"),
    *("rustrover", "rubymine", "rider", "datagrip", "dataspell", "studio"),
)

_GOTO = ("--goto", "{file}:{line}")
_COLON = ("{file}:{line}",)
_LINE = ("--line", "{line}", "{file}")

LINE_FLAGS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(_CODE, _GOTO),
    **dict.fromkeys(("subl", "sublime_text", "hx", "helix", "zed", "zeditor", "lapce"), _COLON),
    **dict.fromkeys(_JETBRAINS, _LINE),
    **dict.fromkeys(("kate", "mate"), _LINE),
    "kwrite": _LINE,
    "notepad++": ("-n{line}", "{file}"),
    "textadept": ("--line", "{line}", "{file}"),
}
"""How an editor is given the line; the others take ``+LINE FILE``, as vi, vim, nvim, nano, emacs,
emacsclient, kak, micro, joe, ne, gedit, xed and Gnome's editor do."""


def command(editor: str, file: Path, line: int) -> list[str]:
    """Return the program and arguments that open a file at a line.

    Args:
        editor: As in ``$EDITOR``, such as ``code --wait``, or a template that holds ``{path}``,
            such as ``my-editor --at {line} {path}``.
        file: The file.
        line: From 1.
    """
    program, *options = shlex.split(editor)
    if "{path}" in editor:
        parts = (part.replace("{line}", str(line)) for part in options)
        return [program, *(part.replace("{path}", str(file)) for part in parts)]
    form = LINE_FLAGS.get(Path(program).stem, ("+{line}", "{file}"))
    return [
        program,
        *options,
        *(part.replace("{line}", str(line)).replace("{file}", str(file)) for part in form),
    ]


def open_at(file: Path, line: int, editor: str = "") -> None:
    """Open a file at a line in the user's editor and wait for it.

    Args:
        file: The file; made absolute, so that no name of a note reads as an option.
        line: From 1.
        editor: See ``command``; ``$VISUAL``, else ``$EDITOR``, else vi unless given.

    Raises:
        ConfigError: The editor cannot be started.
    """
    named = (editor, os.environ.get("VISUAL", ""), os.environ.get("EDITOR", ""))
    editor = next(filter(str.strip, named), "vi")
    raise_again()  # the program's Ctrl-C is not ours
    try:
        program = subprocess.Popen(command(editor, file.absolute(), line))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the editor {editor!r} cannot be started: {error}", "set EDITOR to your editor"
        ) from error
    wait_for(program)
