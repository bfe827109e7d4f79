"""Which chunks a question may be answered from: by note, tag, date and language."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from datetime import date
from unicodedata import normalize

from assistant.errors import NotFoundError, UsageError
from assistant.language import HAN
from assistant.results import Filter
from assistant.store import Snapshot
from assistant.suggestion import nearest
from assistant.text import LANGUAGES

HAN_SHARE = 0.2
"""A passage with this share of Han among its letters is Chinese, since code in it is Latin."""

DATE = re.compile(r"\d{4}(?:-\d{2}){0,2}")
"""A year, a month or a day."""

_TOLD_BY_PASSAGE = ("en", "zh")
"""Languages that stand in one note together: only Han tells which of them a passage is in."""

_HAN = re.compile(f"[{HAN}]")
_LETTER = re.compile(r"[^\W\d_]")


def is_chinese(text: str) -> bool:
    """Return whether a passage is Chinese and not English, by its share of Han."""
    han = len(_HAN.findall(text))
    return bool(han) and han >= HAN_SHARE * len(_LETTER.findall(text))


def chunks(snapshot: Snapshot, wanted: Filter) -> list[int] | None:
    """Return the chunks that a filter lets through, ascending; None when it lets all through.

    Raises:
        UsageError: A date is none, or they are not in order; no language is called that.
        NotFoundError: No note, tag, date or passage is like that.
    """
    if wanted == Filter():
        return None
    return _of_notes(snapshot, notes(snapshot, wanted), wanted.language)


def notes(snapshot: Snapshot, wanted: Filter) -> list[int]:
    """Return the notes that a filter lets through, ascending, whatever their language.

    Raises:
        UsageError: A date is none, or they are not in order.
        NotFoundError: No note, tag or date is like that.
    """
    _check_dates(wanted.since, wanted.until)
    rows = [
        (note.row, note.path, [*map(_folded, note.tags)], note.date)
        for note in sorted(snapshot.notes(), key=lambda note: note.row)
    ]
    kept = [row for row in rows if not wanted.note or _matches(row[1], wanted.note)]
    if not kept:
        others = {note.row for note in snapshot.notes_named(wanted.note)}
        kept = [row for row in rows if row[0] in others]
    if not kept and wanted.note:
        raise NotFoundError(
            f"no note matches {wanted.note!r}", "see `assistant status`, or choose another folder"
        )
    for tag in wanted.tags:
        named = [row for row in kept if _has_tag(row[2], tag)]
        if not named:
            raise _unknown_tag(tag, [name for row in rows for name in row[2]])
        kept = named
    dated = [row for row in kept if _within(row[3], wanted)]
    if kept and not dated:
        days = sorted(day for *_, day in rows)
        raise NotFoundError(
            f"no such note has a date {_range(wanted)}",
            f"the dates of all notes run from {days[0]} to {days[-1]}",
        )
    return [row[0] for row in dated]


def _of_notes(snapshot: Snapshot, notes: Sequence[int], wanted: str) -> list[int]:
    """Return the chunks of notes whose passage is in a language, ascending."""
    if not wanted:
        return snapshot.chunks_of(notes)
    code = _code(wanted)
    languages = snapshot.languages()
    if code not in _TOLD_BY_PASSAGE:
        found = snapshot.chunks_of([note for note in notes if languages.get(note) == code])
    else:
        told = [note for note in notes if languages.get(note, "") in ("", *_TOLD_BY_PASSAGE)]
        texts = snapshot.chunk_texts(told)
        found = [row for row, text in texts if is_chinese(text) == (code == "zh")]
    if not found:
        known = sorted({LANGUAGES[code] for code in languages.values() if code in LANGUAGES})
        remedy = f"the notes are in {', '.join(known)}" if known else "ask in any language"
        raise NotFoundError(f"no such passage is in {LANGUAGES[code]}", remedy)
    return found


def _code(language: str) -> str:
    """Return the code of a language, given that or its English name.

    Raises:
        UsageError: None is called that.
    """
    folded = language.strip().casefold()
    names = {name.casefold(): code for code, name in LANGUAGES.items()}
    if folded in LANGUAGES or folded in names:
        return names.get(folded, folded)
    near = nearest(folded, sorted({*names, *LANGUAGES}))
    remedy = f"the nearest is {near!r}" if near else "write a code such as de, or German"
    raise UsageError(f"no language is called {language!r}", remedy)


def _folded(tag: str) -> str:
    """Return a tag as tags are compared."""
    return normalize("NFC", tag.strip().lstrip("#").strip("/").casefold())


def _has_tag(tags: Iterable[str], wanted: str) -> bool:
    """Return whether one of the folded tags is the one wanted, or nested in it."""
    folded = _folded(wanted)
    return any(tag == folded or tag.startswith(folded + "/") for tag in tags)


def _unknown_tag(tag: str, known: Sequence[str]) -> NotFoundError:
    """Return the error for a tag that no note, or none of those named, has."""
    if not known:
        return NotFoundError(f"no note has the tag {tag!r}", "no note has any tag")
    if _has_tag(known, tag):
        return NotFoundError(f"no such note has the tag {tag!r}", "ask with fewer limits")
    steps = (name.split("/") for name in known)
    named = sorted({"/".join(path[:n]) for path in steps for n in range(1, len(path) + 1)})
    near = nearest(_folded(tag), named)
    remedy = f"the nearest tag is {near!r}" if near else "`assistant tags` lists them"
    return NotFoundError(f"no note has the tag {tag!r}", remedy)


def _check_dates(since: str, until: str) -> None:
    """Raise UsageError unless each date is empty or a date, and they are in order."""
    for text in filter(None, (since, until)):
        try:
            if not DATE.fullmatch(text):
                raise ValueError(text)
            date.fromisoformat(text + "-01" * (2 - text.count("-")))
        except ValueError:
            raise UsageError(
                f"{text!r} is not a date", "write 2026, 2026-03 or 2026-03-01"
            ) from None
    if since and until and since[: len(until)] > until:
        raise UsageError(f"{since} is later than {until}", "let --since be the earlier one")


def _within(day: str, wanted: Filter) -> bool:
    """Return whether a day lies within the dates of a filter, both included."""
    until = wanted.until
    return day >= wanted.since and (not until or day[: len(until)] <= until)


def _range(wanted: Filter) -> str:
    """Return the dates of a filter in words."""
    ends = (("since", wanted.since), ("until", wanted.until))
    return " and ".join(f"{word} {day}" for word, day in ends if day)


def _matches(path: str, pattern: str) -> bool:
    """Return whether a note is the one named, in the folder named, or matches the glob."""
    path, pattern = normalize("NFC", path), normalize("NFC", pattern)
    if pattern.endswith("/"):
        return path.startswith(pattern)
    return path == pattern or fnmatch.fnmatch(path, pattern)
