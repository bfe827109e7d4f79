"""What the index holds and how far it is behind the notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from assistant import embedding
from assistant.embedding import CARRIED
from assistant.engine_address import IndexPlace
from assistant.errors import ConfigError
from assistant.indexing import Changes, freshness
from assistant.library.sources import followed_by
from assistant.records import Remark, Source
from assistant.settings import Settings
from assistant.store import Manifest, index_at
from assistant.text import (
    BY_WORDS,
    MULTILINGUAL_EXTRA,
    UNFOLLOWED,
    counted,
    in_languages,
    percent_read,
)


@dataclass(frozen=True, slots=True)
class Status:
    """The state of an index."""

    folder: IndexPlace
    manifest: Manifest
    follows: tuple[Source, ...]
    """The notes that it is compared with; empty when nobody has said which."""
    changes: Changes
    size: int
    """Bytes of the index folder."""
    states: int
    """Bytes of them that late interaction takes."""
    dates: Mapping[str, int] = field(default_factory=dict)
    """How many notes have their date from where, see ``records.DateFrom``."""
    remarks: tuple[tuple[str, Remark], ...] = ()
    """What is odd about how notes were read, each with the note's path."""
    device: str = ""
    """The processor that a large build would use, or why it would use none; empty if not asked."""

    def to_record(self) -> dict[str, Any]:
        """Return the state as JSON shows it."""
        manifest = self.manifest
        return {
            "index": str(self.folder),
            "notes": manifest.notes,
            "entries": manifest.entries,
            "chunks": manifest.chunks,
            "unread": manifest.unread,
            "read": round(manifest.share_read, 4),
            "model": manifest.model,
            "languages": dict(manifest.multilingual.languages) if manifest.multilingual else {},
            "multilingual_chunks": manifest.multilingual.count if manifest.multilingual else 0,
            "device": self.device,
            "built": manifest.built,
            "generation": manifest.generation,
            "bytes": self.size,
            "late_interaction_bytes": self.states,
            "sources": [str(source.path) for source in manifest.sources],
            "folders": [source.to_record() for source in manifest.sources],
            "follows": [str(source.path) for source in self.follows],
            "newer": [file.path for file in self.changes.newer],
            "gone": [file.path for file in self.changes.gone],
            "unreadable": self.changes.unreadable,
            "skipped": [{"path": s.path, "reason": s.reason} for s in manifest.skipped],
            "dates_from": dict(self.dates),
            "remarks": [
                {"note": path, "line": remark.line, "what": remark.words}
                for path, remark in self.remarks
            ],
        }

    def _states(self) -> str:
        if not self.manifest.late_interaction:
            return "without late interaction"
        return f"{self.states / 1e6:.1f} MB of that for late interaction"

    def _state(self) -> str:
        """Return in words whether the index is as new as the notes."""
        newer, gone = len(self.changes.newer), len(self.changes.gone)
        if self.changes.unfollowed or self.changes.unreadable:
            return "not known, since the notes cannot be looked at"
        told = [f"{counted(newer, 'note')} newer than the index"] * bool(newer)
        told += [f"{counted(gone, 'note')} gone since"] * bool(gone)
        if not told:
            return "up to date"
        return f"{' and '.join(told)}; a question or `assistant build` takes that in"

    def _dates(self) -> Iterator[tuple[str, int]]:
        """Yield where dates come from, the surest first."""
        words = {"front matter": "front matter", "name": "names", "file": "the files' times"}
        yield from ((words[where], self.dates[where]) for where in words if where in self.dates)

    def lines(self) -> list[tuple[str, str]]:
        """Return the state as names and values for people."""
        manifest = self.manifest
        built = datetime.fromisoformat(manifest.built)
        age = (datetime.now(UTC) - built).total_seconds()
        rows = [
            ("index", f"{self.folder} ({self.size / 1e6:.1f} MB, {self._states()})"),
            ("notes", f"{manifest.notes:,} in {', '.join(map(str, manifest.sources))}"),
            ("entries", f"{manifest.entries:,} in {manifest.chunks:,} chunks"),
            ("model", f"{manifest.model} ({manifest.dimensions} dimensions)"),
            ("built", f"{built.astimezone():%Y-%m-%d %H:%M}, {_ago(age)}"),
            ("state", self._state()),
        ]
        if manifest.unread:
            rows.append(("read", f"{percent_read(manifest.share_read)}; {BY_WORDS}"))
        if told_of_languages := languages_line(manifest):
            rows.append(("languages", told_of_languages))
        if self.device:
            rows.append(("device", self.device))
        if self.dates:
            told = ", ".join(f"{count:,} from {where}" for where, count in self._dates())
            rows.append(("dates", told))
        rows += [("newer", file.path) for file in self.changes.newer]
        rows += [("gone", file.path) for file in self.changes.gone]
        if self.changes.unfollowed:
            rows.append(("follows", UNFOLLOWED))
        if self.changes.unreadable:
            rows.append(("unreadable", self.changes.unreadable))
        rows += [("remark", f"{path}{remark}") for path, remark in self.remarks]
        rows += [("skipped", f"{item.path}: {item.reason}") for item in manifest.skipped]
        return rows


def languages_line(manifest: Manifest) -> str:
    """Return which notes are in other languages than English and Chinese, and who reads them."""
    told = manifest.multilingual
    if told is None:
        return ""
    notes = in_languages(told.foreign)
    if told.file and told.scope == "all":
        return (
            f"{notes or 'none but English and Chinese'}; multilingual-e5-small reads all notes, too"
        )
    if told.file:
        return f"{notes}, read by multilingual-e5-small"
    is_read = not notes or manifest.model not in CARRIED
    return "" if is_read else f"{notes}, which the model does not read: {MULTILINGUAL_EXTRA}"


def of(settings: Settings) -> Status:
    """Return the state of the index, compared with the notes that it follows.

    Raises:
        IndexUnusableError: There is none, or it cannot be read.
    """
    found = gather(settings.index, followed_by(settings, index_at(settings.index).last_named()))
    return replace(found, device=device_line(settings))


def device_line(settings: Settings) -> str:
    """Return which processor a large build would use."""
    devices = embedding.speed.devices
    try:
        chosen = devices.of_build(settings.device, settings.model)
    except ConfigError as error:
        return str(error)
    return f"{chosen}, for builds of many notes" if chosen != devices.CPU else chosen


def gather(place: IndexPlace, sources: Sequence[Source]) -> Status:
    """Return the state of the index at a place.

    Args:
        place: Where the index lies.
        sources: What it is to hold, see ``freshness.since_build``.

    Raises:
        IndexUnusableError: There is none, or it cannot be read.
    """
    index = index_at(place)
    with index.snapshot() as snapshot:
        changes = freshness.since_build(snapshot, sources)
        size, states = index.size(), snapshot.size_of_states()
        return Status(
            place,
            snapshot.manifest,
            tuple(sources),
            changes,
            size,
            states,
            snapshot.date_counts(),
            tuple(snapshot.remarks()),
        )


def _ago(seconds: float) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return f"{counted(int(seconds // length), unit)} ago"
    return "just now"
