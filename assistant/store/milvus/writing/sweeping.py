"""Rows that die, that a stopped build left, that nobody reads any more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from assistant.store.milvus import collections, rows
from assistant.store.milvus.rows import FOREVER, all_of, one_of
from assistant.store.milvus.server import Row, Server

SWEPT_EVERY = 8
"""Generations after which what died is taken away: a server looks through all rows for it."""

AT_ONCE = 500


def let_die(server: Server, collection: str, numbers: Iterable[int], generation: int) -> None:
    """Have rows of entries die in a generation."""
    for some in rows.batches(numbers, AT_ONCE):
        found = server.get(collection, some, collections.RECORD_FIELDS)
        server.upsert(collection, [{**_plain(row), "died": generation} for row in found])


def wipe(server: Server, space: str) -> None:
    """Take everything of a space away, but for who builds it."""
    name = server.address.name
    of_space = one_of("space", [space])
    # First the manifest: without it nobody reads the rest.
    server.delete(collections.name(name, "spaces"), all_of(of_space, 'kind != "lock"'))
    for part in ("", "notes", "entries", "words"):
        server.delete(collections.name(name, part), of_space)


def undo(server: Server, space: str, last: int) -> None:
    """Take away what was written of a generation that was not committed.

    Args:
        server: Where it lies.
        space: The space.
        last: The generation that was.
    """
    name = server.address.name
    of_space = one_of("space", [space])
    came = all_of(of_space, f"born > {last}")
    went = all_of(of_space, f"died > {last}", f"died < {FOREVER}")
    for part, fields in (
        (name, collections.CHUNK_FIELDS),
        (collections.name(name, "entries"), collections.RECORD_FIELDS),
    ):
        server.delete(part, came)
        for some in rows.batches(server.query(part, went, ["id"]), AT_ONCE):
            found = server.get(part, [int(row["id"]) for row in some], fields)
            server.upsert(part, [{**_plain(row), "died": FOREVER} for row in found])
    for kind in ("notes", "words"):
        _restore(server, collections.name(name, kind), came, last)


def _restore(server: Server, part: str, came: str, last: int) -> None:
    """Take versions back that were not committed."""
    for some in rows.batches(server.query(part, came, ["id"]), AT_ONCE):
        found = server.get(part, [int(row["id"]) for row in some], collections.RECORD_FIELDS)
        lost, kept = [], []
        for row in found:
            with server.reading():
                held = (
                    []
                    if row["kind"] == "piece"
                    else [
                        one for one in json.loads(rows.joined([row["content"]])) if one[0] <= last
                    ]
                )
            if held:
                kept.append(_restored(row, held))
            else:
                lost.append(int(row["id"]))
        server.upsert(part, kept)
        if lost:
            server.delete(part, one_of("id", lost))


def _restored(row: Row, held: rows.Versions) -> Row:
    born, value = held[-1]
    return {
        **_plain(row),
        "born": born,
        "died": FOREVER if value is not None else born,
        "content": rows.pieces_of(json.dumps(held))[0],
    }


def sweep(server: Server, space: str, generation: int) -> None:
    """Take away what died before all generations that may be read, from time to time.

    Args:
        server: Where it lies.
        space: The space.
        generation: The newest one.
    """
    if generation % SWEPT_EVERY:
        return
    dead = all_of(one_of("space", [space]), f"died <= {generation - rows.KEPT_GENERATIONS}")
    name = server.address.name
    digests = {str(row["digest"]) for row in server.query(name, dead, ["digest"])}
    entries = collections.name(name, "entries")
    gone = [int(row["id"]) for row in server.query(entries, dead, ["id"])]
    for some in rows.batches(gone, AT_ONCE):
        server.delete(entries, all_of('kind == "piece"', one_of("number", some)))
    for part in (name, entries, collections.name(name, "notes"), collections.name(name, "words")):
        server.delete(part, dead)
    _sweep_texts(server, sorted(digests - {""}))


def _sweep_texts(server: Server, digests: Sequence[str]) -> None:
    """Take away what the model made of texts that no chunk of any space has any more."""
    name = server.address.name
    for some in rows.batches(digests, AT_ONCE):
        used = {
            str(row["digest"]) for row in server.query(name, one_of("digest", some), ["digest"])
        }
        if unused := [digest for digest in some if digest not in used]:
            server.delete(collections.name(name, "texts"), one_of("id", unused))


def _plain(row: Row) -> Row:
    """Return a row as a server takes it, of what it gave."""
    return {
        name: [float(x) for x in value] if isinstance(value, list) else value
        for name, value in row.items()
    }
