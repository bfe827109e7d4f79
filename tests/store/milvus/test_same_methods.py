"""An index on a server has the methods of one in a folder: nothing above the store differs."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from assistant.store import Index, Snapshot, Update
from assistant.store.milvus.index import MilvusIndex
from assistant.store.milvus.snapshot import MilvusSnapshot
from assistant.store.milvus.writing.update import MilvusUpdate

OF_FOLDERS = {
    *("query", "insert", "chunk_vectors", "take_as_read", "keep_vector", "keep_states"),
    *("put_centroid", "reading_locked", "become"),
    *("replace_many", "unplaced", "put_points", "clear_map", "put_plane"),
}
"""What is of tables and files, and asked for by the store alone, or where there is a folder."""


def methods(kind: type) -> Iterator[tuple[str, list[str]]]:
    """Yield the public names of a class, and of methods the names of what they take."""
    for name in dir(kind):
        if not name.startswith("_") and name not in OF_FOLDERS:
            value = inspect.getattr_static(kind, name)
            is_method = inspect.isfunction(value)
            yield name, [*inspect.signature(value).parameters] if is_method else []


@pytest.mark.parametrize(
    ("one", "other"), [(Index, MilvusIndex), (Snapshot, MilvusSnapshot), (Update, MilvusUpdate)]
)
def test_both_have_the_same_methods(one: type, other: type) -> None:
    """Each that the first has, and taking the same."""
    there = dict(methods(other))
    assert {name: there.get(name) for name, _ in methods(one)} == dict(methods(one))
