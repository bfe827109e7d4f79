"""A Milvus server for tests: milvus-lite's, in a process on 127.0.0.1 with a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from assistant.engine_address import EngineAddress
from assistant.store.milvus import server as client

READY_SECONDS = 60.0
"""Generous: it ends as soon as the server answers."""


CALL_SECONDS, CONNECT_SECONDS = client.CALL_SECONDS, client.CONNECT_SECONDS
"""What calls are given where no test has changed it."""


def be_patient() -> None:
    """Give calls as long as a loaded machine may take: a server answers when it can."""
    client.CALL_SECONDS, client.CONNECT_SECONDS = 300.0, 60.0


def be_hasty() -> None:
    """Give calls no time: who asks a server that is away need not wait for it."""
    client.CALL_SECONDS = client.CONNECT_SECONDS = 0.5


class MilvusServer:
    """A server that can be killed, halted and started again over the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, name: str, *spaces: str) -> EngineAddress:
        """Return the address of an index there."""
        return EngineAddress("127.0.0.1", self.port, name, spaces)

    @property
    def pid(self) -> int:
        """The number of its process, which has to run."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it listens."""
        program = "from milvus_lite.cmdline import main; main()"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", program, "server", "--host", "127.0.0.1"),
                *("--port", str(self.port), "--data-dir", str(self.folder)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                be_patient()
                return
        raise TimeoutError("milvus-lite does not listen")

    def kill(self) -> None:
        """End it at once, whatever it is at."""
        be_hasty()
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def halt(self) -> None:
        """Have it hang: it holds its port, and answers nothing."""
        be_hasty()
        if self._process:
            os.kill(self._process.pid, signal.SIGSTOP)
            os.waitpid(self._process.pid, os.WUNTRACED)  # until it has stopped

    def go_on(self) -> None:
        """Have it answer again."""
        be_patient()
        if self._process:
            os.kill(self._process.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.kill()
        be_patient()  # others go on


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])
