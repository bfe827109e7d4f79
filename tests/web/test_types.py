"""The types of the page's scripts, which stand in their comments, hold."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from assistant import web

STATIC = Path(web.__file__).parent / "static"

OPTIONS = (
    "--noEmit --allowJs --checkJs --strict --target es2022 --module es2022"
    " --lib es2022,dom,dom.iterable"
).split()


@pytest.mark.skipif(
    shutil.which("tsc") is None, reason="tsc is not installed: apt-get install node-typescript"
)
def test_scripts_are_well_typed() -> None:
    """TypeScript finds nothing wrong in any of them, as strict as it is."""
    scripts = sorted(STATIC.glob("*.js"))
    ran = subprocess.run(
        ["tsc", *OPTIONS, *map(str, scripts)], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout
    assert len(scripts) == 5


def test_every_script_asks_to_be_checked() -> None:
    """So that an editor shows the same while one writes."""
    for script in STATIC.glob("*.js"):
        assert script.read_text("utf-8").startswith("// @ts-check\n"), script.name
