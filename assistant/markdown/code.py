"""The code of an entry. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right

from assistant.markdown.leaf_blocks import leaves, line_starts
from assistant.records import Entry, Span
from assistant.results import Code

_LANGUAGE = re.compile(r"[\s{.]*([\w+#.-]*)")


def language_of(info: str) -> str:
    """Return the language that a fence names, as in ``python`` or ``{.python .numberLines}``."""
    found = _LANGUAGE.match(info)
    return found[1] if found else ""


def code_blocks(entry: Entry, near: Span) -> tuple[Code, ...]:
    """Return the fenced and the indented blocks of an entry, the one nearest to a span first.

    Args:
        entry: The entry.
        near: The best sentence, in the entry's text. Of two blocks equally near the later one is
            taken, since notes announce their code before they show it.
    """
    starts = line_starts(entry.text)
    first, last = (bisect_right(starts, at) - 1 for at in (near[0], max(near[0], near[1] - 1)))
    found = [
        (max(leaf.first - last, first - leaf.after + 1, 0), -leaf.first, leaf)
        for leaf in leaves(entry.text)
        if leaf.kind in ("fence", "code")
    ]
    return tuple(
        Code(language_of(leaf.info), leaf.content)
        for _, _, leaf in sorted(found, key=lambda item: item[:2])
    )
