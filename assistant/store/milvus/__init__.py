"""An index on a Milvus server, which many share; only this package speaks Milvus.

catalog      What the spaces of an index hold, read without asking them a question
collections  The collections of an index, their fields and what finds in them
copying      An index taken from a folder to a server, or back, without embedding anything again
engine       Searches and changes of chunks behind the interface of ``store.engine``
index        An index by its address: its snapshots, its lock and updates, a check
keeper       Texts kept from anywhere: what the workers of a build write themselves
records      Notes and entries as rows hold them, and back. Pure
repair       Rows that die, that a stopped build left, that nobody reads any more
rows         What rows hold, and the filters that they are asked for by. Pure
server       A connection whose every call ends in time, and its errors
snapshot     One consistent view of the spaces that an address names
spaces       The spaces of an index: the manifest of each, and who builds it
update       What a build does to a space, one generation after the other
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.store.milvus.copying import copy
    from assistant.store.milvus.index import MilvusIndex
    from assistant.store.milvus.keeper import Keeper

__all__ = ["Keeper", "MilvusIndex", "copy"]

__getattr__ = faces.lazily(
    __name__, {"copying": ["copy"], "index": ["MilvusIndex"], "keeper": ["Keeper"]}
)
