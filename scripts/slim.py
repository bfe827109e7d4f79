"""Say what a slim installation needs, for `make lock`: one requirement a line.

    python scripts/slim.py base        what asks and builds
    python scripts/slim.py page        that, and the page
    python scripts/slim.py overrides   what these would bring along, and never import

The requirements are those of pyproject.toml, without the parts that `assistant.left_out` names.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from assistant import left_out

PROJECT = Path(__file__).parents[1] / "pyproject.toml"

BUILDER = "setuptools>=77"
"""Installs the project itself after the lock, without a network."""

UNUSED = (
    "huggingface-hub",  # of tokenizers, which fetches nothing here
    "sentence-transformers",  # of the package that carries the default model
    "altair",  # of Streamlit, for charts,
    "pandas",  # for tables,
    "pillow",  # for pictures,
    "pydeck",  # for maps of the earth
    "pyarrow",  # and for what goes to the browser of these
)


def requirements(*without: left_out.Part) -> Iterator[str]:
    """Yield the project's requirements without those that some parts alone need."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    names = {name for part in without for name in part.packages}
    for line in project["dependencies"]:
        if re.split(r"[^\w.-]", line)[0] not in names:
            yield line
    yield BUILDER


def main() -> None:
    """Print what is asked for."""
    lines = {
        "base": list(requirements(left_out.MODELS, left_out.PAGE)),
        "page": list(requirements(left_out.MODELS)),
        "overrides": [f"{name} ; python_version < '3'" for name in UNUSED],
    }
    sys.stdout.write("\n".join(lines[sys.argv[1]]) + "\n")


if __name__ == "__main__":
    main()
