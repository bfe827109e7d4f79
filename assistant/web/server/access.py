"""The token of the page: whoever has it is the user who started the page."""

from __future__ import annotations

import hmac
import re
import secrets
from contextlib import suppress

from assistant import private_file
from assistant.user_folders import state_folder

YEAR = 365 * 24 * 3600

_FORM = re.compile(r"[\w-]{43}", re.ASCII)
"""As ``secrets.token_urlsafe`` makes them of 32 random bytes."""


def load() -> str:
    """Return the user's token: the one that was kept, so that a restart logs nobody out.

    Else a new one is made and kept; where that cannot be, it holds for this process.
    """
    file = state_folder() / "page-token"
    kept = private_file.read(file)
    if kept is not None and _FORM.fullmatch(kept):
        return kept
    token = secrets.token_urlsafe(32)
    with suppress(OSError):
        private_file.write(file, token)
    return token


def is_right(given: str, token: str) -> bool:
    """Tell whether a text is the token, in a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode(), token.encode())


def cookie_name(port: int) -> str:
    """Return the name of the cookie of a page; browsers do not keep those of two ports apart."""
    return f"notes-assistant-{port}"


def cookie_value(token: str, port: int) -> str:
    """Return what the cookie holds: a proof of the token for one port, not the token itself."""
    return hmac.digest(token.encode(), f"page on port {port}".encode(), "sha256").hex()


def cookie(token: str, port: int) -> str:
    """Return the cookie as it is set: for no script, and sent by no page of another site."""
    return (
        f"{cookie_name(port)}={cookie_value(token, port)}; Max-Age={YEAR}; Path=/; HttpOnly;"
        " SameSite=Strict"
    )
