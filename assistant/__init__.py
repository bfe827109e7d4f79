"""A local question-answering assistant over Markdown notes, without a language model.

Example:
    >>> from assistant import Notes
    >>> with Notes.open("index") as notes:
    ...     answer = notes.ask("how do I free GPU memory")
    >>> print(answer.results[0].snippet)
"""

from __future__ import annotations

import importlib

# What type checkers take for true. Under `python -m assistant` the working folder may hold a
# typing.py until `__main__` has taken it off the path, and this module comes before that one.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from assistant.errors import AssistantError, NoteNotFoundError
    from assistant.indexing.freshness import Changes
    from assistant.indexing.up_to_date import Report
    from assistant.library.api import Notes
    from assistant.library.browse import Choices, EntryView, Point, Region
    from assistant.library.build_process import Counts
    from assistant.library.doctor import Checkup
    from assistant.library.status import Status
    from assistant.records import EntryHead, NoteSummary, Source, StoredEntry
    from assistant.results import Answer, Code, Filter, Result
    from assistant.search.similar import Pair, Similar

__all__ = [
    "Answer",
    "AssistantError",
    "Changes",
    "Checkup",
    "Choices",
    "Code",
    "Counts",
    "EntryHead",
    "EntryView",
    "Filter",
    "NoteNotFoundError",
    "NoteSummary",
    "Notes",
    "Pair",
    "Point",
    "Region",
    "Report",
    "Result",
    "Similar",
    "Source",
    "Status",
    "StoredEntry",
    "__version__",
]

__version__ = "0.1.0"

_MODULES = {
    "Answer": "results",
    "AssistantError": "errors",
    "Changes": "indexing",
    "Checkup": "library",
    "Choices": "library",
    "Code": "results",
    "Counts": "library",
    "EntryHead": "records",
    "EntryView": "library",
    "Filter": "results",
    "NoteNotFoundError": "errors",
    "NoteSummary": "records",
    "Notes": "library",
    "Pair": "search",
    "Point": "library",
    "Region": "library",
    "Report": "indexing",
    "Result": "results",
    "Similar": "search",
    "Source": "records",
    "Status": "library",
    "StoredEntry": "records",
}
"""Module of each public name; imported on first use, so that the command line starts fast."""


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
