"""The guard in front of all that Streamlit serves: it lets the page's user in."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from assistant.web.server import access, images, security_headers
from assistant.web.server.request import (
    NOTHING,
    Request,
    Scope,
    entering,
    opens_stream,
    refusal,
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guard:
    """An ASGI application that lets the user in to another one."""

    def __init__(self, app: App, token: str, scripts: Sequence[str]) -> None:
        """Guard an application.

        Args:
            app: What is served.
            token: See ``access.load``.
            scripts: Those that stand in its page, see ``security_headers.policy``.
        """
        self._app = app
        self._token = token
        self._scripts = scripts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have it answered."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request = Request.of(scope)
        if scope["type"] == "websocket":
            if opens_stream(request, self._token):
                await self._app(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008})  # not accepted yet: a 403
            return
        refused = refusal(request, self._token)
        if refused is not None:
            await _answer(send, refused.status, _page(refused.title, refused.words))
        elif entering(request)[0] is not None:
            await self._enter(request, send)
        elif request.path == images.PATH:
            await _show_image(request, send)
        else:
            await self._app(scope, receive, self._with_headers(request.host, send))

    async def _enter(self, request: Request, send: Send) -> None:
        """Give the browser the cookie, and lead it to the address without the token.

        A redirection would not do: a browser that came from another site, or from a file, would
        leave a strict cookie out all along it.
        """
        _, rest = entering(request)
        address = html.escape(f"/?{rest}" if rest else "/")
        page = _page(
            "Ask your notes",
            "One moment.",
            f'<meta http-equiv="refresh" content="0; url={address}">',
        )
        cookie = access.cookie(self._token, request.port)
        await _answer(send, 200, page, [(b"set-cookie", cookie.encode())])

    def _with_headers(self, host: str, send: Send) -> Send:
        added = security_headers.of_answer(security_headers.policy(self._scripts, host))
        names = {name for name, _ in added}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0].lower() not in names]
                message = {**message, "headers": [*kept, *added]}
            await send(message)

        return sending


async def _show_image(request: Request, send: Send) -> None:
    """Send an image of the notes, read beside what else is served."""
    image = await asyncio.to_thread(images.read, request.query)
    if image is None:
        await _answer(send, 404, _page(NOTHING.title, NOTHING.words))
        return
    headers = [
        (b"content-type", image.type.encode()),
        (b"content-length", str(len(image.content)).encode()),
        (b"cache-control", b"private, max-age=60"),
        *security_headers.of_answer(images.POLICY),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": image.content})


def _page(title: str, words: str, head: str = "") -> bytes:
    words = re.sub("`(.*?)`", r"<code>\1</code>", html.escape(words))
    return (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8">{head}<title>{title}</title>'
        "<style>:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }"
        " body { max-width: 36rem; margin: 4rem auto; padding: 0 1rem; }</style>"
        f"<h1>{title}</h1><p>{words}</p></html>"
    ).encode()


async def _answer(
    send: Send, status: int, page: bytes, headers: security_headers.Headers | None = None
) -> None:
    added = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(page)).encode()),
        (b"cache-control", b"no-store"),
        *security_headers.of_answer(security_headers.BARE),
        *(headers or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": added})
    await send({"type": "http.response.body", "body": page})
