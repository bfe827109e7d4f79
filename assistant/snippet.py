"""What of an entry is shown: the passage, its best sentence, and the code beside it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from assistant import lexical
from assistant.chunk import block_parser
from assistant.records import Chunk, Code, Entry

LIMITS = (3000, 1500)
"""Characters of the first and second passage; the later ones have ``LATER_LIMIT``."""

LATER_LIMIT = 1000

SENTENCE = re.compile(
    r"[^\n.!?。！？]+(?:[.!?。！？]+(?=\s|$)|(?<=[。！？])|[.!?](?=\S))*[^\n.!?。！？]*"
)


def limit(rank: int) -> int:
    """Return the characters that the passage at a rank, from 1, may have."""
    return LIMITS[rank - 1] if rank <= len(LIMITS) else LATER_LIMIT


def passage(entry: Entry, windows: Sequence[Chunk], best: int, characters: int) -> tuple[int, int]:
    """Return the span of an entry to show: all of it, or the best window and what fits around it.

    Args:
        entry: The entry.
        windows: Its windows, in order.
        best: Position of the window that answers.
        characters: Length of the span at most.

    Returns:
        [start, end) in the entry's text, whole lines but where one line alone is too long.
    """
    low = high = best
    while windows[high].end - windows[low].start <= characters:
        start, end = windows[low].start, windows[high].end
        if high + 1 < len(windows) and windows[high + 1].end - start <= characters:
            high += 1
        elif low > 0 and end - windows[low - 1].start <= characters:
            low -= 1
        else:
            return start, end
    start = windows[best].start
    cut = entry.text.rfind("\n", start, start + characters + 1)
    return start, cut if cut > start else start + characters


def best_sentence(text: str, terms: Collection[str]) -> tuple[int, int]:
    """Return the sentence with most of a question's terms as [start, end); the first of equals."""
    best, most = (0, len(text)), -1
    for match in re.finditer(r"[^\n]+", text):
        words = set(lexical.terms(match[0]))
        shared = sum(term in words for term in terms)
        if shared > most and match[0].strip():
            best, most = match.span(), shared
    return best


def code_blocks(entry: Entry, near: int) -> tuple[Code, ...]:
    """Return the fenced blocks of an entry, the one nearest to an offset first."""
    line = entry.text.count("\n", 0, near)
    found = [
        (
            max(t.map[0] - line, line - t.map[1] + 1, 0),
            t.map[0],
            Code(t.info.split(" ")[0], t.content),
        )
        for t in block_parser().parse(entry.text)
        if t.type == "fence" and t.map
    ]
    return tuple(code for _, _, code in sorted(found, key=lambda item: item[:2]))
