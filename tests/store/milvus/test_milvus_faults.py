"""A server that is down, hangs, refuses, is full or talks nonsense: an error in time, never a hang.

That an error comes in time is held by the seconds that a call is given, not by a clock.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from indexes import Case
from milvus_server import CALL_SECONDS, CONNECT_SECONDS, MilvusServer

from assistant.engine_address import TOKEN, EngineAddress
from assistant.errors import IndexDamagedError, IndexUnusableError
from assistant.store import index_at
from assistant.store.milvus import records, server, spaces
from assistant.store.milvus.server import Server

pytestmark = pytest.mark.usefixtures("without_calibration")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[MilvusServer]:
    """A server for one test, which may do with it as it likes."""
    pytest.importorskip("milvus_lite")
    with MilvusServer(tmp_path / "server") as started:
        yield started


@pytest.fixture
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls are given half of a second."""
    monkeypatch.setattr(server, "CALL_SECONDS", 0.5)
    monkeypatch.setattr(server, "CONNECT_SECONDS", 0.5)


def test_the_seconds_of_a_question_are_within_five() -> None:
    """To connect and to be kept waiting by one call: a question ends at the first that fails."""
    assert CONNECT_SECONDS * 2 < 5
    assert CALL_SECONDS < 5


def test_a_server_that_is_down_is_told_of() -> None:
    """With its place, and what to do."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    address = EngineAddress("127.0.0.1", port, "notes")
    with pytest.raises(IndexUnusableError, match=f"127.0.0.1:{port} does not answer") as raised:
        index_at(address).snapshot()
    assert "start it" in raised.value.remedy
    assert raised.value.exit_code == 3


@pytest.mark.usefixtures("_hurried")
def test_a_port_that_says_nothing_is_told_of() -> None:
    """Something listens, and never answers."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        address = EngineAddress("127.0.0.1", mute.getsockname()[1], "notes")
        with pytest.raises(IndexUnusableError, match=r"does not answer|takes too long"):
            index_at(address).snapshot()


