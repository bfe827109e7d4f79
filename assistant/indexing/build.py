"""Bring the index up to date: only what changed is read, cut and embedded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant import notes
from assistant.answering import calibration
from assistant.embedding import Encoder
from assistant.engine_address import IndexPlace
from assistant.errors import IndexDamagedError
from assistant.indexing import freshness, mapping, meaning, multilingual, pace, scope
from assistant.indexing.embedder import Embedder
from assistant.indexing.freshness import Look
from assistant.indexing.plan import Plan, Progress, date_order_of, make_plan
from assistant.indexing.scope import Other
from assistant.indexing.up_to_date import Report
from assistant.indexing.workers.worker import Workers
from assistant.records import Calibration, Source
from assistant.store import (
    Index,
    Manifest,
    Update,
    damaged,
    index_at,
    provenance,
)
from assistant.user_folders import cache_folder

if TYPE_CHECKING:
    from assistant.embedding import Processor

Until = Literal["words", "round", "read"]
"""Where a build may end that takes long: where the notes are found by words, after a round of
reading them by meaning, or when all are read."""


def build(
    place: IndexPlace,
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
    until: Until = "read",
    other: Other = scope.NONE,
    workers: Workers | None = None,
    faster: Processor | None = None,
) -> Report:
    """Bring the index at a place up to date with the notes in the sources.

    What takes long to embed is found by words at first, and by meaning as it is read; each state
    is committed, and a build that is stopped leaves the last one.

    Args:
        place: The index folder, made if it is not there; or a server's address.
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
        until: Where to end if it takes long; another build goes on from there.
        other: The encoder of other languages, and which notes it is to read.
        workers: Who embeds, where this process is not to; all is then read before it is found.
        faster: The model on another processor, for the texts of a large build.

    Raises:
        TooLongError: There is more to embed than that.
        NotesUnreadableError: A source is missing, or no note in them can be read.
        ConfigError: The folder holds files that do not belong to an index.
        IndexBusyError: Another process is building, and is not waited for.
        IndexUnusableError: The folder cannot be written to; the old index still answers.
    """
    sources = notes.absolute(sources)
    index = index_at(place)
    with index.locked(wait=wait):
        embedder = Embedder(model_folder, late_interaction, open_encoder, faster)
        # It fails for a folder that is not there, before anything is set aside.
        found = seen or freshness.look(sources)
        try:
            with index.update() as update:
                update.claim(full=full)
                if check:
                    _check(index, update)
                if found.manifest not in (None, update.previous):
                    found = freshness.look(sources)
                reader = meaning.Reader(update, embedder, progress, workers)
                done = _update(update, sources, found, embedder, reader, full, most_seconds, until)
                return _with_others(update, done, other, progress)
        except IndexDamagedError:
            with index.update_anew() as update:
                reader = meaning.Reader(update, embedder, progress, workers)
                done = _update(update, sources, found, embedder, reader, True, most_seconds, until)
                return _with_others(update, done, other, progress)


def _with_others(update: Update, report: Report, other: Other, progress: Progress | None) -> Report:
    """Have notes in other languages read, too, where the index keeps such vectors."""
    if not update.reads_others:
        return replace(report, manifest=multilingual.tell(update, report.manifest))
    return replace(report, manifest=multilingual.read(update, report.manifest, other, progress))


def _check(index: Index, update: Update) -> None:
    """Raise IndexDamagedError if anything in the database is not as it was written."""
    if not update.previous:
        return
    with index.snapshot() as snapshot:
        for fault in index.faults(snapshot):
            raise damaged(update.folder, fault)


def _update(
    update: Update,
    sources: tuple[Source, ...],
    seen: Look,
    embedder: Embedder,
    reader: meaning.Reader,
    full: bool,
    most_seconds: float,
    until: Until,
) -> Report:
    """Plan, embed, write: the whole of a build under the lock."""
    old = update.previous
    update.tidy()
    made_by = (embedder.card.fingerprint, embedder.text_form)
    full = (
        full
        or old is None
        or not (old.calibration or old.by_words)
        or (old.fingerprint, old.text_form) != made_by
        # Texts embedded without their states have to be met again to get them.
        or old.late_interaction != embedder.late_interaction
        or date_order_of(old.sources) != date_order_of(sources)
    )
    asked = most_seconds > 0
    if asked:
        speed = pace.of_machine(embedder.card.fingerprint, asked=True)
        embedder.bound = pace.Bound(most_seconds, speed, partial(_known, update, embedder))
    chosen = meaning.first(seen) if until == "words" and old is None else seen
    plan = make_plan(update, sources, chosen, embedder, full, reader.progress)
    known = _known(update, embedder, embedder.texts)
    wanted = {digest: text for digest, text in embedder.texts.items() if digest not in known}
    # An index that answers is not given up for one that knows words alone.
    serves = old is not None and plan.full and not old.unread
    later = not (asked or serves or update.is_beside or reader.workers) and (
        len(chosen.files) < len(seen.files)
        or meaning.is_long(wanted.values(), embedder.card.fingerprint)
    )
    if not later:
        reader.embed(wanted)
    manifest = _write(
        update, embedder, sources, plan, meaning.newest_first(plan, wanted) if later else {}
    )
    embedder.texts.clear()
    if manifest.unread and not asked and until != "words":
        manifest = _read_on(update, embedder, reader, until)
    if not reader.workers and reader.by_model:  # the pace of the CPU, which questions stay on
        pace.keep(embedder.card.fingerprint, reader.pieces, reader.seconds, asked=asked)
    counts = len(plan.changed), len(plan.gone), reader.texts, reader.pieces
    return Report(manifest, *counts, embedder.processor)


def _read_on(update: Update, embedder: Embedder, reader: meaning.Reader, until: Until) -> Manifest:
    """Embed what waits and commit it, round by round; return the last manifest."""

    def commit() -> None:
        old = update.previous
        assert old is not None  # what waits was committed
        nothing = Plan(False, (), (), (), old.skipped)
        with update.new_generation(embedder.card.dimensions):
            manifest = _write_generation(update, embedder, nothing, {})
            update.put_manifest(replace(manifest, sources=old.sources, mark=old.mark))

    for _ in reader.rounds(commit):
        if until == "round":
            break
    assert update.previous is not None
    return update.previous


def _known(update: Update, embedder: Embedder, digests: Iterable[str]) -> set[str]:
    """Return those of some digests of texts that need not be embedded."""
    return update.known_texts(digests, states=embedder.late_interaction)


def _write(
    update: Update,
    embedder: Embedder,
    sources: tuple[Source, ...],
    plan: Plan,
    unread: Mapping[str, str],
) -> Manifest:
    """Write what changed and commit it as a new generation; return its manifest.

    Args:
        update: The index.
        embedder: Of its model.
        sources: Of the notes.
        plan: What changed.
        unread: Texts that are to wait, by digest; all others are embedded.
    """
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
        manifest = _write_generation(update, embedder, plan, unread)
        return update.put_manifest(replace(manifest, sources=sources, mark=mark))


def _write_generation(
    update: Update, embedder: Embedder, plan: Plan, unread: Mapping[str, str]
) -> Manifest:
    """Write the tables of a new generation and have it indexed; return its manifest."""
    if plan.full:
        update.clear()
    for file in () if plan.full else plan.gone:
        update.remove_note(file.root, file.path)
    for item in chain(plan.changed, plan.kept):
        update.put_note(item.note, item.entries, item.chunks)
    update.put_unread(unread)
    for note in plan.touched:
        update.put_note_row(note)
    update.drop_spare_vectors()
    if not embedder.late_interaction:
        update.drop_states()
    notes_count, entries, chunks = update.counts()
    update.index(states=embedder.late_interaction)
    update.put_centroids()
    left = len(update.unread_chunks())
    if update.has_map and not left:  # a map of some would not be that of all
        mapping.draw(update, embedder.card.dimensions)
    sizes = chunks, chunks - left
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
        calibration=_calibration(update, embedder, sizes, plan.full),
        by_words=_by_words(update, embedder, sizes, plan.full),
        unread=left,
        # Until they are read anew, it is of what is left of the notes as they were.
        multilingual=update.previous.multilingual if update.previous else None,
    )


def _calibration(
    update: Update, embedder: Embedder, sizes: tuple[int, int], full: bool
) -> Calibration | None:
    """Return the calibration of the verdict: the last one while the index is much the same.

    Args:
        update: The index.
        embedder: Of its model.
        sizes: Its chunks, and those that are read by meaning: there is none of less than half.
        full: Do not keep the last one.
    """
    chunks, read = sizes
    if read * 2 < chunks:
        return None
    old = None if full else update.previous
    # That of a part is not taken for that of all.
    last = old.calibration if old and (read < chunks or not old.unread) else None
    if not calibration.is_due(last, read):
        return last
    cache = cache_folder() / f"probes-{embedder.card.fingerprint}"
    return calibration.calibration(update, embedder.encoder, cache, embedder.gloss)


def _by_words(
    update: Update, embedder: Embedder, sizes: tuple[int, int], full: bool
) -> Calibration | None:
    """Return the calibration of what is not read by meaning, see ``_calibration``."""
    chunks, read = sizes
    if read == chunks:
        return None
    last = None if full or update.previous is None else update.previous.by_words
    if not calibration.is_due(last, chunks):
        return last
    return calibration.by_words(update, embedder.gloss)
