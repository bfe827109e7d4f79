"""Folders and files to text: which notes there are, and what each says.

dates         Dates as people write them, to days of ISO 8601
front_matter  Front matter: what the YAML block at the top of a note says
git_config    What the user has git ignore everywhere
ignore        Which notes are passed over: patterns as in ``.gitignore``
listing       Notes on disk: which files there are, the text of each, and what was skipped and why
wildmatch     Names of files against patterns with ``*``, ``**``, ``?`` and ``[...]``
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.notes import ignore
    from assistant.notes.listing import absolute, below, is_markdown, read, tells_of_notes, walk

__all__ = ["absolute", "below", "ignore", "is_markdown", "read", "tells_of_notes", "walk"]

__getattr__ = faces.lazily(
    __name__,
    {
        "listing": ["absolute", "below", "is_markdown", "read", "tells_of_notes", "walk"],
    },
    modules=("ignore",),
)
