"""Bring the index up to date with the notes: only what changed is read, cut and embedded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

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
    Index,
    Manifest,
    Writer,
    damaged,
    integrity,
    open_writer,
    provenance,
    started_over,
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
        check: Look through the whole index for damage, and repair it, before anything else.
        wait: Wait for another process that builds to end.
        late_interaction: Keep token states, a third of which the index then consists of.
        progress: Told of the embedding as it goes on.
        open_encoder: Gives the model, where the caller has it open already.
        seen: A look at these notes, where the caller has had one; it counts for the state of the
            index that it was compared with.

    Raises:
        NotesUnreadableError: A source is missing, or no note in them can be read.
        ConfigError: The folder holds files that do not belong to an index.
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
    with Index(writer.folder).snapshot() as reader:
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
    writer.tidy()
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
    if old and same and not any(writer.engine.faults("ids")):
        manifest = replace(old, sources=sources, skipped=plan.skipped, mark=mark)
        if plan.touched or manifest != old:
            with writer.transaction():
                for note in plan.touched:
                    writer.put_note_row(note)
                writer.put_manifest(manifest)
        return manifest
    with writer.new_generation(embedder.card.dimensions):
        manifest = _write_generation(writer, embedder, plan)
        return writer.put_manifest(replace(manifest, sources=sources, mark=mark))


def _write_generation(writer: Writer, embedder: Embedder, plan: Plan) -> Manifest:
    """Write the tables of a new generation and have it indexed; return its manifest."""
    if plan.full:
        writer.clear()
    for file in () if plan.full else plan.gone:
        writer.remove_note(file.root, file.path)
    for item in (*plan.changed, *plan.kept):
        writer.put_note(item.note, item.entries, item.chunks)
    for note in plan.touched:
        writer.put_note_row(note)
    writer.put_centroids()
    writer.drop_spare_vectors()
    if not embedder.late_interaction:
        writer.drop_states()
    notes_count, entries, chunks = writer.counts()
    writer.index()
    writer.draw_map(chunks)
    return Manifest(
        generation=writer.generation,
        model=embedder.card.name,
        fingerprint=embedder.card.fingerprint,
        dimensions=embedder.card.dimensions,
        text_form=embedder.text_form,
        sources=(),
        built=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=notes_count,
        entries=entries,
        chunks=chunks,
        late_interaction=embedder.late_interaction,
        skipped=plan.skipped,
        calibration=_calibration(writer, embedder, chunks, plan.full),
    )


def _calibration(writer: Writer, embedder: Embedder, chunks: int, full: bool) -> Calibration | None:
    """Return the calibration of the verdict: the last one while the index is much the same."""
    last = None if full or writer.previous is None else writer.previous.calibration
    if not calibration.is_due(last, chunks):
        return last
    cache = cache_folder() / f"probes-{embedder.card.fingerprint}"
    return calibration.calibration(writer, embedder.encoder, cache, embedder.gloss)
