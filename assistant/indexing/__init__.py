"""Builds: what changed since the last one, and how it comes into the index.

build            Bring the index up to date: only what changed is read, cut and embedded
embedder         Entries to chunks, and chunks to what the index keeps of them
freshness        Which notes changed since the index was built, told by sizes and times
mapping          The map of the notes, as a build draws it
meaning          Texts to vectors: at once while that is short, else in rounds
multilingual     Have notes in other languages read by the encoder of those
naming           What a note is called, and which of its entries have to say so
pace             How fast this machine embeds, and how much it may embed by the way
plan             What a build has to do: notes that are new or changed, read and cut
scope            Which notes the encoder of other languages is to read
shared_headings  Which headings several notes have: there, an entry names its note
up_to_date       Whether a build has anything to do, told without importing what builds
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.indexing import build, freshness, scope, up_to_date
    from assistant.indexing.build import Until
    from assistant.indexing.freshness import Changes, Look
    from assistant.indexing.plan import Progress
    from assistant.indexing.up_to_date import Report

__all__ = [
    "Changes",
    "Look",
    "Progress",
    "Report",
    "Until",
    "build",
    "freshness",
    "scope",
    "up_to_date",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "build": ["Until"],
        "freshness": ["Changes", "Look"],
        "plan": ["Progress"],
        "up_to_date": ["Report"],
    },
    modules=("build", "freshness", "scope", "up_to_date"),
)
