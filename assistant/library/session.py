"""What the command line and the page do alike: find the notes of an index, keep it fresh."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from assistant import notes
from assistant.embedding import ModelCard
from assistant.errors import AssistantError, ConfigError
from assistant.indexing import Changes, Look, freshness, up_to_date
from assistant.records import Source
from assistant.settings import Settings
from assistant.store import Named, last_named
from assistant.text import UNFOLLOWED

if TYPE_CHECKING:
    from assistant.embedding import Encoder
    from assistant.indexing import Progress
    from assistant.library.status import Status
    from assistant.search import Searcher

FEW_NOTES = 20
"""Changed notes that a question takes in before it is answered."""

FEW_BYTES = 4_000_000
"""Size of the changed notes up to which it does so."""


def sources_of(settings: Settings, given: Sequence[Path | Source] = ()) -> tuple[Source, ...]:
    """Return the notes to build from: those given, else the settings', else the last build's.

    An index that was named by flag or environment keeps its own notes, whatever the settings say of
    the usual one.

    Raises:
        ConfigError: Nobody ever said where the notes are.
    """
    if given:
        named = (s if isinstance(s, Source) else given_folder(settings, s) for s in given)
        return notes.absolute(list(named))
    last = last_named(settings.index)
    return _usual(settings, last) or _nobody_said(settings, last)


def given_folder(settings: Settings, path: Path) -> Source:
    """Return a folder that was named for a build: what the settings say of all folders holds."""
    return Source(
        path,
        given=True,
        left_out=settings.left_out,
        endings=settings.endings,
        date_order=settings.date_order,
    )


def followed(settings: Settings) -> tuple[Source, ...]:
    """Return the notes that an index follows between builds, see ``followed_by``.

    Raises:
        ConfigError: Nobody ever said where the notes are.
    """
    last = last_named(settings.index)
    return followed_by(settings, last) or _nobody_said(settings, last)


def followed_by(settings: Settings, last: Named) -> tuple[Source, ...]:
    """Return the notes that an index follows: the settings', or those named for it at its build.

    Notes that were named at its last build stay in force until the next `assistant build` without
    any, unless the settings have come to name the same, perhaps with patterns. An index that was
    named by flag or environment keeps its own. A strange one, which may have been made anywhere,
    follows nothing there, lest a question write the user's notes into somebody else's folder.
    """
    here = [source.path for source in settings.notes]
    if any(source.given for source in settings.notes):
        return settings.notes
    if any(source.given for source in last.sources) and [s.path for s in last.sources] != here:
        return last.sources
    return _usual(settings, last)


def _usual(settings: Settings, last: Named) -> tuple[Source, ...]:
    """Return the notes of an index that nobody has named others for."""
    if settings.index_named or settings.index_met:
        return last.sources or (() if last.is_strange else settings.notes)
    return settings.notes or last.sources


def _nobody_said(settings: Settings, last: Named) -> NoReturn:
    if last.is_strange:
        raise ConfigError(
            f"the index in {settings.index} follows {UNFOLLOWED}",
            "name them: assistant build NOTES; `assistant status` shows what it was built from",
        )
    raise ConfigError(
        "no notes folder is known",
        "run `assistant init`, or name one: assistant build NOTES",
    )


def status_of(settings: Settings) -> Status:
    """Return the state of the index, compared with the notes that it follows.

    Raises:
        IndexUnusableError: There is none, or it cannot be read.
    """
    from assistant.library.status import gather

    return gather(settings.index, followed_by(settings, last_named(settings.index)))


def rebuild(
    settings: Settings,
    sources: Sequence[Path | Source],
    *,
    full: bool = False,
    check: bool = False,
    wait: bool = False,
    progress: Progress | None = None,
    encoder: Future[Encoder] | None = None,
    seen: Look | None = None,
) -> up_to_date.Report:
    """Bring the index up to date; see ``build.build``.

    Whoever has seen that the notes have changed passes on what was seen: only others ask first
    whether there is anything to do.
    """
    from assistant.embedding import export

    opened = encoder.result if encoder else None
    if encoder:
        encoder.result()  # it may be exporting the model, which only one thread can do
    folder = export.exported(settings.model, fetch=settings.fetches)
    if not full and seen is None:
        manifest = up_to_date.manifest(
            settings.index, sources, folder, settings.late_interaction, check=check
        )
        if manifest:  # importing what builds takes longer than seeing that there is nothing to do
            return up_to_date.Report(manifest)
    from assistant.indexing import build

    return build.build(
        settings.index,
        sources,
        folder,
        full=full,
        check=check,
        wait=wait,
        late_interaction=settings.late_interaction,
        progress=progress,
        open_encoder=opened,
        seen=seen,
    )


def is_cut_otherwise(searcher: Searcher) -> bool:
    """Return whether notes are cut or glossed otherwise than when the index was built.

    It still answers; until a build has cut the notes anew, not as well as it could.
    """
    return searcher.snapshot.manifest.text_form != up_to_date.text_form()


def catch_up(
    settings: Settings,
    searcher: Searcher,
    encoder: Future[Encoder],
    progress: Progress | None = None,
) -> Changes:
    """Take in what changed since the build when that is quick; return what stays out."""
    manifest = searcher.snapshot.manifest
    sources = followed_by(settings, manifest.named(settings.index))
    changes = freshness.since_build(searcher.snapshot, sources)
    if not changes.count or changes.unreadable:
        return changes
    if changes.count > FEW_NOTES or changes.size > FEW_BYTES:
        return changes
    card: ModelCard = encoder.result().card
    # To take a note in then is to cut and embed all of them anew.
    if (card.fingerprint, up_to_date.text_form()) != (manifest.fingerprint, manifest.text_form):
        return changes
    searcher.pause()  # else the build could not clear its log away
    try:
        # A question changes nothing but notes, whatever a settings file says where it is asked.
        kept = replace(settings, late_interaction=manifest.late_interaction)
        rebuild(kept, sources, progress=progress, encoder=encoder, seen=changes.seen)
    except AssistantError:
        searcher.resume()
        return changes  # the index as it is still answers
    searcher.refresh()
    return Changes()
