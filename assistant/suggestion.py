"""What was probably meant by a name that is none."""

from __future__ import annotations

from collections.abc import Iterable

ALIKE = 0.6
"""Share of two names, in 0..1, from which one may have been meant by the other: as Python's own."""


def nearest(name: str, known: Iterable[str], alike: float = ALIKE) -> str:
    """Return the name most like another, case aside; empty when none is like it.

    Args:
        name: What was written.
        known: What could have been meant.
        alike: Least share in common, in 0..1.
    """
    import difflib  # which what goes well does without

    folded = {one.casefold(): one for one in known}
    found = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=alike)
    return folded[found[0]] if found else ""
