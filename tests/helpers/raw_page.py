"""The page asked by hand: requests and websockets with any headers, as no browser sends them."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from page_server import Server
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    text: str


def port_of(server: Server) -> int:
    """The port of a server."""
    found = urlsplit(server.address).port
    assert found is not None
    return found


def ask(
    server: Server, path: str = "/", method: str = "GET", body: str = "", **headers: str
) -> Reply:
    """Ask for a path; a Host of the server's own unless another is given, or an empty one for none.

    Args:
        server: Whom to ask.
        path: With its query.
        method: Of HTTP.
        body: What is sent.
        headers: With underscores for hyphens.
    """
    given = {"Host": f"127.0.0.1:{port_of(server)}"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    client = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=60)
    try:
        client.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in given.items():
            if value:
                client.putheader(name, value)
        client.putheader("Content-Length", str(len(body)))
        client.endheaders(body.encode())
        got = client.getresponse()
        said = {name.lower(): value for name, value in got.getheaders()}
        return Reply(got.status, said, got.read().decode("utf-8", "replace"))
    finally:
        client.close()


def cookie(server: Server) -> str:
    """The cookie that the printed address gives."""
    parts = urlsplit(server.entry)
    got = ask(server, f"{parts.path}?{parts.query}")
    assert got.status == 200
    return got.headers["set-cookie"].partition(";")[0]


def shake(server: Server, path: str = "/_stcore/stream", **headers: str) -> int:
    """The status with which a websocket is answered; see ``ask``."""
    given = {
        "Host": f"127.0.0.1:{port_of(server)}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=60) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        said = re.match(rb"HTTP/1.1 (\d+)", client.recv(4096))
    assert said is not None
    return int(said[1])


@contextmanager
def visit(server: Server) -> Iterator[Callable[[str], str]]:
    """Open a session of the page, as its frontend does.

    Yields:
        What has the page run at an address, given its query, and returns all that it was sent
        until it stands.
    """
    with connect(
        f"ws://127.0.0.1:{port_of(server)}/_stcore/stream",
        origin=Origin(server.address),
        additional_headers={"Cookie": cookie(server)},
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        proxy=None,
    ) as stream:

        def run(query: str) -> str:
            begin = BackMsg()
            begin.rerun_script.query_string = query
            stream.send(begin.SerializeToString())
            said = []
            while True:
                data = stream.recv(timeout=60)
                assert isinstance(data, bytes)
                message = ForwardMsg()
                message.ParseFromString(data)
                said.append(str(message))
                if message.WhichOneof("type") == "script_finished":
                    return "".join(said)

        yield run


def run_page(server: Server, query: str) -> str:
    """Open the page in a session of its own, and return all that it was sent until it stands.

    Args:
        server: Whom to ask.
        query: As it stands in the address.
    """
    with visit(server) as run:
        return run(query)
