"""What only the real server shows: the one in C++ that the package `milvus` carries, of 2.3.5.

It is older than BM25, so that there is no index on it, only the collections with vectors alone;
milvus-lite's server, which the other tests use, is always fresh, counts characters for bytes, and
keeps one row a number whatever is written.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.engine_address import EngineAddress
from assistant.errors import IndexUnusableError
from assistant.store.milvus import collections, records, rows
from assistant.store.milvus.server import LONG_SECONDS, Server
from assistant.store.milvus.writing.keeper import Keeper
from assistant.store.texts import EmbeddedText

pytestmark = [
    pytest.mark.cluster,
    # The package looks for free ports and leaves the sockets to be collected.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

DIMENSIONS = 8
STOPPED_SECONDS = 20
"""Until it is ended by force, which it has to bear as well."""


class CppServer:
    """The server, in a process of its own, with a home and a folder that nobody else has."""

    def __init__(self, folder: Path) -> None:
        milvus = pytest.importorskip("milvus", reason="it is not installed: pip install milvus")
        self._process: Any = milvus.MilvusServer(data_dir=str(folder / "data"))

    def start(self) -> EngineAddress:
        """Start it, and wait until it is well; return the address of an index there."""
        self._process.start()
        return EngineAddress("127.0.0.1", self._process.listen_port, "notes")

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Have it end, and wait until it has; asked to, it does not always."""
        if process := self._process.server_proc:
            process.send_signal(number)
            try:
                process.wait(STOPPED_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._process.stop()


@pytest.fixture(scope="module")
def cpp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CppServer]:
    """The server: there is room for one on a machine, since its ports are fixed."""
    folder = tmp_path_factory.mktemp("cpp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        patch.setattr("assistant.store.milvus.server.CALL_SECONDS", LONG_SECONDS)
        server = CppServer(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture
def server(cpp: CppServer) -> Iterator[Server]:
    """A connection, and the collections that have no words to search."""
    found = Server(EngineAddress("127.0.0.1", cpp._process.listen_port, "notes"))
    make(found)
    yield found
    found.close()


def make(server: Server) -> None:
    """Make the collections for texts and notes, as ``make_all`` does."""
    for part, schema, indexes in (
        ("texts", lambda: collections._texts(server, DIMENSIONS), collections._text_indexes),
        ("notes", lambda: collections._records(server), collections._record_indexes),
    ):
        collections._make(server, collections.name("notes", part), schema, indexes)
        load(server, part)


def load(server: Server, part: str) -> None:
    """Have a collection ready to be read."""
    called = collections.name("notes", part)
    server.call("load_collection", called, timeout=LONG_SECONDS)


def texts(prefix: str, count: int, states: int = 30) -> list[EmbeddedText]:
    """Texts as the model makes them, each another one."""
    chance = np.random.default_rng(len(prefix))
    vectors = chance.standard_normal((count, DIMENSIONS), np.float32)
    return [
        EmbeddedText(f"{prefix}{i}", vector, bytes(chance.bytes(states)))
        for i, vector in enumerate(vectors)
    ]


def found(server: Server, wanted: list[EmbeddedText]) -> list[str]:
    """Those of some texts that the server has now."""
    called = collections.name("notes", "texts")
    told = server.get(called, [text.digest for text in wanted], ["id"])
    return sorted(str(row["id"]) for row in told)


def test_what_was_just_written_is_read(server: Server) -> None:
    """Each of fifteen writes, which a reader that is content with what was misses."""
    keep = Keeper(server.address)
    for number in range(15):
        made = texts(f"fresh-{number}-", 1)
        keep(made)
        assert found(server, made) == [made[0].digest]


def test_what_is_written_twice_is_there_once(server: Server) -> None:
    """Whoever keeps the same text, the last one counts; by `insert` it would be there twice."""
    made = texts("twice-", 20)
    for _ in range(3):
        Keeper(server.address)(made)
    called = collections.name("notes", "texts")

    assert found(server, made) == sorted(text.digest for text in made)
    assert server.count(called, 'id like "twice-%"') == len(made)


def test_a_batch_beyond_what_a_message_may_hold_is_written(server: Server) -> None:
    """The server takes 64 MB at once, and is sent 80 in parts."""
    made = texts("large-", 2_000, states=30_000)
    Keeper(server.address)(made)

    assert len(found(server, made)) == len(made)


@pytest.mark.parametrize("letter", ["a", "字", "\U0001f600", "\udcff"])
def test_a_long_text_comes_back_as_it_was(server: Server, letter: str) -> None:
    """A field holds bytes, of which a letter may be four: it is cut by these."""
    text = "".join(f"{letter * 10}{i}" for i in range(12_000))
    pieces = rows.pieces_of(text)
    called = collections.name("notes", "notes")
    numbers = [
        rows.number_of("piece", letter.encode("utf-8", "surrogatepass").hex(), at)
        for at in range(len(pieces))
    ]
    server.upsert(
        called,
        [
            records.record(number, "mine", "piece", born=1, text=piece)
            for number, piece in zip(numbers, pieces, strict=True)
        ],
    )
    told = {int(row["id"]): row["text"] for row in server.get(called, numbers, ["id", "text"])}

    assert rows.joined([told[number] for number in numbers]) == text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_what_was_written_is_there_after_a_restart(
    cpp: CppServer, server: Server, number: signal.Signals
) -> None:
    """However it ended; a collection is loaded again first."""
    made = texts(f"kept-{number.name}-", 50)
    Keeper(server.address)(made)
    cpp.stop(number)
    with pytest.raises(IndexUnusableError):
        found(Server(server.address), made)
    again = Server(cpp.start())
    load(again, "texts")

    assert found(again, made) == sorted(text.digest for text in made)
    again.close()


def test_an_index_is_refused_with_the_version_that_it_takes(server: Server) -> None:
    """The server knows no BM25, and the user is told."""
    with pytest.raises(IndexUnusableError) as caught:
        collections.make_all(server, DIMENSIONS)
    assert "2.5" in f"{caught.value}", caught.value
