"""The first minute: where there is no index yet, the notes at hand are offered to be indexed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.common import say
from assistant.errors import IndexMissingError
from assistant.settings import discovery, index_place, working_folder
from assistant.text import counted, printable_line

if TYPE_CHECKING:
    from assistant.settings import NotesFolder, Settings


def is_due(settings: Settings) -> bool:
    """Return whether nobody has said where notes are, no index was built, and somebody is there."""
    asked = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    return asked and settings.index_free and not is_there(settings)


def offered() -> Path | None:
    """Ask whether to index the notes that are found; return their folder, None if there are none.

    Raises:
        IndexMissingError: The user does not want that.
    """
    found = discovery.find(working_folder(), Path.home())
    if not found:
        return None
    say("No index yet.")
    if _yes(f"Index {_described(found[0])}? [Y/n] "):
        return found[0].path
    raise IndexMissingError("there is no index yet", "name your notes: assistant build NOTES")


def is_there(settings: Settings) -> bool:
    """Return whether there is an index folder; of a server it is not asked."""
    return not isinstance(settings.index, Path) or settings.index.is_dir()


def remark(settings: Settings) -> str:
    """Return that notes of the working folder are not asked, where there are some; else nothing."""
    here = working_folder()
    if not settings.index_free or index_place.is_of(settings.index, here):
        return ""
    if not (is_there(settings) and discovery.holds_notes(here)):
        return ""
    return "the notes here are not indexed: `assistant build .` does so; asked are those built last"


def _described(found: NotesFolder) -> str:
    """Return a folder with what it holds: ``81 Markdown notes in ~/notes``."""
    home = Path.home()
    path = f"~/{found.path.relative_to(home)}" if home in found.path.parents else str(found.path)
    return f"{counted(found.count, 'Markdown note')} in {printable_line(path)}"


def _yes(question: str) -> bool:
    """Return what is answered; no answer is a yes, the end of input is a no."""
    sys.stderr.write(question)
    sys.stderr.flush()
    answer = sys.stdin.readline()
    return bool(answer) and answer.strip().casefold() in ("", "y", "yes")
