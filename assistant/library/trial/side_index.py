"""The index beside the one in use: of the same notes, by another model.

It lies in the folder for the user's data, named by where the index in use lies, so that nothing is
written beside notes that a stranger made, and cleaning a cache takes no way back.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from assistant import embedding, store
from assistant.errors import IndexUnusableError, UsageError
from assistant.indexing import Progress, Report
from assistant.library import refresh
from assistant.library import sources as of_index
from assistant.settings import Settings
from assistant.user_folders import data_folder

SIDE, BEFORE = "index", "before"
"""Folders of the index that is tried, and of the one that it took the place of."""


def folder_of(index: Path) -> Path:
    """Return where what is tried beside an index lies."""
    place = os.path.realpath(index).encode("utf-8", "surrogateescape")
    return data_folder() / "tried" / hashlib.blake2b(place, digest_size=16).hexdigest()


def folder_in_use(settings: Settings) -> Path:
    """Return the folder of the index in use.

    Raises:
        UsageError: It lies on a server, where all share one model.
    """
    if isinstance(settings.index, Path):
        return settings.index
    raise UsageError(
        f"the index at {settings.index} is of one model for all who share it",
        "try another on a folder: assistant copy FROM TO, then --index TO",
    )


def tried(settings: Settings, model: str = "") -> Settings:
    """Return the settings of the side index.

    Args:
        settings: Those in force.
        model: By name or folder; the one that was tried last unless given.

    Raises:
        UsageError: None is given, and none was tried.
    """
    side = folder_of(folder_in_use(settings)) / SIDE
    if not model:
        try:
            with store.Index(side).snapshot() as snapshot:
                model = snapshot.manifest.model
        except IndexUnusableError as error:
            raise UsageError(
                "no model was tried for this index", "try one: assistant model try NAME"
            ) from error
    at = Path(model).expanduser().resolve()
    named = str(at) if at.is_dir() else model
    return replace(settings, index=side, index_named=False, model=named, fetches=True)


def build(settings: Settings, side: Settings, progress: Progress | None = None) -> Report:
    """Bring the side index up to date with the notes that the index in use follows.

    Args:
        settings: Those in force.
        side: From ``tried``.
        progress: Told of the embedding as it goes on.

    Raises:
        UsageError: The model is the one in use.
        AssistantError: As a build does.
    """
    folder = embedding.export.exported(side.model, fetch=side.fetches)
    card = embedding.ModelCard.read(folder / "card.json")
    with store.Index(folder_in_use(settings)).snapshot() as snapshot:
        if snapshot.manifest.fingerprint == card.fingerprint:
            raise UsageError(f"{side.model} is the model in use", "name another")
    return refresh.rebuild(side, of_index.followed(settings), progress=progress)
