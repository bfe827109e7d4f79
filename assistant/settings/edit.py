"""One setting of a settings file changed, and nothing else of it."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

from assistant.disk import replacing
from assistant.errors import ConfigError
from assistant.settings import load
from assistant.settings.load import Settings
from assistant.settings.options import OPTIONS
from assistant.settings.template import to_toml
from assistant.settings.toml_lines import key_lines

_VALUE = re.compile(r"""(?P<key>[^=]*=\s*)(?:"[^"\\]*"|'[^']*'|[\w.+-]+)(?P<rest>\s*(?:#.*)?\r?)""")
"""A line that is one assignment of a plain value, with what may stand behind it."""


def file_of(settings: Settings, name: str) -> Path:
    """Return the settings file in which a setting is to be changed: where it counts.

    The one that has it, else the one that names the notes, else the one here, which may have to be
    made.

    Raises:
        ConfigError: Something stronger decides it, or the file is not known to be the user's.
    """
    origins = settings.origins
    kinds = {name: origins[name].kind for name in (name, "notes") if name in origins}
    if kinds.get(name) == "environment":
        variable = OPTIONS[name].variable
        raise ConfigError(f"the variable {variable} decides the {name}", f"unset {variable} first")
    decisive = next((n for n, kind in kinds.items() if "file" in kind), None)
    file = Path(origins[decisive].where) if decisive else settings.file
    if file is None:
        return load.working_folder() / load.FILE_NAME
    if settings.file_is_found and file == settings.file:
        raise ConfigError(
            f"{file} applies only because of where it is",
            "if it is yours, run `assistant config --trust`",
        )
    if file.is_symlink():
        raise ConfigError(f"{file} is a link to {os.path.realpath(file)}", "edit that file")
    return file


def put(file: Path, name: str, value: object | None) -> None:
    """Write a setting into a settings file, or take it out; the file is replaced at once.

    It stays the user's own word, see ``confirmation``.

    Args:
        file: The file; it need not be there.
        name: Of the setting.
        value: None to take it out.

    Raises:
        ConfigError: The file cannot be read or written, or is laid out so that it cannot be told
            where the setting stands.
    """
    try:
        text = file.read_text("utf-8") if file.exists() else ""
        changed = with_setting(text, name, value)
        if changed is None:
            line = f"{name} = {to_toml(value)}" if value is not None else f"no {name}"
            raise ConfigError(f"{file} cannot be changed safely", f"write {line} there yourself")
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as draft:
            draft.write_text(changed, "utf-8", newline="")
            if file.exists():
                draft.chmod(file.stat().st_mode & 0o777)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"{file} cannot be written: {reason}", "give yourself access") from error
    load.trust(file)


def with_setting(text: str, name: str, value: object | None) -> str | None:
    """Return the text of a settings file with a setting changed; None where that is not sure.

    The line that has it is changed, its comment kept; a new one stands below its own comment, as
    `assistant init` writes them, or before the first setting, so that no table takes it in.
    """
    lines = text.split("\n")
    at = key_lines(text).get((name,))
    line = f"{name} = {to_toml(value)}"
    if at is not None:
        match = _VALUE.fullmatch(lines[at - 1])
        if not match:
            return None
        lines[at - 1 : at] = [] if value is None else [line + match["rest"]]
    elif value is not None:
        lines.insert(_place_of_new(text, lines, name), line)
    changed = "\n".join(lines)
    wanted = {**tomllib.loads(text), name: value}
    if value is None:
        del wanted[name]
    try:
        return changed if tomllib.loads(changed) == wanted else None
    except tomllib.TOMLDecodeError:
        return None


def _place_of_new(text: str, lines: list[str], name: str) -> int:
    """Return before which line a new setting goes, from 0."""
    first = min(key_lines(text).values(), default=len(lines))
    own = [n for n, line in enumerate(lines) if line.startswith(f"# {name} = ")]
    tables = [n for n, line in enumerate(lines) if line.lstrip().startswith("[")]
    if own and not (tables and tables[0] < own[0]):
        return own[0] + 1
    return first - 1
