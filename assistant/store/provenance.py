"""Whether it was the user who named the notes that an index says it is of.

An index may come from anywhere: cloned, synced, copied, made up. If its own word counted, a
question would read whatever folder it names, and write what is there into it. So each user has a
key, in the folder for the user's data, and a build puts a mark into the manifest that nobody makes
without it: over the place of the index and the notes that the build was told to take. The mark is
committed with what it speaks for, needs no list of indexes, and does not move to another folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant import disk
from assistant.engine_address import IndexPlace
from assistant.records import Source
from assistant.store import files
from assistant.user_folders import data_folder

KEY = "key"
"""Name of the key's file."""

KEY_BYTES = 32

_LATER: Mapping[str, object] = {"left_out": None, "endings": (), "date_order": ""}
"""Fields of sources that they did not always have, and what they had been."""


def mark(place: IndexPlace, sources: Sequence[Source]) -> str:
    """Return the user's mark for an index at a place that is of some notes, hexadecimal.

    It is empty where no key can be kept; then nobody can tell later who named the notes.

    Args:
        place: The index folder, or its address.
        sources: Absolute.
    """
    key = _key() or _new_key()
    return _mark(key, place, sources) if key else ""


def is_marked(place: IndexPlace, sources: Sequence[Source], found: str) -> bool:
    """Return whether a mark is the user's own, for the same folders at the same places as then."""
    key = _key() if found else b""
    return bool(key) and found == _mark(key, place, sources)


def _mark(key: bytes, place: IndexPlace, sources: Sequence[Source]) -> str:
    # A notes folder that has become a link to another one is not what the user named.
    places = [os.path.realpath(source.path) for source in sources]
    at = os.path.realpath(place) if isinstance(place, Path) else str(place.of_space(place.space))
    places.insert(0, at)
    said = json.dumps([places, [_said(source) for source in sources]], default=str)
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), key=key).hexdigest()


def _said(source: Source) -> dict[str, Any]:
    """Return what a mark says of a source: marks of before there were some fields stay good."""
    fields = asdict(source)
    return {
        name: value for name, value in fields.items() if name not in _LATER or value != _LATER[name]
    }


def _key() -> bytes:
    """Return the user's key; empty if there is none, or none that could be one."""
    with suppress(OSError):
        key, _ = disk.read_bytes(data_folder() / KEY, KEY_BYTES)
        return key if len(key) == KEY_BYTES else b""
    return b""


def _new_key() -> bytes:
    """Make the key, and return it; where another process does so too, both return the same."""
    file = data_folder() / KEY
    beside = file.with_name(f"{KEY}.{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with files.create(beside) as opened:
                opened.write(os.urandom(KEY_BYTES))
                opened.flush()
                os.fsync(opened.fileno())
            _put(beside, file)
        finally:
            beside.unlink(missing_ok=True)
    return _key()


def _put(beside: Path, file: Path) -> None:
    """Give a file its name, unless a key has it by now."""
    try:
        file.hardlink_to(beside)  # which, unlike a renaming, takes no other's place
    except OSError:  # there is one, or the file system knows no second names
        if not _key():
            beside.replace(file)
