"""How fast this machine embeds, as it measured itself, and how much it may embed by the way."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.disk import replacing
from assistant.errors import TooLongError
from assistant.user_folders import cache_folder

UNMEASURED = 1_000.0
"""Word pieces a second of an old laptop, which counts until something has been measured."""

FEWEST_PIECES = 500
"""Word pieces from which a measurement counts: what the model takes to start is in it."""


def of_machine(fingerprint: str, *, asked: bool) -> float:
    """Return how many word pieces a second this machine embeds with a model.

    Args:
        fingerprint: Of the model.
        asked: For a question, which may have opened the model on one thread.
    """
    measured = _kept(fingerprint)
    if not asked:
        return measured.get("build", UNMEASURED)
    by_core = measured.get("build", 0) / (os.cpu_count() or 1)
    return measured.get("question") or by_core or UNMEASURED


def keep(fingerprint: str, pieces: int, seconds: float, *, asked: bool) -> None:
    """Keep what embedding took, in the user's cache, where the next one looks."""
    if pieces < FEWEST_PIECES or seconds <= 0:
        return
    measured = {**_kept(fingerprint), "question" if asked else "build": pieces / seconds}
    path = _file(fingerprint)
    with suppress(OSError):  # a cache that cannot be written is no reason to stop
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            draft.write_text(json.dumps(measured), encoding="utf-8")


@dataclass(slots=True)
class Bound:
    """How much may be embedded; who cuts notes says what they come to, and is stopped beyond it."""

    seconds: float
    pace: float
    """Word pieces a second."""
    known: Callable[[Collection[str]], set[str]]
    """Returns those of some digests of texts that need not be embedded."""
    spent: int = 0
    """Word pieces so far."""

    def spend(self, sizes: Mapping[str, int]) -> None:
        """Count the word pieces of texts, by their digests.

        Raises:
            TooLongError: With them it is too much.
        """
        self.spent += sum(sizes.values())
        if self.spent > self.seconds * self.pace:
            raise TooLongError(
                f"what changed takes longer to embed than {self.seconds:g} s",
                "run `assistant build`, which takes it in",
            )


def _file(fingerprint: str) -> Path:
    return cache_folder() / f"pace-{fingerprint}.json"


def _kept(fingerprint: str) -> dict[str, float]:
    """Return what has been measured, by what it was for."""
    try:
        kept = json.loads(_file(fingerprint).read_text("utf-8"))
        return {
            str(use): pace for use, pace in kept.items() if isinstance(pace, float) and pace > 0
        }
    except (OSError, ValueError, AttributeError):
        return {}
