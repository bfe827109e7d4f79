"""A question to its ranked candidates.

calendar_words  Words that mean days: ordinals, "last week", "on Friday", "in June"
dates           Dates in a question, and whether a note or a heading is of one of them
filters         Which chunks a question may be answered from: by note, tag, date and language
fusion          The scores of several searches to one score
legibility      How little of a question a model can read
locate          ``NOTE`` and ``NOTE:LINE``, as users write them
names           How well a question names a note: by its title, its aliases or the name of its file
numbers         Numbers and signs of a question, which headings are found by to the letter
searcher        A question to its ranked chunks: the searches over an open index, and their fusion
sides           What one encoder makes of a question and the chunks that compete for it
signs           What speaks for and against a chunk beside the searches: names, dates, numbers
similar         Entries that are close in meaning: those nearest to one, and pairs that say the same
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.search import dates, filters, locate, similar
    from assistant.search.fusion import scaled
    from assistant.search.searcher import Candidate, Query, Searcher, best_of_entries
    from assistant.search.sides import OF_MODEL
    from assistant.search.similar import Pair, Similar

__all__ = [
    "OF_MODEL",
    "Candidate",
    "Pair",
    "Query",
    "Searcher",
    "Similar",
    "best_of_entries",
    "dates",
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
        "sides": ["OF_MODEL"],
        "similar": ["Pair", "Similar"],
    },
    modules=("dates", "filters", "locate", "similar"),
)
