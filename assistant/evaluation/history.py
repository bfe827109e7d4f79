"""The last evaluation, kept in the index folder, and what changed since."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant import private_file
from assistant.disk import read_bytes, replacing
from assistant.engine_address import IndexPlace
from assistant.evaluation import metrics
from assistant.evaluation.metrics import Interval
from assistant.evaluation.runner import DEPTH, Outcome
from assistant.store import files
from assistant.user_folders import state_folder

STEPS = (1, 3, 5)
"""A rank that crosses one of these is a flip; others are noise."""


MAX_BYTES = 64 * 1024 * 1024
"""Largest record of a run that is read."""


@dataclass(frozen=True, slots=True)
class Past:
    """What came of a question."""

    rank: int
    """0 for a right result among none of the first."""
    refused: bool
    answerable: bool

    def worth(self) -> tuple[float, bool]:
        """Return a key that is greater for the better of two outcomes of one question."""
        counted = sum(metrics.hit_at(self.rank, step) for step in STEPS)
        return counted, self.refused != self.answerable

    def __str__(self) -> str:
        """Return the outcome in words."""
        if not self.answerable:
            return "refused" if self.refused else "answered"
        place = f"rank {self.rank}" if self.rank else f"not among the first {DEPTH}"
        return f"{place}, refused" if self.refused else place


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that fares otherwise than the last time."""

    question: str
    before: Past
    now: Past

    @property
    def better(self) -> bool:
        """Whether it fares better."""
        return self.now.worth() > self.before.worth()


@dataclass(frozen=True, slots=True)
class Change:
    """This run against the last one, over the questions that both asked."""

    since: str
    """When the last run was, ISO 8601; empty where both are of today."""
    common: int
    """Questions that both asked."""
    figures: dict[str, Interval]
    """Differences by name of the measure."""
    flips: tuple[Flip, ...]


def path_of(index: IndexPlace, name: str) -> Path:
    """Return the file that keeps the runs of a name: ``eval-<name>.json``.

    It lies in the index folder; of an index on a server, in the user's own.
    """
    folder = index if isinstance(index, Path) else _record_of(index).with_suffix(".runs")
    safe = re.sub(r"[^\w.-]+", "-", name)
    return folder / f"eval-{safe}.json"


def last_file(index: IndexPlace) -> Path | None:
    """Return the file of questions that an index was last asked; None for none that is there."""
    kept = private_file.read(_record_of(index))
    file = Path(kept) if kept else None
    return file if file and file.is_file() else None


def remember(index: IndexPlace, file: Path) -> None:
    """Keep which file of questions an index was asked; it is the user's, and so is where it lies.

    The index folder may be anybody's, and names no file.
    """
    with suppress(OSError):
        private_file.write(_record_of(index), str(file.absolute()))


def _record_of(index: IndexPlace) -> Path:
    at = os.path.realpath(index) if isinstance(index, Path) else str(index)
    place = at.encode("utf-8", "surrogateescape")
    return state_folder() / "eval" / hashlib.blake2b(place, digest_size=16).hexdigest()


def save(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Keep a run, in place of the one before.

    Raises:
        IndexUnusableError: The folder cannot be written to.
    """
    questions = {text: [p.rank, p.refused, p.answerable] for text, p in _pasts(outcomes).items()}
    record = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "questions": questions}
    try:
        if path.parent.suffix == ".runs":
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replacing(path) as draft, files.create(draft) as file:
            file.write(json.dumps(record, ensure_ascii=False).encode())
    except OSError as error:
        raise files.unwritable(path.parent, error.strerror or str(error)) from error


def change_since(path: Path, outcomes: Sequence[Outcome]) -> Change | None:
    """Return what changed since the run that a file keeps; None when it keeps none."""
    try:
        record = json.loads(read_bytes(path, MAX_BYTES)[0])
        before = {
            text: Past(int(rank), bool(refused), bool(answerable))
            for text, (rank, refused, answerable) in record["questions"].items()
        }
        since = str(record["when"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return _change(since, before, _pasts(outcomes))


def change_between(before: Sequence[Outcome], now: Sequence[Outcome]) -> Change:
    """Return how two runs differ over the questions that both asked."""
    return _change("", _pasts(before), _pasts(now))


def _change(since: str, before: Mapping[str, Past], now: Mapping[str, Past]) -> Change:
    common = [t for t in now if t in before and now[t].answerable == before[t].answerable]
    flips = (Flip(text, before[text], now[text]) for text in common)
    return Change(
        since,
        len(common),
        _differences([before[t] for t in common], [now[t] for t in common]),
        tuple(flip for flip in flips if flip.now.worth() != flip.before.worth()),
    )


def _pasts(outcomes: Sequence[Outcome]) -> dict[str, Past]:
    return {
        o.question.text: Past(o.rank, o.verdict == "none", bool(o.question.targets))
        for o in outcomes
    }


def _differences(before: Sequence[Past], now: Sequence[Past]) -> dict[str, Interval]:
    """Return the differences of the measures that both runs have."""
    found: dict[str, Interval] = {}
    for answerable, measured in ((True, _ANSWERABLE), (False, _UNANSWERABLE)):
        old = [past for past in before if past.answerable == answerable]
        new = [past for past in now if past.answerable == answerable]
        for name, measure in measured.items() if new else ():
            found[name] = metrics.paired_difference(
                [measure(past) for past in new], [measure(past) for past in old]
            )
    return found


_ANSWERABLE: dict[str, Callable[[Past], float]] = {
    "hit@1": lambda past: metrics.hit_at(past.rank, 1),
    "hit@3": lambda past: metrics.hit_at(past.rank, 3),
    "hit@5": lambda past: metrics.hit_at(past.rank, 5),
    "mrr": lambda past: metrics.reciprocal_rank(past.rank),
    "kept": lambda past: float(not past.refused),
}
_UNANSWERABLE: dict[str, Callable[[Past], float]] = {
    "refused": lambda past: float(past.refused),
}
