"""A question to its ranked candidates.

dates       Dates in a question, and whether a note or a heading is of one of them
filters     Which chunks a question may be answered from: by note, tag, date and language
fusion      The scores of several searches to one score
legibility  How little of a question a model can read
locate      ``NOTE`` and ``NOTE:LINE``, as users write them
names       How well a question names a note: by its title, its aliases or the name of its file
numbers     Numbers and signs of a question, which headings are found by to the letter
searcher    A question to its ranked chunks: the searches over an open index, and their fusion
signs       What speaks for a chunk beside the searches: names, dates, numbers, words held
similar     Entries that are close in meaning: those nearest to one, and pairs that say the same
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
