"""What a build has to do: notes that are new or changed, read and cut, and notes that are gone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assistant import notes
from assistant.errors import NotesUnreadableError
from assistant.indexing import freshness, naming, shared_headings
from assistant.indexing.embedder import Embedder, digest_of
from assistant.indexing.freshness import Look, as_read
from assistant.indexing.shared_headings import Read
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
    """Notes to be written again as the index has them: those out of reach when all are, and those
    of which an entry has come to need their name."""


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
    read: list[Read] = []
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
        described = _described(note, _entries(note))
        if digests.get(file.stamp[:2]) == note.digest:
            touched.append(described[0])
        else:
            read.append(described)
    if len(stored) - len(gone) + len(read) == 0:
        raise _no_notes(sources, skipped)
    here = {(note.file.root, note.file.path) for note, _ in read}
    left = [file for file in map(NoteFile.from_stamp, stored) if file not in gone]
    unread = [file for file in left if (file.root, file.path) not in here]
    kept = [update.read(file) for file in unread] if full else []
    if full:
        shared = shared_headings.among([*read, *kept])
    else:
        replaced = [file for file in left if (file.root, file.path) in here]
        shared = shared_headings.after(update, read, [*gone, *replaced])
        kept = [update.read(file) for file in shared.notes]
    return Plan(
        full,
        tuple(_cut(update, item, embedder, shared.keys, full) for item in read),
        tuple(touched),
        tuple(gone),
        tuple(skipped),
        tuple(_cut(update, item, embedder, shared.keys, full) for item in kept),
    )


def date_order_of(sources: Sequence[Source]) -> str:
    """Return how dates are read that may be read in two ways: there is one setting for all."""
    return next((source.date_order for source in sources), "")


def _cut(
    update: Update, read: Read, embedder: Embedder, shared: Collection[str], full: bool
) -> ChangedNote:
    """Cut the entries of a note that it did not have before into chunks."""
    note, split = read
    leads = [naming.leading_name(note.names, entry, shared) for entry in split]
    called = (*note.names, *note.tags)
    entries = tuple(
        (digest_of(note.about, *called, lead, *entry.headings, entry.text), entry)
        for lead, entry in zip(leads, split, strict=True)
    )
    before = [] if full else update.entry_digests(note.file.root, note.file.path)
    added = Counter(digest for digest, _ in entries) - Counter(before)
    chunks = {
        digest: embedder.chunks(entry, note.about, lead, called)
        for (digest, entry), lead in zip(entries, leads, strict=True)
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


def _described(note: Note, entries: Sequence[Entry]) -> Read:
    """Return a note with its names, and with the tags of its text beside its front matter's.

    Its properties are an entry before the others.
    """
    inline = [tag for entry in entries for tag in plain_text.inline_tags(entry.text)]
    tags = tuple(dict.fromkeys([*note.tags, *inline]))
    described = replace(note, tags=tags, names=naming.names(note, entries))
    return described, (*_properties(note), *entries)


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
