"""The index on disk; only this package speaks SQL, FTS5 and FAISS.

catalog       What an index holds, read without asking it a question: notes, entries, chunks
connection    The database of an index: how it is opened, and how it fails
engine        What searches the chunks of an index: the interface that an engine keeps to
files         The files of an index folder: their names, who may read them
index         An index by its folder: views of it, a check, a copy
lock          The lock of an index folder: one process writes at a time
manifest      The manifest of an index: what it was made of, by which model
provenance    Whether it was the user who named the notes that an index says it is of
reader        The index on disk: one SQLite database
schema        What a database may do that anybody may have written
tables        The tables of an index, and the sums of their rows
writer        The one writer of the index: what a build does to the tables, in one transaction
local         The engine that lies in the index folder itself: FTS5 and FAISS
repair        What is done about an index that a disk or somebody else changed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.store import files, provenance
    from assistant.store.connection import damaged, unwritable
    from assistant.store.index import Index
    from assistant.store.lock import writer_lock
    from assistant.store.manifest import Manifest, Named, last_named, last_sources
    from assistant.store.reader import Reader
    from assistant.store.repair import (
        Finding,
        full_text_search,
        integrity,
        open_writer,
        started_over,
    )
    from assistant.store.writer import EmbeddedText, Window, Writer

__all__ = [
    "EmbeddedText",
    "Finding",
    "Index",
    "Manifest",
    "Named",
    "Reader",
    "Window",
    "Writer",
    "damaged",
    "files",
    "full_text_search",
    "integrity",
    "last_named",
    "last_sources",
    "open_writer",
    "provenance",
    "started_over",
    "unwritable",
    "writer_lock",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "connection": ["damaged", "unwritable"],
        "index": ["Index"],
        "lock": ["writer_lock"],
        "manifest": ["Manifest", "Named", "last_named", "last_sources"],
        "reader": ["Reader"],
        "repair": ["Finding", "full_text_search", "integrity", "open_writer", "started_over"],
        "writer": ["EmbeddedText", "Window", "Writer"],
    },
    modules=("files", "provenance"),
)
