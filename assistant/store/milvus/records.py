"""Notes and entries as rows hold them, and back. Pure.

A note is a row with its last versions; each says which entries it consists of, in order, and on
which lines these begin. So an entry that only moved stays as it is, and is written once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.embedding import Vectors
from assistant.records import Chunk, Entry, EntryHead, Note, NoteFile, Remark, StoredNote, key_of
from assistant.store.milvus import collections, rows
from assistant.store.milvus.rows import FOREVER
from assistant.store.milvus.server import Row


@dataclass(frozen=True, slots=True)
class Part:
    """An entry in its note."""

    entry: int
    """Its number."""
    line: int
    """On which it begins, from 1."""
    digest: str


@dataclass(frozen=True, slots=True)
class HeldNote:
    """A note as a server keeps it."""

    stored: StoredNote
    space: str
    parts: tuple[Part, ...]
    language: str | None = None
    """Of its prose; empty where it has no words to tell it by, None where nobody looked."""
    centroid: str = ""
    """As ``rows.to_text`` has it; empty where it has none."""


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """An entry as a server keeps it, without its text."""

    row: int
    note: int
    headings: tuple[str, ...]
    body: int
    length: int
    blocks: tuple[tuple[int, int], ...]
    chunks: tuple[tuple[int, Chunk], ...]
    pieces: int
    """Of its text."""
    start: str
    """Of its body."""
    mark: str
    """The first two characters of its text."""


def record(
    number: int,
    space: str,
    kind: str,
    *,
    born: int,
    died: int = FOREVER,
    key: str = "",
    label: str = "",
    of: int = 0,
    content: str = "",
    text: str = "",
) -> Row:
    """Return a row of what is not searched, see ``collections.RECORD_FIELDS``."""
    return {
        **{"id": number, "space": space, "kind": kind, "born": born, "died": died},
        **{"key": rows.key_of(key), "label": label, "number": of, "content": content},
        **{"text": text, "nothing": collections.NOTHING},
    }


def note_number(space: str, root: Path | str, path: str) -> int:
    """Return the number of a note."""
    return rows.number_of("note", space, str(root), path)


def piece_number(of: int, what: str, at: int) -> int:
    """Return the number of a row with a further piece of a long text."""
    return rows.number_of("piece", of, what, at)


def note_value(
    note: Note, parts: Sequence[Part], centroid: str = "", language: str | None = None
) -> dict[str, Any]:
    """Return what a version of a note says of it."""
    file = note.file
    return {
        "file": [str(file.root), file.path, file.size, file.modified_ns, file.name, file.state],
        "digest": note.digest,
        "title": note.title,
        "tags": note.tags,
        "date": note.date,
        "about": note.about,
        "date_from": note.date_from,
        "aliases": note.aliases,
        "remarks": [[remark.line, remark.words] for remark in note.remarks],
        "names": note.names,
        "parts": [[part.entry, part.line, part.digest] for part in parts],
        "centroid": centroid,
        "language": language,
    }


def note_of(number: int, space: str, value: Mapping[str, Any]) -> HeldNote:
    """Return the note of a version.

    Raises:
        ValueError: It is none; likewise TypeError and KeyError.
    """
    root, path, size, modified_ns, name, state = value["file"]
    if not all(isinstance(text, str) for text in (root, path, name, value["digest"])):
        raise TypeError("a note has no path")
    stored = StoredNote(
        number,
        NoteFile(Path(root), path, int(size), int(modified_ns), name, int(state)),
        value["digest"],
        str(value["title"]),
        tuple(map(str, value["tags"])),
        str(value["date"]),
        str(value["about"]),
        value["date_from"],
        tuple(map(str, value["aliases"])),
        tuple(Remark(int(line), str(words)) for line, words in value["remarks"]),
        tuple(map(str, value["names"])),
    )
    parts = tuple(Part(int(e), int(line), str(digest)) for e, line, digest in value["parts"])
    language = None if value["language"] is None else str(value["language"])
    return HeldNote(stored, space, parts, language, str(value["centroid"]))


def as_note(held: HeldNote) -> Note:
    """Return a note as it was read, without its text."""
    stored = held.stored
    return Note(
        stored.file,
        "",
        stored.digest,
        0,
        stored.title,
        stored.tags,
        stored.date,
        stored.about,
        stored.date_from,
        stored.aliases,
        stored.remarks,
        names=stored.names,
    )


def with_note(value: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """Return a version that says of a note what is known of it now; its entries are the same."""
    said = note_value(note, (), str(value["centroid"]), value["language"])
    return {**said, "parts": value["parts"]}


def entry_rows(
    number: int,
    space: str,
    note: int,
    entry: Entry,
    chunks: Sequence[tuple[int, Chunk]],
    generation: int,
) -> list[Row]:
    """Return the rows of an entry: itself, and further pieces of its text."""
    pieces = rows.pieces_of(entry.text)
    told = {
        "headings": entry.headings,
        "body": entry.body,
        "length": len(entry.text),
        "blocks": entry.blocks,
        "chunks": [[row, chunk.start, chunk.end] for row, chunk in chunks],
        "pieces": len(pieces),
        "start": entry.text[entry.body : entry.body + START],
        "mark": entry.text[:2],
    }
    content = rows.pieces_of(json.dumps(told))
    own = record(
        number,
        space,
        "entry",
        born=generation,
        key=entry.heading_key,
        label=str(len(content)),
        of=note,
        content=content[0],
        text=pieces[0],
    )
    further = [("content", at, piece) for at, piece in enumerate(content) if at]
    further += [("text", at, piece) for at, piece in enumerate(pieces) if at]
    return [
        own,
        *(
            record(
                piece_number(number, what, at),
                space,
                "piece",
                born=generation,
                of=number,
                text=piece,
            )
            for what, at, piece in further
        ),
    ]


START = 4_000
"""Characters of an entry's body that tell what kind of entry it is."""


def entry_of(row: Row, content: str) -> HeldEntry:
    """Return the entry of a row, whose content is whole.

    Raises:
        ValueError: It is none; likewise TypeError and KeyError.
    """
    told = json.loads(content)
    length, body = int(told["length"]), int(told["body"])
    chunks = tuple((int(c), Chunk(int(start), int(end))) for c, start, end in told["chunks"])
    if not 0 <= body <= length or any(
        not 0 <= chunk.start < chunk.end <= length for _, chunk in chunks
    ):
        raise ValueError("an entry has a part outside its text")
    return HeldEntry(
        int(row["id"]),
        int(row["number"]),
        tuple(map(str, told["headings"])),
        body,
        length,
        tuple((int(line), int(depth)) for line, depth in told["blocks"]),
        chunks,
        int(told["pieces"]),
        str(told["start"]),
        str(told["mark"]),
    )


def head(entry: HeldEntry, position: int, line: int) -> EntryHead:
    """Return an entry as it is listed."""
    return EntryHead(
        entry.row, entry.note, position, entry.headings, line, entry.length, entry.body
    )


def heading_key(entry: HeldEntry) -> str:
    """Return its own heading without regard to case and spaces, see ``Entry.heading_key``."""
    return key_of(entry.headings[-1]) if entry.headings else ""


def centroid_of(held: HeldNote, dimensions: int) -> Vectors | None:
    """Return the centroid of a note; None where it has none."""
    return rows.to_vector(held.centroid, dimensions) if held.centroid else None


def moved(parts: Sequence[Part], lines: Mapping[int, int]) -> tuple[Part, ...]:
    """Return parts on other lines, by entry."""
    return tuple(replace(part, line=lines.get(part.entry, part.line)) for part in parts)
