"""What the functions and classes that a heading names are for, in words.

An entry such as ``torch.topk()`` is often all code, and a question for "the two highest scores"
shares no word with it. What the library itself says of the name is read with the heading path when
the entry is embedded; it is never shown. The table comes from docstrings, see
``scripts/api_summaries.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

MOST = 2
"""Names of a heading that are explained."""

_TABLE = Path(__file__).with_name("data") / "apis.tsv"

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", re.ASCII)

_IMPORTED_AS = {
    "F": "torch.nn.functional",
    "Image": "PIL.Image",
    "nn": "torch.nn",
    "np": "numpy",
    "optim": "torch.optim",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "sns": "seaborn",
}
"""Short names that the libraries' own documents import them by."""


def summaries(heading: str, has_word: Callable[[str], bool]) -> list[str]:
    """Return what the first names of a heading are for, as far as they are known.

    A name is what has a dot or an underscore in it, a capital inside it, or a bracket behind it,
    and any other word that the model does not know, such as ``argmax``.

    Args:
        heading: The heading.
        has_word: Whether the model knows a lower-case word.
    """
    found = (_summary(name) for name in _names(heading, has_word))
    return list(dict.fromkeys(said for said in found if said))[:MOST]


def explained(
    context: str,
    headings: Sequence[str],
    count: Callable[[Sequence[str]], list[int]],
    has_word: Callable[[str], bool],
    room: int,
) -> str:
    """Return a heading path with summaries of the names in its last heading behind it.

    Args:
        context: From ``chunks.heading_context``.
        headings: Outermost first.
        count: Word pieces of texts.
        has_word: Whether the model knows a lower-case word.
        room: Word pieces that the summaries may take; those that do not fit are left out.
    """
    said = summaries(headings[-1], has_word) if context and headings else []
    while said:
        line = f"{context} ({'; '.join(said)})"
        before, after = count([context, line])
        if after - before <= room:
            return line
        said.pop()
    return context


def _names(heading: str, has_word: Callable[[str], bool]) -> Iterator[str]:
    """Yield the names of a heading in order, see ``summaries``."""
    for match in _NAME.finditer(heading):
        name, called = match[0], heading.startswith("(", match.end())
        if called or not name[1:].islower() or not name.isalpha() or not has_word(name.lower()):
            yield name


def _summary(name: str) -> str:
    """Return the summary of a name, empty when it is not known.

    One whose library is named is looked for there alone; any other is the first of that name.
    """
    root, dot, rest = name.partition(".")
    root = _IMPORTED_AS.get(root, root) if dot else root
    full, by_last = _table()
    whole = f"{root}{dot}{rest}"
    if whole in full:
        return full[whole]
    library, last = root.partition(".")[0], name.rpartition(".")[2]
    same = by_last.get(last, [])
    ours = [known for known in same if known.startswith(f"{library}.")]
    if dot and library in _libraries():
        same = ours
    return full[same[0]] if same and len(last) > 2 else ""


@cache
def _libraries() -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in _table()[0] if "." in name)


@cache
def _table() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return summaries by full name, and full names by their last part, in the table's order."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    full = dict(line.split("\t", 1) for line in lines if not line.startswith("#"))
    by_last: dict[str, list[str]] = {}
    for name in full:
        by_last.setdefault(name.rpartition(".")[2], []).append(name)
    return full, by_last
