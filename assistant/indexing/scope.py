"""Which notes the encoder of other languages is to read, told without importing what builds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assistant.embedding import CARRIED, Encoder, multilingual
from assistant.errors import ModelUnavailableError
from assistant.store import Manifest, Multilingual

Scope = Literal["none", "foreign", "all"]
"""None, where there is no such encoder; those in languages that the index's model does not read;
all, so that questions in other languages find English notes by meaning, too."""

READ_BY_MODEL = ("", "en", "zh")
"""Languages of notes that need no other encoder; empty for notes without words."""


@dataclass(frozen=True, slots=True)
class Other:
    """The encoder of other languages, as a build is given it."""

    scope: Scope = "none"
    fingerprint: str = ""
    open: Callable[[], Encoder] | None = None
    """Gives the encoder, which is opened only if there is something to read."""


NONE = Other()


def of_setting(setting: bool | str, model: str, *, asked: bool = False) -> Other:
    """Return the encoder of other languages as it is configured.

    Args:
        setting: True for all notes; ``auto`` for those in other languages, where the encoder is
            installed and the model reads English alone, as the default one does; False for none.
        model: The index's, as configured.
        asked: Whether a question in another language has been asked over notes in English, so that
            ``auto`` is for all notes.

    Raises:
        ModelUnavailableError: It is to be there, and is not installed.
    """
    source = multilingual.source
    if setting is False or (setting is not True and model not in CARRIED):
        return NONE
    if not source.is_installed():
        if setting is True:
            raise source.lacking()
        return NONE
    scope: Scope = "all" if asked or setting is True else "foreign"
    return Other(scope, source.FINGERPRINT, lambda: multilingual.opened())


def encoder(setting: bool | str, model: str) -> Callable[[], Encoder] | None:
    """Return what gives the encoder of other languages as it is configured; None for none.

    Whoever builds is told where it is to be there and is not.
    """
    try:
        return of_setting(setting, model).open
    except ModelUnavailableError:
        return None


def wanted(other: Other, old: Multilingual | None) -> Scope:
    """Return which notes are to be read: all once all were, since somebody asked for that."""
    before = (old.scope, old.fingerprint) if old else None
    if other.scope == "foreign" and before == ("all", other.fingerprint):
        return "all"
    return other.scope


def is_up_to_date(manifest: Manifest, other: Other) -> bool:
    """Return whether there is nothing to read for a build that has nothing else to do."""
    old = manifest.multilingual
    if old is None or old.generation != manifest.generation:
        return False
    if other.scope == "none":
        return not old.fingerprint
    return (old.fingerprint, old.scope) == (other.fingerprint, wanted(other, old))
