"""The records that pass between modules: frozen, slotted, without effects on the world."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self


def key_of(heading: str) -> str:
    """Return what two headings have in common that differ in case and spaces alone."""
    return " ".join(heading.casefold().split())


_TOP = re.compile(r" {0,3}#(?:\s|$)|[^\n]+\n {0,3}=+\s*$")

Span = tuple[int, int]
"""A part of a text, as [start, end) in characters."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of notes, or one note, that an index is built from."""

    path: Path
    name: str = ""
    """What its notes are shown under; empty for their paths below the folder alone."""
    include: tuple[str, ...] = ()
    """Patterns as in ``.gitignore`` of the only notes to take; empty for all."""
    exclude: tuple[str, ...] = ()
    """Patterns of notes and folders to leave out, whatever ignore files say."""
    left_out: tuple[str, ...] | None = None
    """Patterns of what is left out unless ``exclude`` or an ignore file takes it back in; None for
    ``notes.LEFT_OUT``."""
    endings: tuple[str, ...] = ()
    """Of notes, beside those of Markdown, in lower case."""
    date_order: str = ""
    """How dates are read that may be read in two ways, see ``notes.DATE_ORDERS``."""
    given: bool = False
    """Whether it was named for a build, in place of the settings' notes."""

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Self:
        """Return a source from its fields as JSON has them."""
        lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
        return cls(**{**fields, **lists, "path": Path(fields["path"])})

    def to_record(self) -> dict[str, Any]:
        """Return the folder as JSON shows it."""
        lists = {"include": list(self.include), "exclude": list(self.exclude)}
        return {"name": self.name, "path": str(self.path), **lists}

    def __str__(self) -> str:
        """Return the folder with its name, for people."""
        return f"{self.path} ({self.name})" if self.name else str(self.path)


DateFrom = Literal["front matter", "name", "file"]
"""What told the date of a note: its front matter, its name or folders, the time of its file."""

Stamp = tuple[str, str, int, int, str, int]
"""What tells a note from another and from its earlier self: the fields of a ``NoteFile``."""


@dataclass(frozen=True, slots=True)
class NoteFile:
    """A note as the walk of its folder finds it, before it is read."""

    root: Path
    """Absolute notes folder; for a note given by itself, the folder it lies in."""
    path: str
    """The name that users see: ``name``, if there is one, and the path below ``root``, with forward
    slashes. No two notes of a walk have the same."""
    size: int
    """Bytes."""
    modified_ns: int
    """Time of the last change, nanoseconds since the epoch, in 63 bits and a sign."""
    name: str = ""
    """Of the notes folder, by which its notes are told from those of others."""
    state: int = 0
    """Of the file's inode and the time at which the system last saw it change, in 63 bits: another
    where a file of the same size and time has been put in its place."""

    @property
    def inside(self) -> str:
        """Path below ``root``."""
        return self.path[len(self.name) + 1 :] if self.name else self.path

    @classmethod
    def from_stamp(cls, stamp: Stamp) -> Self:
        """Return the note of a stamp."""
        return cls(Path(stamp[0]), *stamp[1:])

    @property
    def stamp(self) -> Stamp:
        """The fields as a tuple, which is hashed and compared much faster."""
        return str(self.root), self.path, self.size, self.modified_ns, self.name, self.state

    @property
    def absolute(self) -> Path:
        """The file on disk."""
        return self.root / self.inside


@dataclass(frozen=True, slots=True)
class Remark:
    """What is odd about how a note was read."""

    line: int
    """In the note, from 1; 0 where it is of no one line."""
    words: str

    def __str__(self) -> str:
        """Return it for people, to be read right behind the name of the note."""
        return f" line {self.line}: {self.words}" if self.line else f": {self.words}"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as read: its text with line feeds as line ends, and what its front matter says."""

    file: NoteFile
    text: str
    """The whole text, front matter included, so that line numbers agree with an editor's."""
    digest: str
    """SHA-256 of the file's bytes, hexadecimal."""
    body_start: int = 0
    """Offset in ``text`` of the first character after the front matter."""
    title: str = ""
    tags: tuple[str, ...] = ()
    date: str = ""
    """ISO 8601: of the front matter, else of the name, else of the last change."""
    about: str = ""
    """What its front matter says that it is about."""
    date_from: DateFrom = "file"
    aliases: tuple[str, ...] = ()
    """Other names of the note, of its front matter."""
    remarks: tuple[Remark, ...] = ()
    properties: Span = (0, 0)
    """The part of ``text`` with what its front matter says beside all that, empty if nothing."""
    names: tuple[str, ...] = ()
    """What it is called, the best name first; see ``naming.names``."""


