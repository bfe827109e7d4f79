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
    from assistant.errors import AssistantError
    from assistant.library.api import Notes
    from assistant.records import Answer, Code, NoteSummary, Result

__all__ = ["Answer", "AssistantError", "Code", "NoteSummary", "Notes", "Result", "__version__"]

__version__ = "0.1.0"

_MODULES = {
    "Answer": "records",
    "AssistantError": "errors",
    "Code": "records",
    "NoteSummary": "records",
    "Notes": "library",
    "Result": "records",
}
"""Module of each public name; imported on first use, so that the command line starts fast."""


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
