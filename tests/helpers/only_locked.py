"""Runs a program as if nothing but the packages of a lock were installed.

python only_locked.py LOCK PROGRAM ARGUMENT...
"""

from __future__ import annotations

import importlib.metadata
import re
import runpy
import sys
from pathlib import Path

PROJECT = "notes-assistant"


def hide_all_but(lock: Path) -> None:
    """Let the import of every module fail that is of a package which the lock does not hold."""
    locked = re.findall(r"^([\w.-]+)==", lock.read_text("utf-8"), re.MULTILINE)
    known = {_normal(name) for name in (PROJECT, *locked)}
    for module, packages in importlib.metadata.packages_distributions().items():
        if not known & {_normal(name) for name in packages}:
            sys.modules[module] = None  # type: ignore[assignment] # as the import system has it


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    hide_all_but(Path(sys.argv[1]))
    sys.argv = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")
