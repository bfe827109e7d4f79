"""The side index in the place of the one in use, with the setting ``model``, and back."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from assistant import private_file, store
from assistant.errors import AssistantError, ConfigError, UsageError
from assistant.indexing import Progress
from assistant.library.trial.side_index import BEFORE, build, folder_in_use, folder_of, tried
from assistant.settings import Settings, edit

RECORD = "before.json"
"""What the setting was before, and in which file."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came into force."""

    model: str
    file: Path
    """The settings file that says so."""


def use(settings: Settings, model: str = "", progress: Progress | None = None) -> Taken:
    """Let the index of another model be the one in use, and its name the setting.

    The index is exchanged at once, as readers see it, and the setting is written right after; where
    that fails, the index is exchanged back.

    Args:
        settings: Those in force.
        model: As for ``tried``.
        progress: Told of what the side index has yet to take in.

    Raises:
        UsageError: No model is given, and none was tried; or it is the one in use.
        ConfigError: The setting cannot be written where it would count.
        AssistantError: As a build does.
    """
    file = _file(settings)
    side = tried(settings, model)
    build(settings, side, progress)
    place = folder_in_use(settings)
    index, before = store.Index(place), folder_of(place) / BEFORE
    with index.locked():
        shutil.rmtree(before, ignore_errors=True)
        store.files.prepare(before)
        index.copy_to(before)
        _keep(settings, file)
        index.become(folder_in_use(side))
        try:
            edit.put(file, "model", side.model)
        except (AssistantError, OSError):
            index.become(before)
            raise
    return Taken(side.model, file)


def back(settings: Settings) -> Taken:
    """Undo the last ``use``: the index as it was then, and the setting.

    Raises:
        UsageError: There is nothing to undo.
        ConfigError: The setting cannot be written.
        AssistantError: The index cannot be written.
    """
    place = folder_in_use(settings)
    folder = folder_of(place)
    try:
        record = json.loads(private_file.read(folder / RECORD) or "")
        model, file = record["model"], Path(record["file"])
        value, was_there = record["value"], bool(record["was_there"])
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            "no other model was taken for this index", "take one: assistant model use"
        ) from error
    index = store.Index(place)
    with index.locked():
        index.become(folder / BEFORE)
        edit.put(file, "model", value)
        if not was_there and not file.read_text("utf-8").strip():
            file.unlink()
        (folder / RECORD).unlink()
    return Taken(model, file)


def _file(settings: Settings) -> Path:
    """Return the settings file to write; raises ConfigError if that would not count."""
    if settings.index_named:
        raise ConfigError(
            f"the index {settings.index} was named for this call alone",
            "name it in a settings file, so that its model can stand there too",
        )
    return edit.file_of(settings, "model")


def _keep(settings: Settings, file: Path) -> None:
    """Write down what the setting was."""
    own = settings.origins.get("model")
    record = {
        "model": settings.model,
        "file": str(file),
        "value": settings.model if own and own.where == str(file) else None,
        "was_there": file.exists(),
    }
    private_file.write(folder_of(folder_in_use(settings)) / RECORD, json.dumps(record))
