"""Our own programs in processes of their own, which import nothing of the folder they run in.

`python -c` and `python -m` put the working folder first on the path, so that a file `json.py`
beside the notes would run. What such a process sees is the environment that the user gave this one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PACKAGES = Path(__file__).parents[1]
"""The folder that this package lies in; it need not be installed."""

_kept: dict[str, str] | None = None


def keep_environment() -> None:
    """Give later processes the environment as it is now, whatever a library adds to it."""
    global _kept  # there is one environment in a process
    _kept = dict(os.environ)


def command(*arguments: str) -> list[str]:
    """Return the command that runs this Python without the working folder on its path."""
    return [sys.executable, "-P", *arguments]


def environment(known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables for a process of ours, under which its own children are safe as well.

    Args:
        known: The variables to begin with; those that were kept, else today's, unless given.
    """
    if known is None:
        known = os.environ if _kept is None else _kept
    paths = [str(PACKAGES), known.get("PYTHONPATH", "")]
    return {**known, "PYTHONPATH": fixed_paths(os.pathsep.join(paths)), "PYTHONSAFEPATH": "1"}


@contextmanager
def safe_children() -> Iterator[None]:
    """Keep the working folder off the path of the Pythons that libraries start meanwhile."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


def fixed_paths(paths: str) -> str:
    """Return a value of PYTHONPATH without the parts that mean the working folder.

    Empty ones do, as `PYTHONPATH=$PYTHONPATH:...` often leaves them, and relative ones.
    """
    return os.pathsep.join(path for path in paths.split(os.pathsep) if Path(path).is_absolute())
