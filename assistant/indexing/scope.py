"""Which notes the encoder of other languages is to read, told without importing what builds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assistant.embedding import Encoder
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
