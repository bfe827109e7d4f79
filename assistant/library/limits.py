"""What narrows a question, as its asker gives it: checked, and notes named as everywhere else."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from assistant.errors import NotFoundError, UsageError
from assistant.results import Filter
from assistant.search import filters, locate

if TYPE_CHECKING:
    from assistant.store import Snapshot

T = TypeVar("T")


def of(
    note: str, tags: Sequence[str], since: str, until: str, limits: Filter | None = None
) -> Filter:
    """Return the arguments of ``Notes.ask`` as one; a single tag may stand by itself."""
    named = (tags,) if isinstance(tags, str) else tuple(tags)
    return limits or Filter(note, named, since=since, until=until)


def checked(count: int) -> int:
    """Return how many passages are asked for.

    Raises:
        UsageError: Less than one.
    """
    if count < 1:
        raise UsageError(f"{count} passages cannot be shown", "ask for one at least")
    return count


def within(snapshot: Snapshot, wanted: Filter, find: Callable[[Snapshot, Filter], T]) -> T:
    """Return what is found within a filter, whose note may be named as ``show`` takes it.

    A path or glob that matches counts first, then the end of a path, a folder without its slash,
    the file on the disk, at last all of it in any case.

    Raises:
        NotFoundError: Nothing is; for a note, it names the nearest.
    """
    try:
        return find(snapshot, wanted)
    except NotFoundError as error:
        if not wanted.note or _matches(snapshot, wanted.note):
            raise
        meant = next((n for n in _readings(snapshot, wanted.note) if _matches(snapshot, n)), None)
        if meant:
            return find(snapshot, replace(wanted, note=meant))
        if any(sign in wanted.note for sign in "*?"):
            raise
        remedy = locate.unknown(snapshot, wanted.note).remedy
        raise NotFoundError(error.cause, remedy) from None


def _matches(snapshot: Snapshot, note: str) -> bool:
    """Return whether any note is called so, or matches."""
    try:
        return bool(filters.notes(snapshot, Filter(note)))
    except NotFoundError:
        return False


def _readings(snapshot: Snapshot, note: str) -> Iterator[str]:
    """Yield what a name that matches nothing may mean, as paths, folders and globs."""
    file = locate.on_disk(note)
    there = snapshot.note_at(file) if file else None
    if there:
        yield there.path
    name = note.removeprefix("./").rstrip("/")
    literal = glob.escape(name)
    yield name
    yield f"{name}/"
    yield f"*/{literal}"
    for ending in locate.ENDINGS:
        yield f"{name}{ending}"
        yield f"*/{literal}{ending}"
    folded = _in_any_case(name)
    yield folded
    yield f"{folded}/*"
    yield f"*/{folded}"
    if "[" not in name:
        yield _in_any_case(name, escape=False)


def _in_any_case(name: str, *, escape: bool = True) -> str:
    """Return a glob for a name in capitals and small letters."""
    cases = ({sign, sign.lower(), sign.upper()} for sign in name)
    return "".join(
        f"[{''.join(sorted(one for one in both if len(one) == 1))}]"
        if len(both) > 1
        else (glob.escape(next(iter(both))) if escape else next(iter(both)))
        for both in cases
    )
