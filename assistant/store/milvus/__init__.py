"""An index on a Milvus server, which many share; only this package speaks Milvus.

catalog      What the spaces of an index hold, read without asking them a question
collections  The collections of an index, their fields and what finds in them
index        An index by its address: its snapshots, its lock and updates, a check
records      Notes and entries as rows hold them, and back. Pure
rows         What rows hold, and the filters that they are asked for by. Pure
searches     Searches of chunks behind the interface of ``store.engine``
server       A connection whose every call ends in time, and its errors
snapshot     One consistent view of the spaces that an address names
spaces       The spaces of an index: the manifest of each, and whether one is being written
writing      A space as the one who builds it changes it
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.store.milvus.index import MilvusIndex
    from assistant.store.milvus.writing.copying import copy

__all__ = ["MilvusIndex", "copy"]

__getattr__ = faces.lazily(__name__, {"writing.copying": ["copy"], "index": ["MilvusIndex"]})
