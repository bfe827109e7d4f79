"""Which notes an index is of: those named for a build, those of the settings, its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from assistant import engine_address, notes, store
from assistant.engine_address import IndexPlace
from assistant.errors import ConfigError, IndexUnusableError
from assistant.records import Source
from assistant.settings import Settings, index_place
from assistant.text import UNFOLLOWED

if TYPE_CHECKING:
    from assistant.store import Manifest, Named


def of_build(settings: Settings, given: Sequence[Path | Source] = ()) -> tuple[Source, ...]:
    """Return the notes to build from: those given, else the settings', else the last build's.

    An index that was named by flag or environment keeps its own notes, whatever the settings say of
    the usual one.

    Raises:
        ConfigError: Nobody ever said where the notes are.
    """
    if given:
        named = (s if isinstance(s, Source) else given_folder(settings, s) for s in given)
        return notes.absolute(list(named))
    last = store.index_at(settings.index).last_named()
    return _usual(settings, last) or _nobody_said(settings, last)


def copy(
    source: str | Path,
    target: str | Path,
    progress: Callable[[str, int, int], None] | None = None,
) -> Manifest:
    """Copy an index from a folder to a server, or back; nothing is embedded again.

    Args:
        source: A folder, or an address; one space of it is copied.
        target: The other of the two; what lies there is replaced.
        progress: Called with (stage, done, total) as it goes.

    Raises:
        UsageError: Not one of the two is on a server.
        IndexUnusableError: The source cannot be read, or the target not be written.
    """
    return store.copy(place(source).absolute(), place(target).absolute(), progress)


def place(given: str | Path) -> IndexPlace:
    """Return where an index lies that somebody named: a folder, or an address.

    Raises:
        ConfigError: It is an address that is none.
    """
    found = engine_address.place(given)
    return found.expanduser() if isinstance(found, Path) else found


def settings_of(index: IndexPlace) -> Settings:
    """Return settings for an index by itself: its own model, its own notes."""
    # Who opens an index in a program of their own has asked for no process beside it.
    settings = Settings(index=index.absolute(), index_named=True, background=False)
    try:
        with store.index_at(settings.index).snapshot() as snapshot:
            manifest = snapshot.manifest
    except IndexUnusableError:  # a build repairs it
        return replace(settings, notes=store.index_at(settings.index).last_named().sources)
    return replace(
        settings,
        notes=manifest.named(settings.index).sources,
        model=manifest.model,
        fetches=False,  # anybody may have written that name
        late_interaction=manifest.late_interaction,
    )


def following(settings: Settings, others: Settings) -> Settings:
    """Return settings with the notes and the model of others."""
    return replace(settings, notes=others.notes, model=others.model, fetches=others.fetches)


def of_given(settings: Settings, notes: Sequence[Path]) -> Settings:
    """Return settings of notes that were named, and of their index unless it has a place."""
    paths = [note.expanduser().absolute() for note in notes]
    index = index_place.of_build(settings.index, paths[0], is_free=settings.index_free)
    given = tuple(given_folder(settings, path) for path in paths)
    return replace(settings, notes=given, index=index, index_named=False)


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
    last = store.index_at(settings.index).last_named()
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
