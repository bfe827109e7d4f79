"""Folders and files to text: which notes there are, and what each says.

dates         Dates as people write them, to days of ISO 8601
encodings     Bytes to text: UTF-8, UTF-16, else what they surely are in
front_matter  Front matter: what the blocks at the top of a note say
git_config    What the user has git ignore everywhere
ignore        Which notes are passed over: patterns as in ``.gitignore``
listing       Notes on disk: which files there are, the text of each, and what was skipped and why
metadata      Where a note says what it is: YAML, TOML, JSON, headers, properties of a page
repository    What git ignores beside the ignore files below a notes folder
scan          What lies below a notes folder: its notes, and what is passed over and why
wildmatch     Names of files against patterns with ``*``, ``**``, ``?`` and ``[...]``
yaml_fields   YAML to fields: as a whole or, where that is broken, key by key
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.notes import ignore
    from assistant.notes.dates import DATE_ORDERS
    from assistant.notes.listing import absolute, below, is_markdown, read, tells_of_notes, walk
    from assistant.notes.scan import LEFT_OUT, OTHER_ENDINGS

__all__ = [
    "DATE_ORDERS",
    "LEFT_OUT",
    "OTHER_ENDINGS",
    "absolute",
    "below",
    "ignore",
    "is_markdown",
    "read",
    "tells_of_notes",
    "walk",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "dates": ["DATE_ORDERS"],
        "scan": ["LEFT_OUT", "OTHER_ENDINGS"],
        "listing": ["absolute", "below", "is_markdown", "read", "tells_of_notes", "walk"],
    },
    modules=("ignore",),
)
