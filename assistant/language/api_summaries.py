"""What the functions and classes that a heading names are for, in words.

An entry such as ``torch.topk()`` is often all code, and a question for "the two highest scores"
shares no word with it. What the library itself says of the name is read with the heading path when
the entry is embedded; it is never shown. The table comes from docstrings, see
``scripts/api_summaries.py``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from assistant.language import english

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


_PYTHON = re.compile(
    r"^[ \t>]*(?:"
    r"(?:```+|~~~+)[ \t]*\{?\.?(?:python[23]?|py[23]?|pycon|ipython[23]?|pytb)\b"
    r"|>>> \S"
    r"|(?:import|from)[ ]([a-z]\w*)(?:[.]\w+)*(?:[ ]as[ ]\w+|[ ]import[ ].+)?[ \t]*(?:\#.*)?$"
    r")",
    re.MULTILINE | re.IGNORECASE | re.ASCII,
)
"""A line that tells of Python; of an import, the library at its root."""


def tells_of_python(texts: Iterable[str]) -> bool:
    """Return whether a note shows Python: a fence that says so, an import, or a prompt.

    Args:
        texts: Its Markdown, whole or in parts. A line of it is looked at alone: an import in a text
            that is no code tells of Python as well.
    """
    return any(
        match[1] is None or match[1] in _libraries() or match[1] in sys.stdlib_module_names
        for text in texts
        for match in _PYTHON.finditer(text)
    )


def summaries(heading: str, in_python: bool = True) -> list[str]:
    """Return what the first names of a heading are for, as far as they are known.

    A name is what has a dot or an underscore in it, a capital inside it, or a bracket behind it,
    and any other word that is no English one, such as ``argmax``.

    Args:
        heading: The heading.
        in_python: Whether its note tells of Python. Elsewhere ``open()`` or ``run_script`` is
            another language's, and only a name behind its library's is known.
    """
    found = (_summary(name) for name in _names(heading) if in_python or _has_library(name))
    return list(dict.fromkeys(said for said in found if said))[:MOST]


def explained(
    context: str,
    headings: Sequence[str],
    in_python: bool,
    count: Callable[[Sequence[str]], list[int]],
    room: int,
) -> str:
    """Return a heading path with summaries of the names in its last heading behind it.

    Args:
        context: From ``chunks.heading_context``.
        headings: Outermost first.
        in_python: Whether the note tells of Python, from ``tells_of_python``.
        count: Word pieces of texts.
        room: Word pieces that the summaries may take; those that do not fit are left out.
    """
    said = summaries(headings[-1], in_python) if context and headings else []
    while said:
        line = f"{context} ({'; '.join(said)})"
        before, after = count([context, line])
        if after - before <= room:
            return line
        said.pop()
    return context


def _names(heading: str) -> Iterator[str]:
    """Yield the names of a heading in order, see ``summaries``."""
    for match in _NAME.finditer(heading):
        name, called = match[0], heading.startswith("(", match.end())
        if (
            called
            or not name[1:].islower()
            or not name.isalpha()
            or not english.is_word(name.lower())
        ):
            yield name


def _summary(name: str) -> str:
    """Return the summary of a name, empty when it is not known.

    One whose library is named is looked for there alone; any other is the first of that name.
    """
    root, dot, rest = _unshortened(name)
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


def _unshortened(name: str) -> tuple[str, str, str]:
    """Return a name before and behind its first dot, the library under its own name."""
    root, dot, rest = name.partition(".")
    return _IMPORTED_AS.get(root, root) if dot else root, dot, rest


def _has_library(name: str) -> bool:
    """Return whether a name says which library it is of."""
    root, dot, _ = _unshortened(name)
    return bool(dot) and root.partition(".")[0] in _libraries()


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
