"""Where the project lies, and what its programs are given that tests start."""

from __future__ import annotations

import os
from pathlib import Path

HELPERS = Path(__file__).parent
ROOT = HELPERS.parents[1]

ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(HELPERS)]),
}
"""For a program of this folder, or one that imports the package."""

SOAK = float(os.environ.get("SOAK", "60"))
"""Seconds that a test of `make soak` takes."""
