"""Where the program keeps what is one user's, in the places that the system has for it."""

from __future__ import annotations

from pathlib import Path

import platformdirs

APPLICATION = "notes-assistant"


def cache_folder() -> Path:
    """Return the folder for what can be made again at any time."""
    return platformdirs.user_cache_path(APPLICATION)


def settings_folder() -> Path:
    """Return the folder for the user's own settings."""
    return platformdirs.user_config_path(APPLICATION)


def data_folder() -> Path:
    """Return the folder for the index of the notes that the user's own settings name."""
    return platformdirs.user_data_path(APPLICATION)


def indexes_folder() -> Path:
    """Return the folder for the indexes that nobody gave a place, each in a folder of its own."""
    return data_folder() / "indexes"


def state_folder() -> Path:
    """Return the folder for what the program remembers, such as questions that were asked."""
    return platformdirs.user_state_path(APPLICATION)
