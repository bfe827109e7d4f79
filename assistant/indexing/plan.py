"""What a build has to do: notes that are new or changed, read and cut, and notes that are gone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant import notes
from assistant.errors import NotesUnreadableError
from assistant.indexing import freshness, naming, shared_headings
from assistant.indexing.embedder import Embedder, digest_of
from assistant.indexing.freshness import Look, as_read
from assistant.indexing.shared_headings import Read
from assistant.language import api_summaries
from assistant.markdown import plain_text, split_again, split_entries
from assistant.records import PROPERTIES, Entry, Note, NoteFile, Skipped, Source
from assistant.store import NewChunk, Update

Progress = Callable[[str, int, int], None]
"""Told the stage, how much is done, and how much there is: of ``reading`` notes that are read, of
``cutting`` those that are cut, of ``embedding`` word pieces."""

LONG_NOTE = 32 * 1024
"""Characters; a shorter note is parsed again sooner than its entries are fetched."""

AT_ONCE = 64
"""Notes whose word pieces are counted together."""


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
    update: Update,
    sources: Sequence[Source],
    seen: Look,
    embedder: Embedder,
    full: bool,
    progress: Progress | None = None,
) -> Plan:
    """Compare the notes with the index; read and cut what is new.

    Args:
        update: The index.
        sources: Folders and files of notes, for messages.
        seen: The notes that are there.
        embedder: Cuts entries.
        full: Take no note for known.
        progress: Told how many of the notes are read, and of many notes how many are cut.

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
    wanted = [file for file in found if file.stamp not in known]
    for number, file in enumerate(wanted):
        if progress:
            progress("reading", number, len(wanted))
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
        before = () if full else _entries_before(update, note, digests)
        described = _described(note, _entries(note, before))
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
        tuple(_all_cut(update, read, embedder, shared.keys, full, progress)),
        tuple(touched),
        tuple(gone),
        tuple(skipped),
        tuple(_all_cut(update, kept, embedder, shared.keys, full)),
    )


def date_order_of(sources: Sequence[Source]) -> str:
    """Return how dates are read that may be read in two ways: there is one setting for all."""
    return next((source.date_order for source in sources), "")


def _all_cut(
    update: Update,
    read: Sequence[Read],
    embedder: Embedder,
    shared: Collection[str],
    full: bool,
    progress: Progress | None = None,
) -> Iterator[ChangedNote]:
    """Yield notes with the entries that they did not have before cut into chunks."""
    for at in range(0, len(read), AT_ONCE):
        some = read[at : at + AT_ONCE]
        if full:  # else most entries are as they were
            embedder.count_ahead(entry for _, entries in some for entry in entries)
        for item in some:
            yield _cut(update, item, embedder, shared, full)
        if progress and len(read) > AT_ONCE:
            progress("cutting", at + len(some), len(read))


def _cut(
    update: Update, read: Read, embedder: Embedder, shared: Collection[str], full: bool
) -> ChangedNote:
    """Cut the entries of a note that it did not have before into chunks."""
    note, split = read
    leads = [naming.leading_name(note.names, entry, shared) for entry in split]
    called = (*note.names, *note.tags)
    in_python = api_summaries.tells_of_python(entry.text for entry in split)
    code = ("python",) if in_python else ()
    entries = tuple(
        (digest_of(*code, note.about, *called, lead, *entry.headings, entry.text), entry)
        for lead, entry in zip(leads, split, strict=True)
    )
    before = [] if full else update.entry_digests(note.file.root, note.file.path)
    added = Counter(digest for digest, _ in entries) - Counter(before)
    chunks = {
        digest: embedder.chunks(entry, note.about, lead, called, in_python)
        for (digest, entry), lead in zip(entries, leads, strict=True)
        if digest in added
    }
    return ChangedNote(note, entries, chunks)


def _entries_before(update: Update, note: Note, known: Container[object]) -> Sequence[Entry]:
    """Return the entries that a long note had, without the one of its properties."""
    if len(note.text) < LONG_NOTE or note.file.stamp[:2] not in known:
        return ()
    _, entries = update.read(note.file)
    return entries[1:] if entries and entries[0].headings == PROPERTIES else entries


def _entries(note: Note, before: Sequence[Entry] = ()) -> list[Entry]:
    """Return the entries of a note, of which it may have had some before."""
    again = split_again(note.text, note.body_start, before)
    if again is not None:
        return again
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
