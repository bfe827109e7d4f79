"""What a build has to do: notes that are new or changed, read and cut, and notes that are gone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant import notes
from assistant.errors import NotesUnreadableError
from assistant.indexing import freshness
from assistant.indexing.embedder import Embedder, digest_of
from assistant.indexing.freshness import Look, as_read
from assistant.markdown import plain_text, split_entries
from assistant.records import PROPERTIES, Entry, Note, NoteFile, Skipped, Source
from assistant.store import NewChunk, Update


@dataclass(frozen=True, slots=True)
class ChangedNote:
    """A note to write, and the chunks of its entries that are new."""

    note: Note
    entries: tuple[tuple[str, Entry], ...]
    """Digests and entries, in order."""
    chunks: dict[str, list[NewChunk]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build has to do."""

    full: bool
    """Everything is written again."""
    changed: tuple[ChangedNote, ...]
    touched: tuple[Note, ...]
    """Notes with a new time of change and the same bytes."""
    gone: tuple[NoteFile, ...]
    skipped: tuple[Skipped, ...]
    kept: tuple[ChangedNote, ...] = ()
    """Notes out of reach, to be written again as the index has them."""


def make_plan(
    update: Update, sources: Sequence[Source], seen: Look, embedder: Embedder, full: bool
) -> Plan:
    """Compare the notes with the index; read and cut what is new.

    Args:
        update: The index.
        sources: Folders and files of notes, for messages.
        seen: The notes that are there.
        embedder: Cuts entries.
        full: Take no note for known.

    Raises:
        NotesUnreadableError: No note can be read.
    """
    found, skipped = seen.files, list(seen.skipped)
    date_order = date_order_of(sources)
    stored = update.stamps()
    known = {} if full else stored
    digests = {stamp[:2]: digest for stamp, digest in known.items()}
    gone = list(freshness.gone(found, stored, skipped))
    changed: list[ChangedNote] = []
    touched: list[Note] = []
    for file in found:
        if file.stamp in known:
            continue
        began = time.time_ns()
        note = notes.read(file, date_order)
        if isinstance(note, Skipped):
            skipped.append(_as_skipped(note, file))
            if not note.out_of_reach:
                gone += [NoteFile.from_stamp(old) for old in stored if old[:2] == file.stamp[:2]]
            continue
        note = replace(note, file=as_read(note.file, began))
        if known.get(note.file.stamp) == note.digest:
            continue
        if digests.get(file.stamp[:2]) == note.digest:
            split = _entries(note)
            touched.append(_described(note, split))
        else:
            changed.append(_cut(update, note, embedder, full))
    if len(stored) - len(gone) + len(changed) == 0:
        raise _no_notes(sources, skipped)
    kept: list[ChangedNote] = []
    if full:
        read = {(item.note.file.root, item.note.file.path) for item in changed}
        left = (file for file in update.digests() if file not in gone)
        kept = [
            _cut_again(update, file, embedder)
            for file in left
            if (file.root, file.path) not in read
        ]
    return Plan(
        full,
        tuple(changed),
        tuple(touched),
        tuple(gone),
        tuple(skipped),
        tuple(kept),
    )


def date_order_of(sources: Sequence[Source]) -> str:
    """Return how dates are read that may be read in two ways: there is one setting for all."""
    return next((source.date_order for source in sources), "")


def _cut_again(update: Update, file: NoteFile, embedder: Embedder) -> ChangedNote:
    """Return a note that is out of reach as the index has it, with its entries cut anew."""
    note, entries = update.stored_note(file)
    chunks = {digest: embedder.chunks(entry, note.about) for digest, entry in dict(entries).items()}
    return ChangedNote(note, entries, chunks)


def _cut(update: Update, note: Note, embedder: Embedder, full: bool) -> ChangedNote:
    """Split a note into entries, and those that it did not have before into chunks."""
    split = _entries(note)
    every = (*_properties(note), *split)
    entries = tuple((digest_of(note.about, *entry.headings, entry.text), entry) for entry in every)
    note = _described(note, split)
    before = [] if full else update.entry_digests(note.file.root, note.file.path)
    added = Counter(digest for digest, _ in entries) - Counter(before)
    chunks = {
        digest: embedder.chunks(entry, note.about)
        for digest, entry in dict(entries).items()
        if digest in added
    }
    return ChangedNote(note, entries, chunks)


def _entries(note: Note) -> list[Entry]:
    """Return the entries of a note."""
    return plain_text.with_plain_headings(split_entries(note.text, note.body_start))


def _properties(note: Note) -> list[Entry]:
    """Return the entry of what the front matter says beside what all notes have, if it does."""
    start, end = note.properties
    if start == end:
        return []
    return [
        Entry(PROPERTIES, note.text.count("\n", 0, start) + 1, note.text[start:end], 0, ((0, 0),))
    ]


def _described(note: Note, entries: Sequence[Entry]) -> Note:
    """Return a note with the tags of its text beside those of its front matter."""
    inline = [tag for entry in entries for tag in plain_text.inline_tags(entry.text)]
    return replace(note, tags=tuple(dict.fromkeys([*note.tags, *inline])))


def _as_skipped(note: Skipped, file: NoteFile) -> Skipped:
    """Return what to keep of a note that was read in vain."""
    return replace(note, size=file.size, modified_ns=file.modified_ns, state=file.state)


def _no_notes(sources: Sequence[Source], skipped: Sequence[Skipped]) -> NotesUnreadableError:
    """Return the error for sources without a single readable note."""
    where = ", ".join(map(str, sources))
    if skipped:
        reasons = "; ".join(f"{item.path}: {item.reason}" for item in skipped[:3])
        return NotesUnreadableError(
            f"none of the notes in {where} can be read ({reasons})",
            "fix or replace these files, or name another folder",
        )
    return NotesUnreadableError(
        f"there are no Markdown notes in {where}", "put .md files there, or name another folder"
    )
