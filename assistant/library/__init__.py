"""``Notes``, the one door, and what it takes to keep an index fresh.

api            The public interface: notes, opened once, that answer questions and follow edits
browse         What the index holds, for those who read without asking: notes, headings, entries
build_process  A build in a process of its own
doctor         Whether all that a build and a question need is there and whole
session        What the command line and the page do alike: find the notes of an index
status         What the index holds and how far it is behind the notes
watcher        Rebuild the index on every save: wait for changes below the notes folders
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.library import browse, build_process, session
    from assistant.library.api import Notes
    from assistant.library.browse import BEGINNING, Point
    from assistant.library.doctor import Checkup, examine
    from assistant.library.session import sources_of
    from assistant.library.status import Status
    from assistant.library.watcher import watch

__all__ = [
    "BEGINNING",
    "Checkup",
    "Notes",
    "Point",
    "Status",
    "browse",
    "build_process",
    "examine",
    "session",
    "sources_of",
    "watch",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "api": ["Notes"],
        "browse": ["BEGINNING", "Point"],
        "doctor": ["Checkup", "examine"],
        "session": ["sources_of"],
        "status": ["Status"],
        "watcher": ["watch"],
    },
    modules=("browse", "build_process", "session"),
)
