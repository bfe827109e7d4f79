"""The index on disk; only this package speaks SQL, FTS5 and FAISS.

catalog       What an index holds, read without asking it a question: notes, entries, chunks
connection    The database of an index: how it is opened, and how it fails
engine        What searches the chunks of an index: the interface that an engine keeps to
files         The files of an index folder: their names, who may read them, the lock
index         An index by its folder: its snapshots and updates, a check, a copy
manifest      The manifest of an index: what it was made of, by which model
provenance    Whether it was the user who named the notes that an index says it is of
schema        What a database may do that anybody may have written
snapshot      One consistent view of an index: what it returns belongs to one generation
tables        The tables of an index, and the sums of their rows
texts         What the model made of texts: kept, so that no text is embedded twice
update        What a build does to the tables of an index, in one transaction
local         The engine that lies in the index folder itself: FTS5 and FAISS
milvus        An index on a Milvus server, which many share
repair        What is done about an index that a disk or somebody else changed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.store import files, provenance
    from assistant.store.connection import damaged
    from assistant.store.index import Index, copy, index_at
    from assistant.store.local import multilingual
    from assistant.store.manifest import Manifest, Multilingual, Named, last_named, last_sources
    from assistant.store.repair import Finding, full_text_search, integrity
    from assistant.store.snapshot import Snapshot
    from assistant.store.texts import EmbeddedText, Keep
    from assistant.store.update import NewChunk, Update

__all__ = [
    "EmbeddedText",
    "Finding",
    "Index",
    "Keep",
    "Manifest",
    "Multilingual",
    "Named",
    "NewChunk",
    "Snapshot",
    "Update",
    "copy",
    "damaged",
    "files",
    "full_text_search",
    "index_at",
    "integrity",
    "last_named",
    "last_sources",
    "multilingual",
    "provenance",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "connection": ["damaged"],
        "index": ["Index", "copy", "index_at"],
        "local": ["multilingual"],
        "manifest": ["Manifest", "Multilingual", "Named", "last_named", "last_sources"],
        "repair": ["Finding", "full_text_search", "integrity"],
        "snapshot": ["Snapshot"],
        "texts": ["EmbeddedText", "Keep"],
        "update": ["NewChunk", "Update"],
    },
    modules=("files", "provenance"),
)
