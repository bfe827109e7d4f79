"""Which requests the page answers: those of its user, from a page of its own. Pure.

A request must name this server, come from no page of another, and bring the token (``access``):
once in the address, from then on in a cookie.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.web.server import access, images

Scope = MutableMapping[str, Any]
"""A request as ASGI describes it."""

SERVED = re.compile(
    r"/|/favicon\.png|/manifest\.json|/static/(?:[\w-][\w.-]*/)*[\w-][\w.-]*"
    rf"|/_stcore/(?:health|host-config)|{images.PATH}"
)
"""Paths that the page asks for. Streamlit has more: metrics, uploads, an interface for agents."""

STREAM = "/_stcore/stream"
"""Path of the websocket."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is looked at of a request."""

    method: str
    path: str
    query: str
    port: int
    """Of this server."""
    headers: Mapping[str, Sequence[str]]
    """By name in lower case."""

    @classmethod
    def of(cls, scope: Scope) -> Request:
        """Return it as ASGI describes it."""
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        query = scope["query_string"].decode("latin-1")
        return cls(scope.get("method", ""), scope["path"], query, scope["server"][1], headers)

    def one(self, name: str) -> str | None:
        """Return the header if it is there once."""
        values = self.headers.get(name, ())
        return values[0] if len(values) == 1 else None

    @property
    def host(self) -> str:
        """The name and port that it was sent to, as the sender has them."""
        return (self.one("host") or "").lower()


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not the page's."""

    status: int
    title: str
    words: str


ELSEWHERE = Refusal(
    403, "Not from here", "This page serves its own address on this computer alone."
)
LOCKED = Refusal(
    403,
    "This page is locked",
    "Open it by the address that `assistant web` printed in the terminal, the one with `token=` in"
    " it, or run `assistant web` again. Then this browser knows you, and neither other users of"
    " this computer nor pages of other sites can read your notes. If a link on another site led"
    " here, type the address instead.",
)
NOTHING = Refusal(404, "Nothing here", "The page is at the address without a path.")
READ_ONLY = Refusal(405, "Not allowed", "The page is read, and nothing is sent to it this way.")


def is_own(request: Request, *, socket: bool = False) -> bool:
    """Tell whether a request names this server and comes from no page of another.

    A name that leads here by somebody else's DNS is another server's. The Origin, which browsers
    send with websockets and with what a script asks for, must be the page's own; a browser's
    Sec-Fetch-Site tells of the rest, where only following a link counts as coming from outside.
    """
    names = {f"{name}:{request.port}" for name in ("127.0.0.1", "localhost")}
    if request.port == 80:  # then browsers leave it out
        names |= {"127.0.0.1", "localhost"}
    if request.host not in names:
        return False
    if "origin" in request.headers or socket:
        return request.one("origin") == f"http://{request.host}"
    if request.headers.get("sec-fetch-site", ["none"])[0] in ("same-origin", "none"):
        return True
    return (
        request.one("sec-fetch-mode") == "navigate" and request.one("sec-fetch-dest") == "document"
    )


def is_known(request: Request, token: str) -> bool:
    """Tell whether the cookie proves the token."""
    pairs = (
        pair.partition("=")
        for line in request.headers.get("cookie", ())
        for pair in line.split(";")
    )
    name, value = access.cookie_name(request.port), access.cookie_value(token, request.port)
    return any(key.strip() == name and access.is_right(got.strip(), value) for key, _, got in pairs)


def entering(request: Request) -> tuple[str | None, str]:
    """Return the token in the address of the page, and the rest of its parameters as they stand."""
    parts = request.query.split("&") if request.query and request.path == "/" else []
    given = [part.removeprefix("token=") for part in parts if part.startswith("token=")]
    rest = "&".join(part for part in parts if not part.startswith("token="))
    return (given[0] if given else None), rest


def refusal(request: Request, token: str) -> Refusal | None:
    """Return why a request is refused, or None."""
    if not is_own(request):
        return ELSEWHERE
    given, _ = entering(request)
    if not (is_known(request, token) or (given and access.is_right(given, token))):
        return LOCKED
    if request.method not in ("GET", "HEAD"):
        return READ_ONLY
    if not SERVED.fullmatch(request.path):
        return NOTHING
    return None


def opens_stream(request: Request, token: str) -> bool:
    """Tell whether a request for a websocket is the page's own."""
    return is_own(request, socket=True) and is_known(request, token) and request.path == STREAM
