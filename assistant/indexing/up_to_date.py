"""Whether a build has anything to do, told without importing what builds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import notes
from assistant.embedding import ModelCard
from assistant.engine_address import IndexPlace
from assistant.errors import IndexUnusableError, NotesUnreadableError
from assistant.indexing import freshness, scope
from assistant.indexing.freshness import Changes
from assistant.indexing.scope import Other
from assistant.language import gloss
from assistant.markdown import chunks
from assistant.records import Source
from assistant.store import Manifest, index_at, provenance

TEXT_FORM = "12"
"""Counts up when reading, chunking, glossing, the terms or ``data/apis.tsv`` change, so that older
entries are cut anew."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did."""

    manifest: Manifest
    read: int = 0
    """Notes read because they looked new or changed."""
    removed: int = 0
    """Notes that are no longer there."""
    embedded: int = 0
    """Chunks whose vectors were not known."""
    pieces: int = 0
    """Word pieces of those chunks."""
    processor: str = ""
    """What became of another processor than the CPU, as a line; empty where none was tried."""


def text_form() -> str:
    """Return what, beside the model, decides how a text is cut and embedded."""
    return f"{TEXT_FORM}/{chunks.CHUNK_PIECES}/{gloss.fingerprint()}"


def manifest(
    place: IndexPlace,
    sources: Sequence[Path | Source],
    model_folder: Path,
    late_interaction: bool,
    *,
    check: bool = False,
    other: Other = scope.NONE,
) -> Manifest | None:
    """Return the manifest of an index that a build would leave as it is, else None.

    In doubt it is None: ``build`` looks closer.

    Args:
        place: Where the index lies.
        sources: Folders and files of notes.
        model_folder: As ``export.exported`` returns it.
        late_interaction: Whether token states are to be kept.
        check: Look through the whole index for damage, too.
        other: The encoder of other languages, and which notes it is to read.
    """
    sources = notes.absolute(sources)
    try:
        card = ModelCard.read(model_folder / "card.json")
        with index_at(place).snapshot() as snapshot:
            old = snapshot.manifest
            same = (
                (old.fingerprint, old.text_form) == (card.fingerprint, text_form())
                and old.calibration is not None
                and not old.unread
                and old.late_interaction == late_interaction
                and scope.is_up_to_date(old, other if snapshot.reads_others else scope.NONE)
                and old.sources == sources
                and old.mark == provenance.mark(place, sources)
                and not any(snapshot.engine.faults("ids" if check else "glance"))
                and not (snapshot.multilingual and any(snapshot.multilingual.faults()))
                and not snapshot.leftovers()
                and _holds_all(freshness.since_build(snapshot, sources), old)
                and not (check and any(index_at(place).faults(snapshot)))
            )
    except (OSError, ValueError, TypeError, KeyError, IndexUnusableError, NotesUnreadableError):
        return None
    return old if same else None


def _holds_all(changes: Changes, old: Manifest) -> bool:
    """Return whether an index is of the notes as they are, and tells of the same as skipped."""
    seen = changes.seen
    return (
        seen is not None and seen.skipped == old.skipped and not (changes.count or changes.unsure)
    )
