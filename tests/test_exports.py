"""What ``import assistant`` offers."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import assistant


def test_all_is_the_public_namespace() -> None:
    """In a fresh process ``__all__`` names everything the package holds, but for modules' own."""
    program = "import assistant; print(*vars(assistant))"
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    own = {"__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__name__"}
    own |= {"__package__", "__path__", "__spec__", "__all__"}

    assert sorted(set(shown) - own) == sorted(assistant.__all__)


def test_the_version_is_the_installed_one() -> None:
    """The package and its metadata tell the same version."""
    assert assistant.__version__ == importlib.metadata.version("notes-assistant")
