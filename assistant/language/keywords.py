"""The words that tell groups of texts apart. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from assistant.language import analyzer

MOST = 3
"""Words that a group is called by."""

SHORTEST = 3
"""Letters of a word; one in an unspaced script has two characters."""

LONGEST = 24
"""Characters of a word; what is longer is a path, or a name of its own."""


def keywords(groups: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the words that each group of texts is known by, best first; some may have none.

    By class-based tf-idf (Grootendorst 2022): a word counts by how many texts of the group have it,
    and less the more texts of all groups do. Words of one stem are one word, as it stands most.
    """
    counts: list[Counter[str]] = []
    forms: dict[str, Counter[str]] = {}
    for texts in groups:
        count: Counter[str] = Counter()
        for text in texts:
            words = {word for word in analyzer.terms(text) if _tells(word)}
            stems = {analyzer.stem(word) for word in words}
            count.update(stems)
            for word in words:
                forms.setdefault(analyzer.stem(word), Counter())[word] += 1
        counts.append(count)
    everywhere: Counter[str] = sum(counts, Counter())
    average = everywhere.total() / max(len(groups), 1)
    called = {
        stem: min(found, key=lambda word: (-found[word], word)) for stem, found in forms.items()
    }
    return [
        _best(
            {
                called[stem]: times * math.log1p(average / everywhere[stem])
                for stem, times in count.items()
                if times > 1 or len(texts) == 1
            }
        )
        for count, texts in zip(counts, groups, strict=True)
    ]


def _tells(word: str) -> bool:
    """Return whether a word may say what a text is about."""
    if word in analyzer.STOP_WORDS or word.isdigit() or len(word) > LONGEST:
        return False
    return len(word) >= SHORTEST or (len(word) > 1 and not word.isascii())


def _best(worth: dict[str, float]) -> list[str]:
    """Return the words of the highest worth, none of which holds another."""
    found: list[str] = []
    for word in sorted(worth, key=lambda word: (-worth[word], word)):
        if not any(word in other or other in word for other in found):
            found.append(word)
        if len(found) == MOST:
            break
    return found