@dataclass(frozen=True, slots=True)
class NoteSummary:
    """A note of the index, without its text."""

    note: str
    """Path of the note below its notes folder."""
    absolute: Path
    """The file on disk."""
    title: str
    tags: tuple[str, ...]
    """Of the front matter and of the text, without ``#``."""
    date: str
    """ISO 8601: of the front matter, else of the name, else of the last change."""
    entries: int
    date_from: DateFrom = "file"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that the walk met and that is not in the index, with the reason in words."""

    path: str
    reason: str
    size: int = 0
    """Bytes of a note that was read in vain, else 0."""
    modified_ns: int = 0
    """Time of the last change of such a note: another time, and it is worth another look."""
    state: int = 0
    """As of ``NoteFile``: another right to read it changes nothing else."""

    @property
    def out_of_reach(self) -> bool:
        """It could not be read or listed this time, which says nothing of what it holds."""
        return self.reason.startswith(("cannot be read", "cannot be listed"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of a note from one heading to the next, or what stands before the first."""

    headings: tuple[str, ...]
    """Heading path in plain text, outermost first, the entry's own heading last."""
    first_line: int
    """Line of its first character in the note, from 1."""
    text: str
    """The source, its heading line included, without the blank lines at its end."""
    body: int = 0
    """Offset in ``text`` of the first character after the heading."""
    blocks: tuple[tuple[int, int], ...] = ()
    """Where Markdown blocks begin: (line in the entry, from 0; nesting depth, from 0), in order."""

    @property
    def heading_key(self) -> str:
        """Its own heading without regard to case and spaces; empty for none."""
        return key_of(self.headings[-1]) if self.headings else ""

    @property
    def is_top(self) -> bool:
        """Whether its own heading is one of the first level."""
        return _TOP.match(self.text[: self.body]) is not None

    @property
    def lines(self) -> tuple[int, int]:
        """First and last line in the note, 1-based, inclusive."""
        return self.lines_of(0, len(self.text))

    def lines_of(self, start: int, end: int) -> tuple[int, int]:
        """Return the lines of the note, 1-based, inclusive, that a part [start, end) stands on."""
        first = self.first_line + self.text.count("\n", 0, start)
        return first, first + self.text.count("\n", start, end)


PROPERTIES = ("Properties",)
"""The heading path of the entry that front matter is."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of an entry that fits the model, as [start, end) in the entry's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A note as the index has it, without its text."""

    row: int = field(repr=False)
    file: NoteFile
    digest: str
    """SHA-256 of the file's bytes, hexadecimal."""
    title: str
    tags: tuple[str, ...]
    """Of the front matter and of the text, without ``#``."""
    date: str
    """ISO 8601: of the front matter, else of the name, else of the last change."""
    about: str
    """What its front matter says that it is about."""
    date_from: DateFrom = "file"
    aliases: tuple[str, ...] = ()
    """Other names of the note, of its front matter."""
    remarks: tuple[Remark, ...] = ()
    names: tuple[str, ...] = ()
    """What it is called, the best name first."""

    @property
    def path(self) -> str:
        """The name that users see."""
        return self.file.path


@dataclass(frozen=True, slots=True)
class EntryHead:
    """An entry as the index has it, without its text."""

    row: int = field(repr=False)
    note: int = field(repr=False)
    """Row of its note."""
    position: int
    """In its note, from 0."""
    headings: tuple[str, ...]
    line: int
    """Its first one in the note, from 1."""
    length: int
    """Characters, its own heading included."""
    body: int
    """Offset of the first character after the heading."""

    @property
    def is_of_properties(self) -> bool:
        """Whether it is of the front matter, under a heading that does not stand in the note."""
        return self.position == 0 and self.headings == PROPERTIES and self.body == 0


@dataclass(frozen=True, slots=True)
class EntryStart:
    """What it takes to tell what kind of entry one is, however long it is."""

    heading_key: str
    """See ``Entry.heading_key``."""
    body: str
    """The first characters after its heading, in whole lines."""
    same: tuple[int, int]
    """Equal for entries of equal text."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as the index has it, with the note that it stands in and its chunks."""

    row: int = field(repr=False)
    file: NoteFile
    entry: Entry
    chunks: tuple[tuple[int, Chunk], ...] = field(repr=False)
    """Rows and chunks, in order."""


@dataclass(frozen=True, slots=True, order=True)
class ChunkPlace:
    """Where a chunk stands, in the order of the notes: comparing places orders them."""

    path: str
    root: str
    position: int
    """Of the entry in its note."""
    start: int
    """Of the chunk in its entry."""
    entry: int
    """Row of the entry."""
    note: int
    """Row of the note."""


MEASURES = frozenset(("similarity", "margin", "known", "cover", "matched"))
"""What a verdict may go by, see ``features.Features``."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a build learnt of its index; part of the manifest."""

    measures: tuple[str, ...]
    centre: tuple[float, ...]
    """Mean of each measure over the probes."""
    spread: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    probes: tuple[float, ...]
    """Quantiles of the probabilities of the off-topic probes."""
    own: tuple[float, ...]
    """Quantiles of those of the notes' own headings; empty when there are none."""
    chunks: int
    """Of the index when it was calibrated."""

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Self | None:
        """Return a calibration read from JSON, None when it is of measures that are no more.

        Raises TypeError when it is not one.
        """
        lists = {name: tuple(v) for name, v in fields.items() if isinstance(v, list)}
        found = cls(**fields | lists)
        return found if set(found.measures) <= MEASURES else None
