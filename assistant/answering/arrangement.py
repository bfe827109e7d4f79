"""In which order the entries that a question finds are shown: no flood, no copies, no contents.

The ranking looks at each chunk by itself. Here they are looked at together: what says nothing steps
behind what says something, a list of links behind what it points to, equal texts become one, one
note does not fill the top, and of two that say nearly the same the newer leads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePosixPath
from urllib.parse import unquote

from assistant.embedding import Vectors
from assistant.records import EntryStart, StoredNote
from assistant.search import Candidate, best_of_entries, dates
from assistant.store import Snapshot

LOOKED_AT = 20
"""Entries that are looked at together; what comes after them is shown by nobody."""

TOP = 3
"""First results, of which one note has all but one at most where others are near."""

NEAR = 0.05
"""Difference of scores up to which an entry of another note is near."""

NEARLY_SAME, NOT_FAR = 0.9, 0.15
"""Cosine of two chunks that say nearly the same, and how far their scores may be apart."""

_NOTHING = re.compile(
    r"<!--.*?-->|%%.*?%%|\{\{.*?\}\}|<%.*?%>"  # comments, and what a template fills in
    r"|(?<![^\s>])\d[.)](?=[ \t]*$)|\[[ xX]?\]|[-*+>|#:=_.…\s]+",
    re.DOTALL | re.MULTILINE,
)
"""What an entry may have below its heading and say nothing: marks of lists, tasks, tables."""

_LINK = r"\[\[([^\]\n]+)\]\]|\[[^\]\n]*\]\((?![a-z]+:)([^)\n]+)\)"
_LINKS = re.compile(_LINK)
_LINE_OF_LINKS = re.compile(rf"[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(?:(?:{_LINK})[ \t,;|·]*)+")
_FEWEST_LINKS = 2
_JOINTS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in the order in which it is shown."""

    candidate: Candidate
    """Its best chunk."""
    also: tuple[int, ...] = ()
    """Rows of other notes that have the same text."""
    is_empty: bool = False
    """Whether it has nothing below its heading."""
    before_empty: bool = False
    """Whether an entry with nothing below another heading was ranked before it: what was asked for
    may be there, still to be written."""
    day: str = ""
    """What its heading or its note says that it is of, ISO 8601; the time of a file is no such."""
    is_older: bool = False
    """Whether another one says nearly the same and is newer."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """An entry that is looked at."""

    candidate: Candidate
    start: EntryStart
    headings: tuple[str, ...]
    is_empty: bool
    is_of_form: bool
    """Whether it is empty below a heading that other notes have, too: a form to be filled in."""


def arranged(snapshot: Snapshot, ranked: Iterable[Candidate]) -> list[Shown]:
    """Return the entries of ranked chunks in the order in which they are shown.

    Args:
        snapshot: The index.
        ranked: Chunks, best first.
    """
    best = best_of_entries(ranked)
    rows = [candidate.place.entry for candidate in best[:LOOKED_AT]]
    starts, headings = snapshot.starts(rows), snapshot.headings(rows)
    empty = {row for row in rows if is_empty(starts[row].body)}
    counts = snapshot.notes_with({starts[row].heading_key for row in empty} - {""})
    looked = [
        _Looked(
            candidate,
            starts[row],
            headings[row],
            row in empty,
            row in empty and counts[starts[row].heading_key] > 1,
        )
        for row, candidate in zip(rows, best[:LOOKED_AT], strict=True)
    ]
    order = _folded(_contents_behind(_content_first(looked)))
    mixed = _mixed([(one, also) for one, also in order])
    asked = looked[0].start.heading_key if looked and looked[0].is_empty else None
    notes = {note.row: note for note in snapshot.notes({c.place.note for c in best[:LOOKED_AT]})}
    shown = [
        Shown(
            one.candidate,
            also,
            one.is_empty,
            i == 0 and asked is not None and asked != one.start.heading_key,
            day_of(one.headings, notes[one.candidate.place.note]),
        )
        for i, (one, also) in enumerate(mixed)
    ]
    dated = [one.candidate.chunk for one in shown if one.day]
    vectors = snapshot.vectors(dated) if len(dated) > 1 else {}
    return [*_newer_first(shown, vectors), *(Shown(candidate) for candidate in best[LOOKED_AT:])]


def day_of(headings: Sequence[str], note: StoredNote) -> str:
    """Return the day that a heading or else the note says it is of, empty where none does."""
    for heading in reversed(headings):
        for day in dates.of_text(heading) if any(map(str.isdigit, heading)) else ():
            if day.year and day.day:
                return f"{day.year}-{day.month:02}-{day.day:02}"
    return note.date if note.date_from != "file" else ""


def is_empty(body: str) -> bool:
    """Return whether what stands below a heading says nothing."""
    at = 0
    while found := _NOTHING.match(body, at):
        at = found.end()
    return at == len(body)


def is_contents(body: str) -> bool:
    """Return whether what stands below a heading is nothing but links to notes and headings."""
    lines = [line for line in body.splitlines() if line.strip()]
    return all(map(_LINE_OF_LINKS.fullmatch, lines)) and (
        sum(1 for _ in islice(_LINKS.finditer(body), _FEWEST_LINKS)) == _FEWEST_LINKS
    )


def _content_first(looked: Sequence[_Looked]) -> list[_Looked]:
    """Put forms behind all else, and an entry with content before the first without."""
    order = sorted(looked, key=lambda one: one.is_of_form)
    first = next((i for i, one in enumerate(order) if not one.is_empty), 0)
    return [order[first], *order[:first], *order[first + 1 :]] if order else []


def _contents_behind(order: list[_Looked]) -> list[_Looked]:
    """Put each list of links behind the entries that it points to."""
    for one in [one for one in order if is_contents(one.start.body)]:
        targets = _targets(one.start.body)
        to = [other is not one and _is_pointed_to(other, one, targets) for other in order]
        last = max((i for i, pointed in enumerate(to) if pointed), default=-1)
        at = order.index(one)
        if at < last:
            order.insert(last, order.pop(at))
    return order


def _folded(order: Iterable[_Looked]) -> list[tuple[_Looked, tuple[int, ...]]]:
    """Put equal texts of several notes under the first, with the notes of the others."""
    kept: list[tuple[_Looked, list[int]]] = []
    first: dict[tuple[int, int], tuple[_Looked, list[int]]] = {}
    for one in order:
        note = one.candidate.place.note
        leader, others = first.get(one.start.same, (None, []))
        # Twice in one note: its headings tell them apart.
        if leader is None or note == leader.candidate.place.note:
            kept.append((one, []))
            first.setdefault(one.start.same, kept[-1])
        elif note not in others:
            others.append(note)
    return [(one, tuple(others)) for one, others in kept]


def _mixed(
    order: list[tuple[_Looked, tuple[int, ...]]],
) -> list[tuple[_Looked, tuple[int, ...]]]:
    """Let the nearest entry of another note among the first where one note has all of them."""
    if len({one.candidate.place.note for one, _ in order[:TOP]}) != 1 or len(order) <= TOP:
        return order
    last = order[TOP - 1][0].candidate
    for i, (one, _) in enumerate(order[TOP:], TOP):
        near = one.candidate.score >= last.score - NEAR
        if near and not one.is_empty and one.candidate.place.note != last.place.note:
            return [*order[: TOP - 1], order[i], *order[TOP - 1 : i], *order[i + 1 :]]
    return order


def _newer_first(order: list[Shown], vectors: Mapping[int, Vectors]) -> list[Shown]:
    """Let the newest lead of those that say nearly the same, and say of the others that they do.

    Args:
        order: Entries as they are shown.
        vectors: Of the chunks of those that have a day.
    """
    found = list(order)
    for at in range(len(found)):
        if found[at].is_older:
            continue
        near = [
            later
            for later in range(at + 1, len(found))
            if not found[later].is_older and _say_the_same(found[at], found[later], vectors)
        ]
        newest = max((at, *near), key=lambda i: (found[i].day, -i))
        for older in (at, *near):
            if found[older].day < found[newest].day:
                found[older] = replace(found[older], is_older=True)
        found[at], found[newest] = found[newest], found[at]
    return found


def _say_the_same(one: Shown, other: Shown, vectors: Mapping[int, Vectors]) -> bool:
    """Return whether two entries that are of different days say nearly the same."""
    if not one.day or not other.day or one.day == other.day or one.is_empty or other.is_empty:
        return False
    if abs(one.candidate.score - other.candidate.score) > NOT_FAR:
        return False
    mine, others = vectors[one.candidate.chunk], vectors[other.candidate.chunk]
    return float(mine @ others) >= NEARLY_SAME


def _targets(body: str) -> list[tuple[str, str]]:
    """Return the names of notes and the headings that links lead to, each squeezed or empty."""
    found = []
    for match in _LINKS.finditer(body):
        target = match[1].partition("|")[0] if match[1] else unquote(match[2])
        note, _, heading = target.strip(" <>").partition("#")
        found.append((_squeezed(_stem(note)), _squeezed(heading)))
    return found


def _is_pointed_to(one: _Looked, by: _Looked, targets: Iterable[tuple[str, str]]) -> bool:
    """Return whether an entry is what one of some links leads to, or stands below it."""
    place, own = one.candidate.place, by.candidate.place
    called = _squeezed(_stem(place.path))
    path = {_squeezed(heading) for heading in one.headings}
    return any(
        (note == called if note else place.note == own.note) and (not heading or heading in path)
        for note, heading in targets
    )


def _stem(path: str) -> str:
    """Return the name of a note's file, whether a link gives its suffix or not."""
    name = PurePosixPath(path).name
    return name.removesuffix(".md").removesuffix(".markdown")


def _squeezed(text: str) -> str:
    """Return a text without what the anchor of a heading does not have."""
    return _JOINTS.sub("", text).casefold()
