"""Options to values: defaults, files, environment, flags.

confirmation  The settings files that the user made or has looked at, as direnv and mise keep them
discovery     Folders that look like notes: vaults of Obsidian, and the usual places
edit          One setting of a settings file changed, and nothing else of it
index_place   Where an index lies that nobody gave a place: in the user's data folder
load          Settings in layers: defaults, the user's file, ``assistant.toml``, the environment
options       The settings there are: what each is for, what it takes
report        The settings in force, each with where it comes from
template      A settings file as ``assistant init`` writes it: every setting, with what it is for
toml_lines    On which line a key of a TOML document stands, which ``tomllib`` does not tell
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.settings import discovery, edit, index_place, load, report, template
    from assistant.settings.discovery import NotesFolder
    from assistant.settings.load import Color, Settings, working_folder
    from assistant.settings.options import OPTIONS, shortened, unknown_variables

__all__ = [
    "OPTIONS",
    "Color",
    "NotesFolder",
    "Settings",
    "discovery",
    "edit",
    "index_place",
    "load",
    "report",
    "shortened",
    "template",
    "unknown_variables",
    "working_folder",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "discovery": ["NotesFolder"],
        "load": ["Color", "Settings", "working_folder"],
        "options": ["OPTIONS", "shortened", "unknown_variables"],
    },
    modules=("discovery", "edit", "index_place", "load", "report", "template"),
)
