"""What ``import assistant`` offers."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import assistant
from assistant.library.api import Notes

PARTS = {path.stem for path in Path(assistant.__file__).parent.iterdir()}
"""The packages and modules that are imported along."""

USUAL = {"Any", "Iterator", "None", "Path", "Self"}
"""Types of Python's own."""

OWN = {"TYPE_CHECKING", "annotations", "importlib"}
"""What the module needs for itself."""


def test_all_is_the_public_namespace() -> None:
    """``__all__`` names what a fresh process finds in the package, and each name is there."""
    program = (
        "import assistant; names = [getattr(assistant, n).__name__ for n in assistant.__all__"
        " if n != '__version__']; print(*names, *vars(assistant), *assistant._MODULES)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    public = {name for name in shown if not name.startswith("_")} - OWN - PARTS

    assert sorted({*public, "__version__"}) == sorted(assistant.__all__)


def test_what_notes_return_is_offered() -> None:
    """Every record that a method or attribute of ``Notes`` gives is a name of the package."""
    named = [
        word
        for kind in Notes.__mro__[:-1]
        for name, member in vars(kind).items()
        if not name.startswith("_")
        for function in [getattr(member, "fget", None) or getattr(member, "__func__", member)]
        for word in re.findall(r"[A-Z]\w+", function.__annotations__["return"])
    ]
    assert {"Answer", "Similar"} <= {*named}
    assert [word for word in named if word not in {*assistant.__all__, *USUAL}] == []


def test_the_version_is_the_installed_one() -> None:
    """The package and its metadata tell the same version."""
    assert assistant.__version__ == importlib.metadata.version("notes-assistant")
