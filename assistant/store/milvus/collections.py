"""The collections of an index, their fields and what finds in them.

NAME            chunks: vector, terms, where they stand. What is searched
NAME_notes      notes, in versions
NAME_entries    entries
NAME_words      terms by their stems, in how many chunks each stands, in versions
NAME_texts      what the model made of texts, by their digests; of all spaces together
NAME_spaces     of each space the manifest and who builds it
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from assistant.errors import ConfigError, IndexMissingError
from assistant.store.milvus.server import LONG_SECONDS, Server

if TYPE_CHECKING:
    from pymilvus import CollectionSchema

RECORDS = ("notes", "entries", "words", "spaces")

CHUNK_FIELDS = (
    *("id", "space", "born", "died", "note", "entry", "start", "end", "is_head", "is_read"),
    *("digest", "terms", "tokens", "vector"),
)
"""All that is written of a chunk; the server makes ``sparse`` of ``tokens``."""

RECORD_FIELDS = (
    *("id", "space", "born", "died", "kind", "key", "label", "number", "content", "text"),
    "nothing",
)

NOTHING = [1.0, 0.0]
"""A collection has to have a vector."""

PENDING_SECONDS = 3600.0
"""Until all that was written is in the graph of vectors; before that a search misses some."""


def name(of: str, part: str = "") -> str:
    """Return the name of a collection."""
    return f"{of}_{part}" if part else of


def exist(server: Server) -> bool:
    """Return whether an index was ever made at an address.

    Raises:
        ConfigError: The name is taken by what is none, or by one of another version.
    """
    of = server.address.name
    last = name(of, RECORDS[-1])  # made last
    if not server.call("has_collection", last):
        return False
    for one, fields in ((of, (*CHUNK_FIELDS, "sparse")), (last, RECORD_FIELDS)):
        told = server.call("describe_collection", one)
        with server.reading():
            if {str(field["name"]) for field in told["fields"]} != {*fields}:
                raise ConfigError(
                    f"the collection {one} at {server.address} belongs to another program, or was"
                    " written by another version of this one",
                    "choose another name for the index",
                )
    return True


def open_all(server: Server) -> None:
    """Have the collections ready to be read, which they are not when a server has restarted.

    Raises:
        IndexMissingError: There are none.
    """
    if not exist(server):
        raise missing(server)
    of = server.address.name
    for one in (of, name(of, "texts"), *(name(of, part) for part in RECORDS)):
        server.call("load_collection", one, timeout=LONG_SECONDS)


def missing(server: Server) -> IndexMissingError:
    """Return the error for an address at which no build has ended."""
    return IndexMissingError(
        f"there is no index at {server.address}", "run `assistant build NOTES`"
    )


def make_all(server: Server, dimensions: int) -> None:
    """Make the collections that are not there.

    Raises:
        ConfigError: One is, with vectors of another model.
    """
    of = server.address.name
    _make(server, of, lambda: _chunks(server, dimensions), _chunk_indexes)
    _make(server, name(of, "texts"), lambda: _texts(server, dimensions), _text_indexes)
    for part in RECORDS:
        _make(server, name(of, part), lambda: _records(server), _record_indexes)
    found = dimensions_of(server)
    if found != dimensions:
        raise ConfigError(
            f"the index at {server.address} has vectors of {found} dimensions, and the model makes"
            f" some of {dimensions}",
            "choose another name for the index: what is shared there is of one model",
        )


def dimensions_of(server: Server) -> int:
    """Return the length of the vectors of an index."""
    told = server.call("describe_collection", server.address.name)
    with server.reading():
        (vector,) = (field for field in told["fields"] if field["name"] == "vector")
        return int(vector["params"]["dim"])


def settle(server: Server, tell: Callable[[int], object] | None = None) -> None:
    """Wait until what was written is stored for good, and all vectors are in their graph."""
    of = server.address.name
    for one in (of, name(of, "texts"), *(name(of, part) for part in RECORDS)):
        server.call("flush", one, timeout=LONG_SECONDS)
    until = time.monotonic() + PENDING_SECONDS
    while (left := pending(server)) and time.monotonic() < until:
        if tell:
            tell(left)
        time.sleep(0.2)


def pending(server: Server) -> int:
    """Return how many chunks are not in the graph of vectors yet."""
    told = server.call("describe_index", server.address.name, "vector")
    with server.reading():
        return int(told.get("pending_index_rows", 0))


def _make(
    server: Server,
    called: str,
    schema: Callable[[], CollectionSchema],
    indexes: Callable[[Any], None],
) -> None:
    if server.call("has_collection", called):
        return
    parameters = server.client.prepare_index_params()
    indexes(parameters)
    server.call(
        "create_collection",
        called,
        schema=schema(),
        index_params=parameters,
        consistency_level="Bounded",
        timeout=LONG_SECONDS,
    )


def _schema(server: Server) -> Any:  # noqa: ANN401 # pymilvus has no types for it
    return server.client.create_schema(auto_id=False, enable_dynamic_field=False)


def _chunks(server: Server, dimensions: int) -> CollectionSchema:
    from pymilvus import DataType, Function, FunctionType

    schema = _schema(server)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("space", DataType.VARCHAR, max_length=64, is_partition_key=True)
    for field in ("born", "died", "note", "entry", "start", "end"):
        schema.add_field(field, DataType.INT64)
    for field in ("is_head", "is_read"):
        schema.add_field(field, DataType.BOOL)
    schema.add_field("digest", DataType.VARCHAR, max_length=64)
    schema.add_field("terms", DataType.VARCHAR, max_length=65_535)
    schema.add_field(
        "tokens",
        DataType.VARCHAR,
        max_length=65_535,
        enable_analyzer=True,
        enable_match=True,
        analyzer_params={"tokenizer": "standard"},
    )
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="bm25",
            function_type=FunctionType.BM25,
            input_field_names=["tokens"],
            output_field_names=["sparse"],
        )
    )
    return schema


def _chunk_indexes(parameters: Any) -> None:  # noqa: ANN401
    graph = {"M": 16, "efConstruction": 200}
    parameters.add_index("vector", index_type="HNSW", metric_type="COSINE", params=graph)
    parameters.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")


def _texts(server: Server, dimensions: int) -> CollectionSchema:
    from pymilvus import DataType

    schema = _schema(server)
    schema.add_field("id", DataType.VARCHAR, max_length=64, is_primary=True)
    schema.add_field("has_states", DataType.BOOL)
    schema.add_field("states", DataType.VARCHAR, max_length=65_535)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    return schema


def _text_indexes(parameters: Any) -> None:  # noqa: ANN401
    parameters.add_index("vector", index_type="FLAT", metric_type="COSINE")


def _records(server: Server) -> CollectionSchema:
    from pymilvus import DataType

    schema = _schema(server)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("space", DataType.VARCHAR, max_length=64)
    schema.add_field("kind", DataType.VARCHAR, max_length=16)
    for field in ("born", "died", "number"):
        schema.add_field(field, DataType.INT64)
    for field in ("key", "label"):
        schema.add_field(field, DataType.VARCHAR, max_length=2_000)
    for field in ("content", "text"):
        schema.add_field(field, DataType.VARCHAR, max_length=65_535)
    schema.add_field("nothing", DataType.FLOAT_VECTOR, dim=len(NOTHING))
    return schema


def _record_indexes(parameters: Any) -> None:  # noqa: ANN401
    parameters.add_index("nothing", index_type="FLAT", metric_type="L2")
