"""Which notes changed since the index was built, told by sizes and times, without reading them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from assistant import notes
from assistant.errors import NotesUnreadableError
from assistant.records import Note, NoteFile, Skipped, Source, Stamp
from assistant.store import Manifest, Snapshot

FINE_TICK_NS = 50_000_000
"""A file system's clock moves on within this time at the latest, ..."""

COARSE_TICK_NS = 2_000_000_000
"""... or within this, where it counts seconds only."""


MOST_REPLACED = 20
"""Notes of the same sizes and times, and of other inodes or times of the system's, that count as
edits. Where there are more, somebody mounted, copied or restored them, or changed their rights."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a walk of the notes found, so that the build it leads to need not walk again."""

    files: tuple[NoteFile, ...]
    skipped: tuple[Skipped, ...]
    manifest: Manifest | None = None
    """Of the state that the notes were compared with. To a newer one the look says nothing: what
    another build took in meanwhile would pass for gone."""


def look(sources: Sequence[Source], manifest: Manifest | None = None) -> Look:
    """Walk the notes.

    Raises:
        NotesUnreadableError: A source is missing, cannot be listed, or is not Markdown.
    """
    files, skipped = notes.walk(sources)
    return Look(tuple(files), tuple(skipped), manifest)


@dataclass(frozen=True, slots=True)
class Changes:
    """Notes that differ from what the index holds."""

    newer: tuple[NoteFile, ...] = ()
    """New or changed."""
    gone: tuple[NoteFile, ...] = ()
    unreadable: str = ""
    """Why the notes could not be looked at, or that there are none any more."""
    unfollowed: bool = False
    """Whether nobody has said which notes to look at."""
    unsure: tuple[NoteFile, ...] = ()
    """Notes that only a build looks at, see ``MOST_REPLACED``."""
    too_long: bool = field(default=False, compare=False)
    """Whether they were to be taken in, which turned out to take too long."""
    seen: Look | None = field(default=None, repr=False, compare=False)
    """What this rests on; None where the notes were not looked at."""

    @property
    def count(self) -> int:
        """How many notes the index is behind."""
        return len(self.newer) + len(self.gone)

    @property
    def size(self) -> int:
        """Bytes to read."""
        return sum(file.size for file in self.newer)


def as_read(file: NoteFile, read_ns: int) -> NoteFile:
    """Return the record to keep of a note that was read.

    One that had been written just before may be written again at the same size within the same
    tick of the clock, which nothing tells. The sign of its time is turned, so that it differs from
    what the next walk finds and is read once more, as git does with its "racily clean" files.

    Args:
        file: The note with size and time from before it was read.
        read_ns: When its reading began, nanoseconds since the epoch.
    """
    tick = FINE_TICK_NS if file.modified_ns % 1_000_000_000 else COARSE_TICK_NS
    settled = read_ns - file.modified_ns >= tick
    return file if settled else replace(file, modified_ns=-file.modified_ns)


def gone(
    files: Sequence[NoteFile], known: Iterable[Stamp], skipped: Sequence[Skipped] = ()
) -> tuple[NoteFile, ...]:
    """Return the known notes that are no longer there, in order of path.

    Those that are out of reach at present, such as in a folder without permission, are not gone.
    """
    there = {file.stamp[:2] for file in files}
    hidden = {item.path for item in skipped if item.out_of_reach}
    folders = tuple(path for path in hidden if path.endswith("/"))
    return tuple(
        NoteFile.from_stamp(stamp)
        for stamp in sorted((s for s in known if s[:2] not in there), key=itemgetter(1, 0))
        if stamp[1] not in hidden and not stamp[1].startswith(folders)
    )


def since_build(snapshot: Snapshot, sources: Sequence[Source]) -> Changes:
    """Return how the notes differ from the index; no change when they cannot be read at present.

    Args:
        snapshot: The index.
        sources: What it is to hold. Not what it says it was built from: that may be anybody's word.
    """
    if not sources:
        return Changes(unfollowed=True)
    try:
        seen = look(sources, snapshot.manifest)
    except NotesUnreadableError as error:
        return Changes(unreadable=error.cause)
    known = snapshot.stamps()
    there = {file.stamp: file for file in seen.files}
    skipped = {(s.path, s.size, s.modified_ns, s.state) for s in snapshot.manifest.skipped}
    newer = tuple(
        file
        for stamp, file in there.items()
        if stamp not in known
        and (file.path, file.size, file.modified_ns, file.state) not in skipped
        and not _same(file, known)
    )
    lost = known.keys() - there.keys()
    unsure = _unsure(newer, lost)
    newer = tuple(file for file in newer if file not in unsure) if unsure else newer
    left = gone(seen.files, lost, seen.skipped) if lost else ()
    changes = Changes(newer, left, seen=seen, unsure=tuple(unsure))
    if where := _emptied(changes.gone, seen.files, sources):
        return replace(changes, unreadable=f"there are no Markdown notes in {where}")
    return changes


def _emptied(gone: Sequence[NoteFile], there: Sequence[NoteFile], sources: Sequence[Source]) -> str:
    """Return the sources that have lost all of their notes, as disks do that are unmounted."""
    if gone and not there:
        return ", ".join(str(source.path) for source in sources)
    lost = {file.root for file in gone} - {file.root for file in there}
    return ", ".join(str(source.path) for source in sources if source.path in lost)


def _unsure(newer: Sequence[NoteFile], lost: Iterable[Stamp]) -> frozenset[NoteFile]:
    """Return the notes that differ in nothing but their state, if they are many."""
    known = {stamp[:5] for stamp in lost}
    found = frozenset(file for file in newer if file.stamp[:5] in known)
    return found if len(found) > MOST_REPLACED else frozenset()


def _same(file: NoteFile, known: Mapping[Stamp, str]) -> bool:
    """Return whether a note that was read just after it was written is what was read."""
    digest = known.get(replace(file, modified_ns=-file.modified_ns).stamp)
    if digest is None:
        return False
    note = notes.read(file)
    return isinstance(note, Note) and note.digest == digest
