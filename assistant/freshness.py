"""What changed since the index was built, told by sizes and times, without reading notes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import gloss, notes, seal
from assistant.errors import IndexUnusableError, NotesUnreadableError
from assistant.model import ModelCard
from assistant.records import NoteFile
from assistant.store import Manifest, Reader

WINDOW_PIECES = 200
"""Word pieces of a window at most, unless the model reads fewer."""

TEXT_FORM = "3"
"""Counts up when chunking, glossing or the terms change, so that older entries are cut anew."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did."""

    manifest: Manifest
    read: int
    """Notes read because they looked new or changed."""
    removed: int
    """Notes that are no longer there."""
    embedded: int
    """Chunks whose vectors were not known."""
    pieces: int
    """Word pieces of those chunks."""


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


def text_form() -> str:
    """Return what, beside the model, decides how a text is cut and embedded."""
    return f"{TEXT_FORM}/{WINDOW_PIECES}/{gloss.fingerprint()}"


def current(
    folder: Path, sources: Sequence[Path], card: ModelCard, late_interaction: bool
) -> Manifest | None:
    """Return the manifest of an index that a build would leave as it is, else None.

    Light to import, unlike ``build``, which looks closer and so decides in all other cases.
    """
    try:
        with Reader(folder) as reader:
            old = reader.manifest
            same = (
                (old.fingerprint, old.text_form) == (card.fingerprint, text_form())
                and old.calibration is not None
                and old.late_interaction == late_interaction
                and old.sources == tuple(str(source.absolute()) for source in sources)
                and seal.holds(folder / old.dense)
            )
            files, skipped = notes.walk(sources)
            changes = compare(files, reader.notes())
    except (OSError, IndexUnusableError, NotesUnreadableError):
        return None
    return old if same and not changes.count and tuple(skipped) == old.skipped else None
