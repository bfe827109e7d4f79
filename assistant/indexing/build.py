"""Bring the index up to date with the notes: only what changed is read, cut and embedded."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import numpy as np

from assistant import notes
from assistant.answering import calibration
from assistant.embedding import Encoder
from assistant.errors import IndexDamagedError
from assistant.indexing import freshness
from assistant.indexing.embedder import Embedder
from assistant.indexing.freshness import Look
from assistant.indexing.plan import Plan, make_plan
from assistant.indexing.up_to_date import Report
from assistant.records import Calibration, Source
from assistant.store import (
    EmbeddedText,
    Manifest,
    Reader,
    Writer,
    checksums,
    damaged,
    files,
    integrity,
    open_writer,
    provenance,
    started_over,
    unwritable,
    vector_index,
    writer_lock,
)
from assistant.user_folders import cache_folder

Progress = Callable[[str, int, int], None]
"""Told the stage, how many word pieces are done, and how many there are."""

SAVED_EVERY = 256
"""Vectors after which a running build keeps what it has."""


def build(
    folder: Path,
    sources: Sequence[Path | Source],
    model_folder: Path,
    *,
    full: bool = False,
    check: bool = False,
    wait: bool = False,
    late_interaction: bool = True,
    progress: Progress | None = None,
    open_encoder: Callable[[], Encoder] | None = None,
    seen: Look | None = None,
) -> Report:
    """Bring the index in a folder up to date with the notes in the sources.

    Args:
        folder: The index folder; made if it is not there.
        sources: Folders and files of notes.
        model_folder: As ``export.exported`` returns it.
        full: Read, cut and index every note again; vectors of known texts are kept all the same.
        check: Look through the whole index for damage, and mend it, before anything else.
        wait: Wait for another process that builds to end.
        late_interaction: Keep token states, a third of which the index then consists of.
        progress: Told of the embedding as it goes on.
        open_encoder: Gives the model, where the caller has it open already.
        seen: A look at these notes, where the caller has had one; it counts for the state of the
            index that it was compared with.

    Raises:
        NotesUnreadableError: A source is missing, or no note in them can be read.
        ConfigError: The folder holds files that are no index's.
        IndexBusyError: Another process is building, and is not waited for.
        IndexUnusableError: The folder cannot be written to; the old index still answers.
    """
    sources = notes.absolute(sources)
    with writer_lock(folder, wait=wait):
        embedder = Embedder(model_folder, late_interaction, open_encoder)
        # It fails for a folder that is not there, before anything is set aside.
        found = seen or freshness.look(sources)
        try:
            with open_writer(folder) as writer:
                if check:
                    _check(writer)
                if found.manifest not in (None, writer.previous):
                    found = freshness.look(sources)
                return _update(writer, sources, found, embedder, full, progress)
        except IndexDamagedError:
            with started_over(folder) as writer:
                return _update(writer, sources, found, embedder, True, progress)


def _check(writer: Writer) -> None:
    """Raise IndexDamagedError if anything in the database is not as it was written."""
    if not writer.previous:
        return
    with Reader(writer.folder) as reader:
        for fault in integrity.faults(reader):
            raise damaged(writer.folder, fault)


def _update(
    writer: Writer,
    sources: tuple[Source, ...],
    seen: Look,
    embedder: Embedder,
    full: bool,
    progress: Progress | None,
) -> Report:
    """Plan, embed, write: the whole of a build under the lock."""
    old = writer.previous
    # What a build left that was stopped before it committed; no reader knows of it.
    _remove_strays(writer, *((old.dense, old.dense_before) if old else ()))
    made_by = (embedder.card.fingerprint, embedder.text_form)
    full = (
        full
        or old is None
        or old.calibration is None
        or (old.fingerprint, old.text_form) != made_by
        # Texts embedded without their states have to be met again to get them.
        or old.late_interaction != embedder.late_interaction
    )
    plan = make_plan(writer, sources, seen, embedder, full)
    embedded, pieces = _embed(writer, embedder, progress)
    manifest = _write(writer, embedder, sources, plan)
    return Report(manifest, len(plan.changed), len(plan.gone), embedded, pieces)


def _embed(writer: Writer, embedder: Embedder, progress: Progress | None) -> tuple[int, int]:
    """Embed the texts whose vectors are not known; return how many, and their word pieces."""
    known = writer.known_texts(embedder.texts, states=embedder.late_interaction)
    wanted = {digest: text for digest, text in embedder.texts.items() if digest not in known}
    if not wanted:
        return 0, 0
    digests, texts = list(wanted), list(wanted.values())
    sizes = embedder.encoder.count_pieces(texts)
    total, done = sum(sizes), 0
    pending: list[EmbeddedText] = []
    for i, embedding in embedder.encoder.encode_passages(texts):
        pending.append(EmbeddedText(digests[i], embedding.vector, embedder.states(embedding)))
        done += sizes[i]
        if len(pending) >= SAVED_EVERY:
            writer.keep_texts(pending)
            pending.clear()
        if progress:
            progress("embedding", done, total)
    writer.keep_texts(pending)
    return len(texts), total


def _write(writer: Writer, embedder: Embedder, sources: tuple[Source, ...], plan: Plan) -> Manifest:
    """Write what changed and commit it as a new generation; return its manifest."""
    old = writer.previous
    mark = provenance.mark(writer.folder, sources)
    same = old and not (plan.full or plan.changed or plan.gone)
    if old and same and _has_vectors(writer, old):
        manifest = replace(old, sources=sources, skipped=plan.skipped, mark=mark)
        if plan.touched or manifest != old:
            with writer.transaction():
                for note in plan.touched:
                    writer.put_note_row(note)
                writer.put_manifest(manifest)
        return manifest
    path = writer.folder / _new_name(writer)
    before = old.dense if old else ""
    with writer.transaction():
        try:
            manifest = replace(
                _write_generation(writer, embedder, plan, path),
                sources=sources,
                mark=mark,
                dense_before=before,
            )
            writer.put_manifest(manifest)
        except BaseException:
            with suppress(OSError):
                path.unlink(missing_ok=True)  # a full disk needs the room
            raise
    _remove_strays(writer, path.name, before)
    return manifest


def _remove_strays(writer: Writer, *keep: str) -> None:
    """Delete files of vectors that no reader asks for; not while another database is in force."""
    if not writer.is_beside:
        files.remove_strays(writer.folder, keep)


def _write_generation(writer: Writer, embedder: Embedder, plan: Plan, path: Path) -> Manifest:
    """Write the tables and the file of vectors of a new generation; return its manifest."""
    if plan.full:
        writer.clear()
    before = writer.last_chunk()
    gone = () if plan.full else plan.gone
    dropped = [row for file in gone for row in writer.remove_note(file.root, file.path)]
    for item in (*plan.changed, *plan.kept):
        dropped += writer.put_note(item.note, item.entries, item.windows)
    for note in plan.touched:
        writer.put_note_row(note)
    writer.put_centroids()
    writer.drop_spare_vectors()
    if not embedder.late_interaction:
        writer.drop_states()
    notes_count, entries, chunks = writer.counts()
    index = _dense_index(writer, embedder.card.dimensions, before, dropped, chunks)
    writer.draw_map(embedder.card.dimensions, before, chunks)
    try:
        vector_index.write(index, path)
        sealed = checksums.at_end(path)
    except OSError as error:
        raise unwritable(writer.folder, error.strerror or str(error)) from error
    return Manifest(
        generation=writer.generation,
        model=embedder.card.name,
        fingerprint=embedder.card.fingerprint,
        dimensions=embedder.card.dimensions,
        text_form=embedder.text_form,
        sources=(),
        built=datetime.now(UTC).isoformat(timespec="seconds"),
        dense=path.name,
        dense_seal=sealed,
        dense_before="",
        notes=notes_count,
        entries=entries,
        chunks=chunks,
        late_interaction=embedder.late_interaction,
        skipped=plan.skipped,
        calibration=_calibration(writer, embedder, index, chunks, plan.full),
    )


def _has_vectors(writer: Writer, old: Manifest) -> bool:
    """Return whether the file of vectors is the one that was written; if not, it is made anew."""
    try:
        whole = checksums.holds(writer.folder / old.dense, old.dense_seal, whole=True)
    except OSError:
        return False
    return whole and integrity.has_vectors(writer, old)


def _new_name(writer: Writer) -> str:
    """Return a name for a file of vectors that is not taken: a reader may have the other mapped."""
    names = (f"dense-{number}.faiss" for number in count(writer.generation))
    return next(name for name in names if not os.path.lexists(writer.folder / name))


def _calibration(
    writer: Writer, embedder: Embedder, index: vector_index.Index, chunks: int, full: bool
) -> Calibration | None:
    """Return the calibration of the verdict: the last one while the index is much the same."""
    last = None if full or writer.previous is None else writer.previous.calibration
    if not calibration.is_due(last, chunks):
        return last
    cache = cache_folder() / f"probes-{embedder.card.fingerprint}"
    return calibration.calibration(writer, index, embedder.encoder, cache, embedder.gloss)


def _dense_index(
    writer: Writer, dimensions: int, before: int, dropped: Sequence[int], chunks: int
) -> vector_index.Index:
    """Return the dense index of all chunks: the last one brought up to date where that serves."""
    if before and writer.previous:
        with suppress(IndexDamagedError):
            last = writer.previous
            index = vector_index.read(
                writer.folder / last.dense,
                last.chunks,
                last.dense_seal,
                dimensions=dimensions,
                writable=True,
            )
            vectors, ids = writer.chunk_vectors(dimensions, since=before)
            vector_index.update(index, np.array(dropped, np.int64), vectors, ids)
            if vector_index.suits(index) and integrity.is_of_chunks(
                writer, vector_index.ids_of(index)
            ):
                return index
    vectors, ids = writer.chunk_vectors(dimensions)
    if len(ids) != chunks:
        raise damaged(writer.folder, "some vectors are missing")
    return vector_index.build(vectors, ids)
