"""Which notes changed since the index was built, told by sizes and times, without reading them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import notes
from assistant.errors import NotesUnreadableError
from assistant.records import NoteFile
from assistant.store import Reader


@dataclass(frozen=True, slots=True)
class Changes:
    """Notes that differ from what the index holds."""

    newer: tuple[NoteFile, ...] = ()
    """New or changed."""
    gone: tuple[NoteFile, ...] = ()

    @property
    def count(self) -> int:
        """How many notes the index is behind."""
        return len(self.newer) + len(self.gone)

    @property
    def size(self) -> int:
        """Bytes to read."""
        return sum(file.size for file in self.newer)


def compare(files: Sequence[NoteFile], known: Collection[NoteFile]) -> Changes:
    """Return how the files that are there differ from the known ones."""
    there = {(file.root, file.path) for file in files}
    return Changes(
        tuple(file for file in files if file not in known),
        tuple(file for file in known if (file.root, file.path) not in there),
    )


def since_build(reader: Reader) -> Changes:
    """Return what changed in the index's sources; nothing when they cannot be read at present."""
    try:
        files, _ = notes.walk([Path(source) for source in reader.manifest.sources])
    except NotesUnreadableError:
        return Changes()
    skipped = {item.path for item in reader.manifest.skipped}
    return compare([file for file in files if file.path not in skipped], reader.notes())
