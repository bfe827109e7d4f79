"""An index taken from a folder to a server, or back, without embedding anything again.

Both give a note with its entries, its chunks and what the model made of their texts, and both take
it in as a build writes it. The calibration comes along: scores are the same on both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.embedding import Vectors
from assistant.engine_address import EngineAddress, IndexPlace
from assistant.errors import ConfigError, UsageError
from assistant.records import Chunk, Entry, Note
from assistant.store import files, provenance, repair
from assistant.store.manifest import ENGINE, Manifest
from assistant.store.milvus import records
from assistant.store.milvus.server import Server
from assistant.store.milvus.snapshot import MilvusSnapshot
from assistant.store.milvus.writing.lock import SpaceLock
from assistant.store.milvus.writing.update import MilvusUpdate
from assistant.store.snapshot import Snapshot
from assistant.store.texts import EmbeddedText
from assistant.store.update import NewChunk, Update

TEXTS_AT_ONCE = 500

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class WholeNote:
    """A note with all that an index holds of it."""

    note: Note
    entries: tuple[tuple[str, Entry], ...]
    chunks: dict[str, list[NewChunk]]
    texts: tuple[EmbeddedText, ...]
    """Of its chunks."""


def copy(source: IndexPlace, target: IndexPlace, progress: Progress | None = None) -> Manifest:
    """Copy an index between a folder and a server; return the manifest that it has there.

    What lies at the target is replaced once the copy is complete; the source is only read.

    Raises:
        UsageError: Neither is on a server.
        ConfigError: The target is another's, or the source not read by meaning to its end.
        IndexUnusableError: One of them cannot be read, or the other not be written.
    """
    if isinstance(source, EngineAddress) == isinstance(target, EngineAddress):
        raise UsageError(
            "one of the two has to be a folder, and the other a server's address",
            "copy a folder by any means: an index is whole in it",
        )
    if isinstance(target, EngineAddress):
        assert isinstance(source, Path)
        return _to_server(source, target, progress)
    assert isinstance(source, EngineAddress)
    return _to_folder(source, target, progress)


def _to_server(source: Path, target: EngineAddress, progress: Progress | None) -> Manifest:
    lock = SpaceLock(Server(target), target.space)
    with Snapshot(source) as snapshot, lock.held():
        if snapshot.manifest.unread:
            raise ConfigError(
                f"the index in {source} is not read by meaning to its end", "run `assistant build`"
            )
        with MilvusUpdate(target, lock) as update:
            update.claim(full=False)
            update.tidy()
            told = _told(snapshot.manifest, source, update.folder)
            return _write(update, told, _of_folder(snapshot), progress)


def _to_folder(source: EngineAddress, target: Path, progress: Progress | None) -> Manifest:
    with (
        MilvusSnapshot(source.of_space(source.space)) as snapshot,
        files.locked(target),
        closing(repair.opened(target)) as update,
    ):
        told = replace(_told(snapshot.manifest, snapshot.folder, target), engine=ENGINE)
        return _write(update, told, _of_server(snapshot), progress)


def _told(manifest: Manifest, source: IndexPlace, target: IndexPlace) -> Manifest:
    """Return what the manifest of the copy says; whose notes they are goes with it if it holds."""
    ours = provenance.is_marked(source, manifest.sources, manifest.mark)
    mark = provenance.mark(target, manifest.sources) if ours else ""
    return replace(manifest, mark=mark, multilingual=None)


def _write(
    update: Update | MilvusUpdate,
    told: Manifest,
    notes: Iterator[WholeNote],
    progress: Progress | None,
) -> Manifest:
    """Write notes in place of what was there, as one generation."""
    kept: list[WholeNote] = []
    for number, whole in enumerate(notes, 1):
        # Texts come first, in steps of their own, as in a build.
        update.keep_texts(whole.texts)
        kept.append(replace(whole, texts=()))
        if progress:
            progress("reading", number, told.notes)
    with update.new_generation(told.dimensions):
        update.clear()
        for whole in kept:
            update.put_note(whole.note, whole.entries, whole.chunks)
        update.index(states=told.late_interaction)
        update.put_centroids()
        return update.put_manifest(replace(told, generation=update.generation))


def _of_folder(snapshot: Snapshot) -> Iterator[WholeNote]:
    """Yield the notes of an index in a folder."""
    for stored in snapshot.notes():
        heads = snapshot.entries([stored.row])
        entries = [snapshot.entry(head.row) for head in heads]
        rows = [row for entry in entries for row, _ in entry.chunks]
        terms, digests = _chunk_columns(snapshot, rows)
        of_entries = _digests_of(snapshot, [head.row for head in heads])
        note = Note(
            *(stored.file, "", stored.digest, 0, stored.title, stored.tags, stored.date),
            *(stored.about, stored.date_from, stored.aliases, stored.remarks),
            names=stored.names,
        )
        yield WholeNote(
            note,
            tuple((of_entries[one.row], one.entry) for one in entries),
            {
                of_entries[one.row]: [
                    NewChunk(chunk, digests[row], *terms[row]) for row, chunk in one.chunks
                ]
                for one in entries
            },
            tuple(_texts(digests, snapshot.vectors(rows), snapshot.states(rows))),
        )


def _chunk_columns(
    snapshot: Snapshot, rows: Sequence[int]
) -> tuple[dict[int, tuple[str, str, str]], dict[int, str]]:
    """Return the terms of chunks and the digests of their texts, by row."""
    among = (json.dumps(list(rows)),)
    these = "(SELECT value FROM json_each(?))"
    terms = {
        row: (headings, body, names)
        for row, headings, body, names in snapshot.query(
            f"SELECT rowid, headings, body, names FROM lexical WHERE rowid IN {these}", among
        )
    }
    digests = dict(snapshot.query(f"SELECT id, text_digest FROM chunks WHERE id IN {these}", among))
    return terms, digests


def _digests_of(snapshot: Snapshot, entries: Sequence[int]) -> dict[int, str]:
    """Return the digests of entries, by row."""
    return dict(
        snapshot.query(
            "SELECT id, digest FROM entries WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(entries)),),
        )
    )


def _texts(
    digests: dict[int, str], vectors: dict[int, Vectors], states: dict[int, bytes]
) -> Iterator[EmbeddedText]:
    """Yield what the model made of the texts of chunks, each once."""
    met = set()
    for row, digest in digests.items():
        if digest not in met and row in vectors:
            met.add(digest)
            yield EmbeddedText(digest, vectors[row], states.get(row))


def _of_server(snapshot: MilvusSnapshot) -> Iterator[WholeNote]:
    """Yield the notes of a space on a server."""
    for stored in snapshot.notes():
        held = snapshot.held_notes([stored.row])[stored.row]
        entries = snapshot.whole_entries([part.entry for part in held.parts])
        rows = [row for entry in entries for row, _ in entry.chunks]
        chunks = snapshot.held(rows)
        digests = {row: chunk.details.digest for row, chunk in chunks.items()}
        yield WholeNote(
            records.as_note(held),
            tuple((part.digest, one.entry) for part, one in zip(held.parts, entries, strict=True)),
            {
                part.digest: [
                    NewChunk(Chunk(chunk.start, chunk.end), digests[row], *chunks[row].fields)
                    for row, chunk in one.chunks
                ]
                for part, one in zip(held.parts, entries, strict=True)
            },
            tuple(_texts(digests, snapshot.vectors(rows), snapshot.states(rows))),
        )
