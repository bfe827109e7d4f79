"""``Notes``, the one door, and what it takes to keep an index fresh.

api            The public interface: notes, opened once, that answer questions and follow edits
browse         What the index holds, for those who read without asking: notes, headings, entries
build_process  A build in a process of its own
completion     What a word that is being typed may become: notes, folders, lines by heading, tags
doctor         Whether all that a build and a question need is there and whole
limits         What narrows a question: checked, and notes named as everywhere else
open_index     An index held open with its model: one state at a time, for one thread at a time
reading        What the index holds, read without asking
refresh        Keep an index fresh: build it, and take in what changed, when that is quick
sources        Which notes an index is of: those named for a build, those of the settings, its own
status         What the index holds and how far it is behind the notes
watcher        Rebuild the index on every save: wait for changes below the notes folders
trial          Another model tried on the same notes, and taken, and back
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.library import trial
    from assistant.library.api import Notes
    from assistant.library.browse import (
        BEGINNING,
        Choices,
        EntryView,
        Point,
        Region,
        heading_of,
        text_of,
    )
    from assistant.library.build_process import Counts
    from assistant.library.completion import Wanted
    from assistant.library.doctor import Checkup
    from assistant.library.sources import copy, of_given
    from assistant.library.status import Status, languages_line

__all__ = [
    "BEGINNING",
    "Checkup",
    "Choices",
    "Counts",
    "EntryView",
    "Notes",
    "Point",
    "Region",
    "Status",
    "Wanted",
    "copy",
    "heading_of",
    "languages_line",
    "of_given",
    "text_of",
    "trial",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "api": ["Notes"],
        "browse": ["BEGINNING", "Choices", "EntryView", "Point", "Region", "heading_of", "text_of"],
        "build_process": ["Counts"],
        "completion": ["Wanted"],
        "doctor": ["Checkup"],
        "sources": ["copy", "of_given"],
        "status": ["Status", "languages_line"],
    },
    modules=("trial",),
)
