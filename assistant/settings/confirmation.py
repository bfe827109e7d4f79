"""The settings files that the user made or has looked at, as direnv and mise keep them.

A settings file that is found in the working folder, or above it, may be somebody else's. What it
decides counts as the user's own word once `assistant init` has written it there, or the user has
confirmed it by `assistant config --trust`, and until it decides something else.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant import private_file
from assistant.user_folders import data_folder

HARMLESS = ("results", "color")
"""Settings that anybody may choose: how many passages are shown, and how."""


def record_of(file: Path) -> Path:
    """Return where it is written down what a settings file decides that is the user's own."""
    name = hashlib.blake2b(_place(file).encode("utf-8", "surrogateescape"), digest_size=16)
    return data_folder() / "settings" / name.hexdigest()


def is_confirmed(file: Path, values: Mapping[str, Any]) -> bool:
    """Return whether a settings file decides what the user made or confirmed, and no more."""
    return private_file.read(record_of(file)) == _digest(file, values)


def confirm(file: Path, values: Mapping[str, Any]) -> None:
    """Write down that what a settings file decides is the user's own word.

    Raises:
        OSError: It cannot be written down.
    """
    private_file.write(record_of(file), _digest(file, values))


def _digest(file: Path, values: Mapping[str, Any]) -> str:
    decided = {name: value for name, value in values.items() if name not in HARMLESS}
    said = json.dumps([_place(file), decided], sort_keys=True, default=str)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _place(file: Path) -> str:
    """Return the path of a settings file, in one spelling; what it is a link to may change."""
    return os.path.join(os.path.realpath(file.parent), file.name)  # noqa: PTH118 # text all along