@pytest.mark.usefixtures("_hurried")
def test_a_port_that_talks_of_something_else_is_told_of() -> None:
    """Such as a web server's."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def talk() -> None:
            while True:
                try:
                    said, _ = other.accept()
                except OSError:
                    return
                with said:
                    said.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=talk, daemon=True).start()
        address = EngineAddress("127.0.0.1", other.getsockname()[1], "notes")
        with pytest.raises(IndexUnusableError):
            index_at(address).snapshot()
        other.shutdown(socket.SHUT_RDWR)


def test_a_server_that_hangs_within_a_question_is_told_of(
    two_notes: Case, own: MilvusServer
) -> None:
    """And once it goes on, the same reader is answered again."""
    address = own.address("notes")
    two_notes.build(index=address)
    with index_at(address).snapshot() as snapshot:
        (before, *_) = snapshot.entries()
        own.halt()
        with pytest.raises(IndexUnusableError, match=r"takes too long|does not answer"):
            snapshot.entry(before.row)
        own.go_on()
        assert snapshot.entry(before.row).entry.text


def test_a_server_killed_within_a_question_is_told_of(two_notes: Case, own: MilvusServer) -> None:
    """When it is back, it answers from what it had."""
    address = own.address("notes")
    two_notes.build(index=address)
    answers = two_notes.answers(["free gpu memory"], address)
    with index_at(address).snapshot() as snapshot:
        own.kill()
        with pytest.raises(IndexUnusableError):
            snapshot.entries()
        assert not snapshot.resume()
    own.start()
    assert two_notes.answers(["free gpu memory"], address) == answers


@contextmanager
def killed_before(own: MilvusServer, collection: str) -> Iterator[None]:
    """Kill the server in front of the first upsert to a collection that comes."""
    real = Server.upsert

    def upsert(to: Server, into: str, rows: list[server.Row]) -> None:
        if into == collection and (rows and rows[0].get("kind") != "lock"):
            if rows[0].get("kind") in ("pending",) and collection.endswith("_spaces"):
                return real(to, into, rows)
            own.kill()
        return real(to, into, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "upsert", upsert)
        yield


@pytest.mark.parametrize("collection", ["notes", "notes_entries", "notes_words", "notes_spaces"])
def test_a_server_killed_within_a_build_comes_back_with_the_old_index(
    two_notes: Case, own: MilvusServer, collection: str
) -> None:
    """In front of chunks, entries, words or the manifest; the next build goes on from there."""
    address = own.address("notes")
    two_notes.build(index=address)
    before = two_notes.answers(["free gpu memory"], address)
    two_notes.edit("pytorch.md", "cached memory", "memory that is cached")
    with killed_before(own, collection), pytest.raises(IndexUnusableError):
        two_notes.build(index=address)
    own.start()
    assert two_notes.answers(["free gpu memory"], address) == before
    two_notes.build(index=address)
    (found,) = two_notes.answers(["free gpu memory"], address)
    assert "memory that is cached" in str(found)
    with index_at(address).snapshot() as snapshot:
        assert not [*index_at(address).faults(snapshot)]


class Refusing:
    """A client that fails as a server says."""

    def __init__(self, code: int, said: str) -> None:
        self.code, self.said = code, said

    def query(self, *_: object, **__: object) -> None:
        """Fail."""
        from pymilvus.exceptions import MilvusException

        raise MilvusException(code=self.code, message=self.said)


@pytest.mark.parametrize(
    ("code", "said", "cause", "remedy"),
    [
        (1800, "auth check failure, please check username/password", "refuses the token", TOKEN),
        (65535, "UNAUTHENTICATED: hunter2", "refuses the token", TOKEN),
        (8, "memory quota exceeded, please allocate more resources", "is full", "give it room"),
        (9, "disk quota exceeded", "is full", "give it room"),
        (65535, "write /var: no space left on device", "is full", "give it room"),
        (2, "Fail connecting to server on 127.0.0.1:1", "does not answer", "start it"),
        (1, "StatusCode.DEADLINE_EXCEEDED", "takes too long", "later"),
        (12, "StatusCode.UNIMPLEMENTED unknown method", "another version", "2.5"),
        (65535, "a b\x1b[2J\nc hunter2", "reported: 65535 a b [2J c …", "doctor"),
    ],
)
def test_what_a_server_says_becomes_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch, code: int, said: str, cause: str, remedy: str
) -> None:
    """On one line, without the token, and without what would move a terminal's cursor."""
    pytest.importorskip("pymilvus")
    monkeypatch.setenv(TOKEN, "hunter2")
    asked = Server(EngineAddress("example.org", 19530, "notes"))
    asked.__dict__["client"] = Refusing(code, said)
    with pytest.raises(IndexUnusableError) as raised:
        asked.call("query")
    assert cause in raised.value.cause
    assert remedy in raised.value.remedy
    assert "hunter2" not in str(raised.value)
    assert raised.value.cause.isprintable()


def test_rows_that_no_build_wrote_are_damage(two_notes: Case, milvus: MilvusServer) -> None:
    """What a server sends is a stranger's word: it raises one error, and nothing is believed."""
    address = milvus.address("odd", "space")
    two_notes.build(index=address)
    asked = Server(address)
    number = spaces.number_of("manifest", "space")
    (good,) = asked.get("odd_spaces", [number], ["content", "label", "key", "born"])
    for content, label in (
        ('"{}"', "1"),
        ('"[1]"', "1"),
        ("not base64", "1"),
        (good["content"], "3"),
        (good["content"].replace("milvus", "local"), "1"),
        (good["content"].replace("fingerprint", "footprint"), "1"),
    ):
        asked.upsert(
            "odd_spaces",
            [
                records.record(
                    number, "space", "manifest", born=1, key="k", label=label, content=content
                )
            ],
        )
        with pytest.raises(IndexDamagedError, match="is damaged"):
            index_at(address).snapshot()
    two_notes.build(index=address, full=True)
    assert two_notes.ask("free gpu memory", 1, address)
