"""A connection to a Milvus server whose every call ends in time, and its errors.

gRPC waits for ever and pymilvus tries seventy-five times; here each call has its seconds, after
which the user is told what is wrong and what to do.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assistant.engine_address import TOKEN, EngineAddress
from assistant.errors import IndexDamagedError, IndexUnusableError

if TYPE_CHECKING:
    from pymilvus import MilvusClient

CONNECT_SECONDS = 2.0
"""Until a connection stands; a question is to fail within five, with what it takes to start."""

CALL_SECONDS = 4.0
"""Until a call returns; those that write are tried again while the server lives."""

LONG_SECONDS = 600.0
"""Until a collection is made or loaded, or what was written is stored for good."""

CHANNEL = {
    "grpc.max_receive_message_length": 256 * 1024 * 1024,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
    "grpc.keepalive_permit_without_calls": 0,
    "grpc.keepalive_time_ms": 600_000,
}
"""How gRPC goes about a connection: bounds on what a server may send, and on how long it waits
before it looks again whether one is back, which else grows to two minutes. It does not ask an idle
server every ten seconds whether it is there, which servers answer by hanging up: calls have ends of
their own."""

WRITE_TRIES = 5

MOST_BYTES = 16_000_000
"""Of rows that are written at once; a server refuses 64 MB."""

AT_ONCE = 1000
"""Rows that are read or written at once; a server gives 16,384 at most."""

Row = dict[str, Any]
"""A row by field, as the client gives and takes it. What a server sends is not trusted: whoever
reads a field looks whether it is what it must be."""


class Server:
    """A server, connected to when something is first asked of it. Not for several threads."""

    def __init__(self, address: EngineAddress, token: str | None = None) -> None:
        """Take an address.

        Args:
            address: Of the server.
            token: What it asks for; what the variable has unless given.
        """
        self.address = address
        self.token = os.environ.get(TOKEN, "") if token is None else token
        self.is_fresh = True
        """Whether reads see all that anybody wrote, and not what a server saw some seconds ago."""
        self.is_there = True
        """Whether there are collections to read; a first build reads before it makes them."""

    @cached_property
    def client(self) -> MilvusClient:
        """The client of pymilvus.

        Raises:
            IndexUnusableError: The server does not answer, or refuses.
        """
        self._reach()
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # else it writes to standard error itself
        with _imported():
            import pymilvus
        for name in [*logging.root.manager.loggerDict]:
            if name.partition(".")[0] == "pymilvus":  # what it says is told as an error of ours
                logging.getLogger(name).setLevel(logging.CRITICAL)
        with self._errors():
            return pymilvus.MilvusClient(
                uri=self.address.uri,
                token=self.token,
                timeout=CONNECT_SECONDS,
                dedicated=True,  # else threads share one, and who comes after a server's restart
                grpc_options=CHANNEL,
            )

    def close(self) -> None:
        """Let go of the connection."""
        client = self.__dict__.pop("client", None)
        if client is not None:
            with self._errors():
                client.close()

    def call(self, method: str, *given: object, **named: object) -> Any:  # noqa: ANN401 # pymilvus has no types for it
        """Return what a method of the client returns.

        Raises:
            IndexUnusableError: It fails, or takes too long.
        """
        named = {"timeout": CALL_SECONDS, **named}
        function: Callable[..., Any] = getattr(self.client, method)
        with self._errors():
            return function(*given, **named)

    def get(self, collection: str, ids: Sequence[int | str], fields: Sequence[str]) -> list[Row]:
        """Return the rows with some numbers, as far as there are such, in any order."""
        found: list[Row] = []
        if not self.is_there:
            return found
        for at in range(0, len(ids), AT_ONCE):
            some = list(ids[at : at + AT_ONCE])
            found += self.call(
                "query", collection, ids=some, output_fields=[*fields], **self._consistency()
            )
        return found

    def query(
        self, collection: str, condition: str, fields: Sequence[str], most: int | None = None
    ) -> Iterator[Row]:
        """Yield the rows that a filter holds for, in any order.

        Args:
            collection: Its name.
            condition: The filter, see ``rows``.
            fields: To return.
            most: Rows at most.
        """
        if not self.is_there:
            return
        if most is not None and most <= AT_ONCE:
            yield from self.call(
                "query",
                collection,
                filter=condition,
                output_fields=[*fields],
                limit=most,
                **self._consistency(),
            )
            return
        iterator = self.call(
            "query_iterator",
            collection,
            batch_size=AT_ONCE,
            limit=-1 if most is None else most,
            filter=condition,
            output_fields=[*fields],
            **self._consistency(),
        )
        while True:
            with self._errors():
                batch = iterator.next()
            if not batch:
                break
            yield from batch
        iterator.close()

    def count(self, collection: str, condition: str) -> int:
        """Return for how many rows a filter holds."""
        if not self.is_there:
            return 0
        rows = self.call(
            "query",
            collection,
            filter=condition,
            output_fields=["count(*)"],
            **self._consistency(),
        )
        with self.reading():
            return int(rows[0]["count(*)"])

    def search(
        self,
        collection: str,
        data: Sequence[object],
        field: str,
        count: int,
        condition: str,
        parameters: Row,
    ) -> list[list[tuple[int, float]]]:
        """Return for each of some data the nearest rows, their numbers and how near they are."""
        found = self.call(
            "search",
            collection,
            data=list(data),
            anns_field=field,
            limit=count,
            filter=condition,
            search_params=parameters,
            output_fields=["id"],
            **self._consistency(),
        )
        with self.reading():
            return [[(int(hit["id"]), float(hit["distance"])) for hit in hits] for hits in found]

    def upsert(self, collection: str, rows: Sequence[Row]) -> None:
        """Write rows, each over that of its number: never ``insert``, which doubles them."""
        for some in _by_size(rows):
            self._written("upsert", collection, some)

    def delete(self, collection: str, condition: str) -> None:
        """Delete the rows that a filter holds for."""
        self._written("delete", collection, filter=condition)

    def _written(self, method: str, *given: object, **named: object) -> None:
        """Write; again if it took too long, since to write the same twice is to write it once."""
        for last in range(WRITE_TRIES):
            try:
                self.call(method, *given, **named)
            except SlowServerError:
                if last == WRITE_TRIES - 1:
                    raise
                self._reach()
            else:
                return

    def _consistency(self) -> Row:
        return {"consistency_level": "Strong" if self.is_fresh else "Bounded"}

    def _reach(self) -> None:
        """Look whether anybody listens, which takes no time to be refused."""
        try:
            with socket.create_connection(
                (self.address.host, self.address.port), timeout=CONNECT_SECONDS
            ):
                pass
        except OSError as error:
            raise self._silent() from error

    def _silent(self) -> IndexUnusableError:
        return IndexUnusableError(
            f"the server of the index at {self._where} does not answer",
            "start it, or correct the address; `assistant doctor` looks at it",
        )

    @property
    def _where(self) -> str:
        return f"{self.address.host}:{self.address.port}"

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Have what the client raises become the program's own."""
        import grpc
        from pymilvus.exceptions import MilvusException

        try:
            yield
        except grpc.RpcError as error:
            raise self._error(str(error)) from error
        except MilvusException as error:
            raise self._error(f"{error.code} {error.message}") from error

    def _error(self, said: str) -> IndexUnusableError:
        """Return the error for what a client or a server said."""
        token = os.environ.get(TOKEN, "")
        said = said.replace(token, "…") if token else said
        low = said.lower()
        if any(word in low for word in ("unauthenticated", "auth check", "permission deny")):
            return IndexUnusableError(
                f"the server of the index at {self._where} refuses the token",
                f"put one that it takes into the variable {TOKEN}, as user:password",
            )
        if any(word in low for word in ("deadline", "timeout", "timed out")) and (
            "unavailable" not in low and "fail connecting" not in low
        ):
            return SlowServerError(
                f"the server of the index at {self._where} takes too long to answer",
                "try again later; `assistant doctor` looks at it",
            )
        if any(word in low for word in ("unavailable", "fail connecting", "connection refused")):
            return self._silent()
        if any(word in low for word in ("quota", "no space", "disk full", "exhausted")):
            return IndexUnusableError(
                f"the server of the index at {self._where} is full: {_shown(said)}",
                "give it room, then run `assistant build`; what is committed still answers",
            )
        if "unimplemented" in low or "not supported" in low:
            return IndexUnusableError(
                f"the server of the index at {self._where} is of another version: {_shown(said)}",
                "use Milvus 2.5 or later; `assistant doctor` says which it is",
            )
        return IndexUnusableError(
            f"the server of the index at {self._where} reported: {_shown(said)}",
            "`assistant doctor` looks at it",
        )

    def damaged(self, what: str) -> IndexDamagedError:
        """Return the error for rows that no build has written."""
        return IndexDamagedError(
            f"the index at {self.address} is damaged: {what}",
            "run `assistant build --full`, which writes it anew",
        )

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Have what is not as a build writes it be told as damage."""
        try:
            yield
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            raise self.damaged("a row cannot be read") from error


class SlowServerError(IndexUnusableError):
    """A call took longer than it may, which says nothing of whether it was done."""


@contextmanager
def _imported() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise IndexUnusableError(
            "an index on a server needs the package pymilvus, which is not installed",
            'install it: pip install "notes-assistant[cluster]"',
        ) from error


def _shown(said: str) -> str:
    """Return what a server said, on a line."""
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())[:200]


def _by_size(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield rows in lists that a server takes at once."""
    some: list[Row] = []
    size = 0
    for row in rows:
        weight = sum(_size(value) for value in row.values())
        if some and (len(some) >= AT_ONCE or size + weight > MOST_BYTES):
            yield some
            some, size = [], 0
        some.append(row)
        size += weight
    if some:
        yield some


def _size(value: object) -> int:
    """Return about how many bytes a value takes on the way."""
    if isinstance(value, str):
        return 4 * len(value) if not value.isascii() else len(value)
    return 4 * len(value) if isinstance(value, list) else getattr(value, "nbytes", 8)
