"""A question to its ranked candidates.

filters   Which chunks a question may be answered from: by note, tag, date and language
fusion    The scores of several searches to one score
locate    ``NOTE`` and ``NOTE:LINE``, as users write them
searcher  A question to its ranked chunks: the searches over an open index, and their fusion
similar   Entries that are close in meaning: those nearest to one, and pairs that say the same
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.search import filters, locate, similar
    from assistant.search.fusion import scaled
    from assistant.search.searcher import Candidate, Query, Searcher, best_of_entries
    from assistant.search.similar import Pair, Similar

__all__ = [
    "Candidate",
    "Pair",
    "Query",
    "Searcher",
    "Similar",
    "best_of_entries",
    "filters",
    "locate",
    "scaled",
    "similar",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "fusion": ["scaled"],
        "searcher": ["Candidate", "Query", "Searcher", "best_of_entries"],
        "similar": ["Pair", "Similar"],
    },
    modules=("filters", "locate", "similar"),
)
