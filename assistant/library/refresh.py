"""Keep an index fresh: build it, and take in before a question what changed, when that is quick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import embedding, left_out, store
from assistant.engine_address import IndexPlace
from assistant.errors import (
    AssistantError,
    ConfigError,
    IndexBusyError,
    IndexUnusableError,
    TooLongError,
    UsageError,
)
from assistant.indexing import Changes, freshness, scope, up_to_date
from assistant.library import sources as of_index
from assistant.records import Source

if TYPE_CHECKING:
    from assistant.embedding import Encoder, Processor
    from assistant.indexing import Look, Progress, Report, Until, Workers
    from assistant.search import Searcher
    from assistant.settings import Settings
    from assistant.store import Snapshot

FEW_NOTES = 20
"""Changed notes that a question takes in before it is answered."""

MOST_SECONDS = 10.0
"""Seconds up to which it does so: what they have to be read and embedded for, by estimate."""

READ_PACE = 1_000_000
"""Bytes of notes a second that an old laptop reads and cuts; a multiple of that on most."""


def rebuild(
    settings: Settings,
    sources: Sequence[Path | Source],
    *,
    full: bool = False,
    check: bool = False,
    wait: bool = False,
    progress: Progress | None = None,
    open_encoder: Callable[[], Encoder] | None = None,
    seen: Look | None = None,
    most_seconds: float = 0,
    until: Until = "read",
    workers: str = "",
    faster: Processor | None = None,
) -> Report:
    """Bring the index up to date; see ``build.build``.

    Whoever has seen that the notes have changed passes on what was seen: only others ask first
    whether there is anything to do. A build whose seconds are bounded stays on the CPU; for others
    the processor is that of the settings, unless the caller keeps one from build to build.

    Raises:
        ConfigError: The processor that the settings name is not there; else as ``build.build``.
    """
    folder = embedding.export.exported(settings.model, fetch=settings.fetches)
    asked = store.index_at(settings.index).is_asked_in_others
    other = scope.of_setting(settings.multilingual, settings.model, asked=asked)
    if not full and seen is None:
        manifest = up_to_date.manifest(
            settings.index, sources, folder, settings.late_interaction, check=check, other=other
        )
        if manifest:  # importing what builds takes longer than seeing that there is nothing to do
            return up_to_date.Report(manifest)
    from assistant.indexing import build

    if faster is None and not most_seconds and not workers:
        faster = embedding.Faster(settings.device, settings.model, folder)
    with _workers(workers) as crew:
        return build.build(
            settings.index,
            sources,
            folder,
            full=full,
            check=check,
            wait=wait,
            late_interaction=settings.late_interaction,
            progress=progress,
            open_encoder=open_encoder,
            seen=seen,
            most_seconds=most_seconds,
            until=until,
            other=other,
            workers=crew,
            faster=faster,
        )


def _workers(address: str) -> AbstractContextManager[Workers | None]:
    """Return who embeds: the workers of a Ray cluster, or nobody but this process.

    Raises:
        UsageError: Ray is not installed.
    """
    if not address:
        return nullcontext()
    if left_out.WORKERS.missing():
        raise UsageError(
            f"without Ray there is not {left_out.WORKERS.what}", left_out.WORKERS.remedy()
        )
    from assistant.indexing import workers

    return workers.opened(address)


def first_build(settings: Settings, progress: Progress | None = None) -> None:
    """Make an index that answers a question: by words, if to read it all takes long.

    Where no process may read on after it, all is read.
    """
    until: Until = "words" if settings.background else "read"
    rebuild(settings, settings.notes, progress=progress, until=until)


def check_that_nobody_builds(place: IndexPlace) -> None:
    """Raise IndexBusyError if another process is making an index for the first time."""
    try:
        if not store.index_at(place).is_written:
            return
    except (ConfigError, IndexUnusableError):
        return  # whoever builds finds out
    raise IndexBusyError(
        f"another process is building the index in {place}, for the first time",
        "ask again in a moment; `assistant build --wait` waits until it has finished",
    )


def is_cut_otherwise(searcher: Searcher) -> bool:
    """Return whether notes are cut or glossed otherwise than when the index was built.

    It still answers; until a build has cut the notes anew, not as well as it could.
    """
    return searcher.snapshot.manifest.text_form != up_to_date.text_form()


def changes(settings: Settings, snapshot: Snapshot) -> Changes:
    """Return how the notes that an index follows differ from it."""
    return freshness.since_build(snapshot, followed(settings, snapshot))


def followed(settings: Settings, snapshot: Snapshot) -> tuple[Source, ...]:
    """Return the notes that an index follows, see ``sources.followed_by``."""
    return of_index.followed_by(settings, snapshot.manifest.named(settings.index))


def catch_up(
    settings: Settings,
    searcher: Searcher,
    encoder: Future[Encoder],
    progress: Progress | None = None,
    last: Changes | None = None,
) -> Changes:
    """Take in what changed since the build when that is quick; return what stays out.

    Args:
        settings: Where the notes are.
        searcher: The index.
        encoder: Its model.
        progress: Told that notes are read, then of the embedding.
        last: What the last call returned: what took too long then is not tried again.
    """
    manifest = searcher.snapshot.manifest
    sources = followed(settings, searcher.snapshot)
    changes = freshness.since_build(searcher.snapshot, sources)
    if not changes.count or changes.unreadable:
        return changes
    if changes.count > FEW_NOTES or changes.size > MOST_SECONDS * READ_PACE:
        return changes
    if last and last.too_long and last == changes:
        return last
    card = encoder.result().card
    # To take a note in then is to cut and embed all of them anew.
    if (card.fingerprint, up_to_date.text_form()) != (manifest.fingerprint, manifest.text_form):
        return changes
    if progress:
        progress("reading", 0, changes.count)
    searcher.pause()  # else the build could not clear its log away
    try:
        # A question changes nothing but notes, whatever a settings file says where it is asked.
        kept = replace(settings, late_interaction=manifest.late_interaction)
        rebuild(
            kept,
            sources,
            progress=progress,
            open_encoder=encoder.result,
            seen=changes.seen,
            most_seconds=MOST_SECONDS,
        )
    except AssistantError as error:
        searcher.resume()
        # The index as it is still answers.
        return replace(changes, too_long=isinstance(error, TooLongError))
    searcher.refresh()
    return Changes()
