"""An index on a Milvus server, which many share; only this package speaks Milvus.

checks       What doctor says of a server and of what lies there
collections  The collections of an index, their fields and what finds in them
copying      An index taken from a folder to a server, or back, without embedding anything again
engine       Searches and changes of chunks behind the interface of ``store.engine``
expressions  Filters as Milvus reads them. Pure
index        An index by its address: its snapshots, its lock and updates
lock         One builder of a space at a time, on a server that has no locks
rows         What rows hold: numbers of their own, long texts, versions of what changes. Pure
server       A connection whose every call ends in time, and its errors
snapshot     One consistent view of the spaces that an address names
terms        Terms as the local engine compares them, and BM25 by the same formula
update       What a build does to a space, one generation after the other
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.store.milvus.index import MilvusIndex

__all__ = ["MilvusIndex"]

__getattr__ = faces.lazily(__name__, {"index": ["MilvusIndex"]})
