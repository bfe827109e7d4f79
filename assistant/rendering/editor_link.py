"""Addresses that open a note at a line in an editor, for links of the page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def link(form: str, file: Path, line: int) -> str:
    """Return the address that opens a file at a line, such as ``vscode://file/notes/a.md:3``.

    Args:
        form: The address with ``{path}``, which begins with a slash, and ``{line}``.
        file: The file, absolute.
        line: From 1.
    """
    path = quote("/" + file.as_posix().lstrip("/"), safe="/:")
    return form.replace("{path}", path).replace("{line}", str(line))
