"""A program for test_offline: every command on a machine without a network.

``python offline.py FOLDER`` expects notes and settings in FOLDER, takes a cache of its own, and
prints a line of JSON for each command: how it ended, and what it tried to reach on a network.
In a network namespace of its own it brings up the loopback device; elsewhere the attempts fail by
its own doing.

``python offline.py --watched FILE PROGRAM [ARGUMENT]...`` is what runs each: it writes to FILE whom
PROGRAM tries to reach.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

HERE = Path(__file__)
QUESTION = "how long do I boil an egg"
ELSEWHERE = ("192.0.2.1", 80)
"""An address that nobody has: RFC 5737 keeps it for documents."""

ASK = "import sys; from assistant.cli.app import main; sys.argv[0] = 'assistant'; main()"
PAGE = f"""
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(HERE.parents[2] / "app.py")!r}, default_timeout=120)
app.query_params["q"] = {QUESTION!r}
app.run()
assert not app.exception
assert "kitchen/eggs.md" in "".join(one.proto.json for one in app.get("bidi_component"))
"""
COMMANDS: dict[str, tuple[str, ...]] = {
    "build": (ASK, "build"),
    "ask": (ASK, "ask", QUESTION),
    "ask in Chinese": (ASK, "ask", "怎么煮鸡蛋", "--json"),
    "status": (ASK, "status"),
    "eval": (ASK, "eval", "asked.jsonl"),
    "doctor": (ASK, "doctor"),
    "page": (PAGE,),
    "ask with a name": (ASK, "--config", "named.toml", "ask", QUESTION),
    "build with a name": (ASK, "--config", "named.toml", "build"),
    "doctor with a name": (ASK, "--config", "named.toml", "doctor"),
}
PATIENCE = 60
"""Seconds that a loaded machine may take to start the page."""

EVENTS = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}
"""What Python tells of before it reaches out, and which argument says whom it means to reach."""


def lift_loopback() -> None:
    """Bring up the loopback device of a new network namespace, as `ip link set lo up` does."""
    import fcntl

    flags = struct.pack("16sH", b"lo", 0x1)  # IFF_UP
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, flags)  # SIOCSIFFLAGS


def is_here(whom: Any) -> bool:  # noqa: ANN401 (an address of any family, or a name)
    """Tell whether an address is of this computer."""
    host = whom[0] if isinstance(whom, tuple) else whom
    name = host.decode() if isinstance(host, bytes) else str(host)
    # A path is a socket of this computer's; None stands for all of its addresses.
    return host is None or "/" in name or name in ("127.0.0.1", "::1", "localhost", "")


def watch(file: Path, refuse: bool) -> None:
    """Write down from now on whom this process tries to reach."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in EVENTS and not is_here(arguments[EVENTS[event]]):
            with file.open("a") as told:
                told.write(f"{event} {arguments[EVENTS[event]]}\n")
            if refuse:
                raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

    sys.addaudithook(hook)


def is_cut_off() -> bool:
    """Tell whether there is no way out of this computer."""
    try:
        socket.create_connection(ELSEWHERE, timeout=1).close()
    except OSError as error:
        return error.errno == errno.ENETUNREACH
    return False


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a user who never said that there is no network."""
    known = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "ASSISTANT_"))}
    return known | {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "HF_HOME": str(folder / "hub"),
        "ASSISTANT_CONFIG": str(folder / "assistant.toml"),
        "ASSISTANT_BACKGROUND": "false",
    }


def words(file: Path, *program: str) -> list[str]:
    """Return the command that runs a program and writes down whom it tries to reach."""
    file.touch()
    return [sys.executable, str(HERE), "--watched", str(file), *program]


def run(folder: Path, name: str) -> dict[str, Any]:
    """Run a command to its end."""
    file = folder / f"{name}.reached"
    began = time.monotonic()
    ran = subprocess.run(
        words(file, *COMMANDS[name]),
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "name": name,
        "code": ran.returncode,
        "out": ran.stdout,
        "err": ran.stderr,
        "seconds": time.monotonic() - began,
        "reached": file.read_text().splitlines(),
    }


def serve(folder: Path) -> dict[str, Any]:
    """Start the page, and fetch what a browser fetches first, by the address that is printed."""
    file = folder / "web.reached"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with subprocess.Popen(
        words(file, ASK, "web", "--no-browser", "--port", port),
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        entry = server.stdout.readline().strip()
        browser = build_opener(HTTPCookieProcessor())
        shown, end = "", time.monotonic() + PATIENCE
        while not shown and server.poll() is None and time.monotonic() < end:
            try:
                browser.open(entry, timeout=PATIENCE).close()
                with browser.open(f"http://127.0.0.1:{port}", timeout=PATIENCE) as answer:
                    shown = answer.read().decode()
            except OSError:
                time.sleep(0.2)
        server.terminate()
    return {"name": "web", "out": shown, "reached": file.read_text().splitlines()}


def results(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield how each command ended."""
    yield {"name": "cut off", "cut_off": is_cut_off()}
    for name in COMMANDS:
        yield run(folder, name)
    yield serve(folder)


def main() -> None:
    """Run every command, or the one program given."""
    if sys.argv[1] == "--watched":
        watch(Path(sys.argv[2]), refuse=not is_cut_off())
        program, sys.argv = sys.argv[3], sys.argv[3:]
        exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})
        return
    if sys.argv[2:] == ["namespace"]:
        lift_loopback()
    for record in results(Path(sys.argv[1])):
        sys.stdout.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
