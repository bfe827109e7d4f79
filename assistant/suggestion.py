"""What was probably meant by a name that is none."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the name most like another; empty when there are none."""
    import difflib  # which what goes well does without

    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0)), "")
