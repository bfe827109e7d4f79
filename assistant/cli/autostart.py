"""Files by which systemd and launchd start `assistant watch` at login."""

from __future__ import annotations

import plistlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import UsageError

NAME = "assistant-watch"

MARK = "# Written by `assistant watch --install`."
"""First line of a unit of ours."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A file that makes the system run a command at login."""

    path: Path
    content: str
    start: str
    """Command that starts it now and at every login."""
    remove: str
    """Command that stops it for good."""


def unit(platform: str, home: Path, command: Sequence[str], environment: dict[str, str]) -> Unit:
    """Return the unit for a platform.

    Args:
        platform: As ``sys.platform``.
        home: The user's home folder.
        command: Program, absolute, and arguments.
        environment: Variables that the command needs.

    Raises:
        UsageError: There is none for the platform.
    """
    if platform == "darwin":
        return _launchd(home, command, environment)
    if platform == "linux":
        return _systemd(home, command, environment)
    raise UsageError(
        f"there is no unit for {platform}", "start `assistant watch` from your task scheduler"
    )


def install(wanted: Unit) -> None:
    """Write a unit, over an older one of ours.

    Raises:
        UsageError: Another program's file is in its place, or it cannot be written.
    """
    path = wanted.path
    try:
        if path.exists() and not _is_ours(path.read_text("utf-8", errors="replace")):
            raise UsageError(f"{path} was not written by this program", "move it away first")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted.content, "utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{path} cannot be written: {reason}", "fix that and repeat") from error


def _is_ours(content: str) -> bool:
    return MARK in content or f"<string>{NAME}</string>" in content


def _systemd(home: Path, command: Sequence[str], environment: dict[str, str]) -> Unit:
    path = home / ".config" / "systemd" / "user" / f"{NAME}.service"
    lines = [
        MARK,
        "[Unit]",
        "Description=Keep the index of your notes up to date",
        "",
        "[Service]",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in environment.items()),
        f"ExecStart={' '.join(_quoted(part, command=True) for part in command)}",
        "Restart=on-failure",
        "RestartSec=10",
        "Nice=10",
        "# The exit status of an interruption.",
        "SuccessExitStatus=130",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    ]
    return Unit(
        path,
        "\n".join(lines),
        f"systemctl --user enable --now {NAME}",
        f"systemctl --user disable --now {NAME} && rm {shlex.quote(str(path))}",
    )


def _quoted(text: str, *, command: bool = False) -> str:
    """Return a word as systemd reads it: in quotes, with its specifiers and variables doubled."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("%", "%%")
    return f'"{text.replace("$", "$$") if command else text}"'


def _launchd(home: Path, command: Sequence[str], environment: dict[str, str]) -> Unit:
    path = home / "Library" / "LaunchAgents" / f"{NAME}.plist"
    content = plistlib.dumps(
        {
            "Label": NAME,
            "ProgramArguments": list(command),
            "EnvironmentVariables": environment,
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ProcessType": "Background",
        }
    )
    return Unit(
        path,
        content.decode("utf-8"),
        f"launchctl load -w {shlex.quote(str(path))}",
        f"launchctl unload -w {shlex.quote(str(path))} && rm {shlex.quote(str(path))}",
    )
