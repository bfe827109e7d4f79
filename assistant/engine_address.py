"""Where an index lies that is not in a folder: the address of a server, as settings name it.

    milvus://HOST[:PORT]/NAME[/SPACE[,SPACE]]        milvus+https:// for TLS

``NAME`` is what everybody shares who asks; a space is what one build writes: the notes of one
person or team. An address without a space is of all that are there, and builds into ``notes``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from assistant.errors import ConfigError

SCHEMES = ("milvus", "milvus+https")

TOKEN = "ASSISTANT_ENGINE_TOKEN"
"""The variable that holds what a server asks for; no file and no message ever does."""

USUAL_PORT = 19530
USUAL_SPACE = "notes"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")
_FORM = "write it as milvus://HOST:PORT/NAME, such as milvus://127.0.0.1:19530/notes"


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """A server's address, and which notes there."""

    host: str
    port: int
    name: str
    """Of what is shared, as the server knows it."""
    spaces: tuple[str, ...] = ()
    """Those to ask; empty for all."""
    is_secure: bool = False
    """Whether the server is spoken to by TLS."""

    @property
    def uri(self) -> str:
        """The address as clients take it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.is_secure else 'http'}://{host}:{self.port}"

    @property
    def space(self) -> str:
        """The space that a build writes.

        Raises:
            ConfigError: The address names several.
        """
        if len(self.spaces) > 1:
            raise ConfigError(
                f"{self} names several spaces, and a build writes one", "name one of them"
            )
        return self.spaces[0] if self.spaces else USUAL_SPACE

    def of_space(self, space: str) -> EngineAddress:
        """Return the address of one space there."""
        return replace(self, spaces=(space,))

    def absolute(self) -> EngineAddress:
        """Return the address itself, which is from everywhere the same."""
        return self

    def __str__(self) -> str:
        scheme = SCHEMES[self.is_secure]
        host = f"[{self.host}]" if ":" in self.host else self.host
        spaces = f"/{','.join(self.spaces)}" if self.spaces else ""
        return f"{scheme}://{host}:{self.port}/{self.name}{spaces}"


IndexPlace = Path | EngineAddress
"""Where an index lies: a folder, or a server."""


def is_address(text: str) -> bool:
    """Return whether a text is meant for the address of a server."""
    return re.match(r"[A-Za-z][A-Za-z+]*://", text) is not None or bool(
        re.match(r"milvus(\+https)?:", text)
    )


def parse(text: str) -> EngineAddress:
    """Return the address that a text is.

    Raises:
        ConfigError: It is none, or holds a password. The message never repeats that.
    """
    try:
        split = urlsplit(text)
        port = split.port or USUAL_PORT
    except ValueError as error:
        raise ConfigError("the address of the index is not one", _FORM) from error
    if split.username is not None or split.password is not None or split.query or split.fragment:
        raise ConfigError(
            "the address of the index holds more than host, port and names",
            f"write it without; a token goes into the variable {TOKEN}",
        )
    return _checked(text, split, port)


def place(text: str | Path) -> IndexPlace:
    """Return where an index lies by what a flag or a program says: an address, else a path."""
    return parse(text) if isinstance(text, str) and is_address(text) else Path(text)


def _checked(text: str, split: SplitResult, port: int) -> EngineAddress:
    name, *rest = split.path.removeprefix("/").removesuffix("/").split("/")
    spaces = tuple(rest[0].split(",")) if rest else ()
    if (
        split.scheme not in SCHEMES
        or not _HOST.fullmatch(split.hostname or "")
        or not _NAME.fullmatch(name)
        or len(rest) > 1
        or not all(map(_SPACE.fullmatch, spaces))
    ):
        raise ConfigError(f"{text[:200]} is not the address of an index", _FORM)
    return EngineAddress(
        split.hostname or "", port, name, tuple(dict.fromkeys(spaces)), split.scheme == SCHEMES[1]
    )
