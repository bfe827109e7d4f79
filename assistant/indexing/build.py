"""Bring the index up to date: only what changed is read, cut and embedded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from assistant import notes
from assistant.answering import calibration
from assistant.embedding import Encoder
from assistant.errors import IndexDamagedError
from assistant.indexing import freshness, pace
from assistant.indexing.embedder import Embedder
from assistant.indexing.freshness import Look
from assistant.indexing.plan import Plan, date_order_of, make_plan
from assistant.indexing.up_to_date import Report
from assistant.records import Calibration, Source
from assistant.store import (
    EmbeddedText,
    Index,
    Manifest,
    Update,
    damaged,
    integrity,
    provenance,
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
    most_seconds: float = 0,
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
        progress: Told of the notes that are read and of the embedding, as they go on.
        open_encoder: Gives the model, where the caller has it open already.
        seen: A look at these notes, where the caller has had one; it counts for the state of the
            index that it was compared with.
        most_seconds: Embed for no longer than that, by the pace of this machine; 0 for as long as
            it takes.

    Raises:
        TooLongError: There is more to embed than that.
        NotesUnreadableError: A source is missing, or no note in them can be read.
        ConfigError: The folder holds files that do not belong to an index.
        IndexBusyError: Another process is building, and is not waited for.
        IndexUnusableError: The folder cannot be written to; the old index still answers.
    """
    sources = notes.absolute(sources)
    index = Index(folder)
    with index.locked(wait=wait):
        embedder = Embedder(model_folder, late_interaction, open_encoder)
        # It fails for a folder that is not there, before anything is set aside.
        found = seen or freshness.look(sources)
        try:
            with index.update() as update:
                if check:
                    _check(update)
                if found.manifest not in (None, update.previous):
                    found = freshness.look(sources)
                return _update(update, sources, found, embedder, full, progress, most_seconds)
        except IndexDamagedError:
            with index.update_anew() as update:
                return _update(update, sources, found, embedder, True, progress, most_seconds)


def _check(update: Update) -> None:
    """Raise IndexDamagedError if anything in the database is not as it was written."""
    if not update.previous:
        return
    with Index(update.folder).snapshot() as snapshot:
        for fault in integrity.faults(snapshot):
            raise damaged(update.folder, fault)


def _update(
    update: Update,
    sources: tuple[Source, ...],
    seen: Look,
    embedder: Embedder,
    full: bool,
    progress: Progress | None,
    most_seconds: float,
) -> Report:
    """Plan, embed, write: the whole of a build under the lock."""
    old = update.previous
    update.tidy()
    made_by = (embedder.card.fingerprint, embedder.text_form)
    full = (
        full
        or old is None
        or old.calibration is None
        or (old.fingerprint, old.text_form) != made_by
        # Texts embedded without their states have to be met again to get them.
        or old.late_interaction != embedder.late_interaction
        or date_order_of(old.sources) != date_order_of(sources)
    )
    asked = most_seconds > 0
    if asked:
        speed = pace.of_machine(embedder.card.fingerprint, asked=True)
        embedder.bound = pace.Bound(most_seconds, speed, partial(_known, update, embedder))
    plan = make_plan(update, sources, seen, embedder, full, progress)
    began = time.monotonic()
    embedded, pieces = _embed(update, embedder, progress)
    pace.keep(embedder.card.fingerprint, pieces, time.monotonic() - began, asked=asked)
    manifest = _write(update, embedder, sources, plan)
    return Report(manifest, len(plan.changed), len(plan.gone), embedded, pieces)


def _known(update: Update, embedder: Embedder, digests: Iterable[str]) -> set[str]:
    """Return those of some digests of texts that need not be embedded."""
    return update.known_texts(digests, states=embedder.late_interaction)


def _embed(update: Update, embedder: Embedder, progress: Progress | None) -> tuple[int, int]:
    """Embed the texts whose vectors are not known; return how many, and their word pieces."""
    known = _known(update, embedder, embedder.texts)
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
            update.keep_texts(pending)
            pending.clear()
        if progress:
            progress("embedding", done, total)
    update.keep_texts(pending)
    return len(texts), total


def _write(update: Update, embedder: Embedder, sources: tuple[Source, ...], plan: Plan) -> Manifest:
    """Write what changed and commit it as a new generation; return its manifest."""
    old = update.previous
    mark = provenance.mark(update.folder, sources)
    same = old and not (plan.full or plan.changed or plan.gone)
    if old and same and not any(update.engine.faults("ids")):
        manifest = replace(old, sources=sources, skipped=plan.skipped, mark=mark)
        if plan.touched or manifest != old:
            with update.transaction():
                for note in plan.touched:
                    update.put_note_row(note)
                update.put_manifest(manifest)
        return manifest
    with update.new_generation(embedder.card.dimensions):
        manifest = _write_generation(update, embedder, plan)
        return update.put_manifest(replace(manifest, sources=sources, mark=mark))


def _write_generation(update: Update, embedder: Embedder, plan: Plan) -> Manifest:
    """Write the tables of a new generation and have it indexed; return its manifest."""
    if plan.full:
        update.clear()
    for file in () if plan.full else plan.gone:
        update.remove_note(file.root, file.path)
    for item in (*plan.changed, *plan.kept):
        update.put_note(item.note, item.entries, item.chunks)
    for note in plan.touched:
        update.put_note_row(note)
    update.put_centroids()
    update.drop_spare_vectors()
    if not embedder.late_interaction:
        update.drop_states()
    notes_count, entries, chunks = update.counts()
    update.index()
    update.draw_map(chunks)
    return Manifest(
        generation=update.generation,
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
        calibration=_calibration(update, embedder, chunks, plan.full),
    )


def _calibration(update: Update, embedder: Embedder, chunks: int, full: bool) -> Calibration | None:
    """Return the calibration of the verdict: the last one while the index is much the same."""
    last = None if full or update.previous is None else update.previous.calibration
    if not calibration.is_due(last, chunks):
        return last
    cache = cache_folder() / f"probes-{embedder.card.fingerprint}"
    return calibration.calibration(update, embedder.encoder, cache, embedder.gloss)
