"""The spaces of an index: the manifest of each, and whether one is being written."""

from __future__ import annotations

import hashlib

from assistant.store.manifest import MILVUS, Manifest
from assistant.store.milvus import collections, records, rows
from assistant.store.milvus.rows import all_of, one_of
from assistant.store.milvus.server import Row, Server

_FIELDS = ("id", "space", "key", "label", "content", "born")


def name_of(server: Server) -> str:
    """Return the name of the collection of the spaces of an index."""
    return collections.name(server.address.name, "spaces")


def manifests(server: Server) -> dict[str, Manifest]:
    """Return the manifests of the spaces that an address names, all unless it names some.

    Raises:
        IndexDamagedError: One cannot be read.
    """
    named = server.address.spaces
    condition = all_of('kind == "manifest"', one_of("space", named) if named else "")
    found = {}
    for row in server.query(name_of(server), condition, _FIELDS, most=1000):
        with server.reading():
            found[str(row["space"])] = Manifest.from_json(_content(server, row), MILVUS)
    return found


def put_manifest(server: Server, space: str, manifest: Manifest) -> None:
    """Write a manifest: what comes first is seen by nobody, and its last row moves it at once."""
    content = manifest.to_json()
    pieces = rows.pieces_of(content)
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    number = number_of("manifest", space)
    before = {int(row["id"]): row for row in server.get(name_of(server), [number], _FIELDS)}
    further = [
        records.record(records.piece_number(number, digest, at), space, "piece", born=0, text=piece)
        for at, piece in enumerate(pieces)
        if at
    ]
    if further:
        server.upsert(name_of(server), further)
    head = records.record(
        number,
        space,
        "manifest",
        born=manifest.generation,
        key=digest,
        label=str(len(pieces)),
        content=pieces[0],
    )
    server.upsert(name_of(server), [head])
    if before and (old := _further(before[number])) and before[number]["key"] != digest:
        server.delete(name_of(server), one_of("id", old))


def _content(server: Server, row: Row) -> str:
    numbers = _further(row)
    found = {
        int(piece["id"]): piece["text"]
        for piece in server.get(name_of(server), numbers, ["id", "text"])
    }
    return rows.joined([row["content"], *(found[number] for number in numbers)])


def _further(row: Row) -> list[int]:
    """Return the numbers of the further pieces of a manifest."""
    digest, count = str(row["key"]), int(row["label"])
    return [records.piece_number(int(row["id"]), digest, at) for at in range(1, count)]


def number_of(what: str, space: str) -> int:
    """Return the number of a row about a space."""
    return rows.number_of(what, space)


def pending(server: Server, space: str) -> int:
    """Return the generation that a build began to write and did not commit; 0 for none."""
    for row in server.get(name_of(server), [number_of("pending", space)], ["born"]):
        with server.reading():
            return int(row["born"])
    return 0


def put_pending(server: Server, space: str, generation: int) -> None:
    """Say which generation is written; 0 that none is."""
    server.upsert(
        name_of(server),
        [records.record(number_of("pending", space), space, "pending", born=generation)],
    )
