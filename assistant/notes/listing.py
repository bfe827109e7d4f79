"""Notes on disk: which files there are, the text of each, and what was skipped and why."""

from __future__ import annotations

import codecs
import hashlib
import itertools
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from assistant.disk import read_bytes, reason_of, shown_name, too_large
from assistant.errors import NotesUnreadableError
from assistant.notes.front_matter import date_in_name, front_matter
from assistant.notes.ignore import (
    IGNORE_FILES,
    Rules,
    deciding_rule,
    folder_rules,
    is_included,
    rules_of,
)
from assistant.records import Note, NoteFile, Skipped, Source

MAX_BYTES = 64 * 1024 * 1024
"""Largest note that is read."""

MOST_NS = 2**63 - 1
"""Latest time of a change that SQLite can hold, nanoseconds since the epoch: in the year 2262."""

NOT_INCLUDED = "not among what the settings include"

_SUFFIXES = (".md", ".markdown")
_ENCODINGS = (  # byte order mark, codec for what follows it, name in messages
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    (b"", "utf-8", "UTF-8"),
)


def walk(sources: Sequence[Path | Source]) -> tuple[list[NoteFile], list[Skipped]]:
    """Find the notes under folders, or given as files, each once.

    A source's own patterns count first, then ignore files from the source downwards, deeper ones
    first; a source named outright is taken even if hidden or ignored from above. Folders that are
    not entered are listed once, with a slash at the end; ``.git`` is not listed.

    Returns:
        Notes and skipped Markdown files, each in the order of ``sources``, then by path.

    Raises:
        NotesUnreadableError: A source is missing, cannot be listed, or is not Markdown.
    """
    files: dict[str, NoteFile] = {}
    skipped: dict[str, Skipped] = {}
    folders: set[str] = set()
    for source in map(as_source, sources):
        real, is_folder = _locate(source.path)
        if is_folder:
            folders.add(real)
        root = Path(real) if is_folder else Path(real).parent
        base = str(root).rstrip("/") + "/"
        if is_folder:
            found: Iterable[NoteFile | Skipped] = _scan(root, source)
        else:
            found = [_take(root, Path(real).name, os.lstat(real))]
        for item in sorted(found, key=lambda item: item.path):
            absolute = base + item.path.rstrip("/")
            shown = replace(item, path=f"{source.name}/{item.path}") if source.name else item
            if isinstance(shown, NoteFile):
                named = replace(shown, name=source.name) if source.name else shown
                files.setdefault(absolute, named)
            else:
                skipped.setdefault(absolute, shown)
    # What one source ignores, another may have named outright.
    kept = [item for path, item in skipped.items() if path not in files and path not in folders]
    return _told_apart(list(files.values())), kept


def absolute(sources: Sequence[Path | Source]) -> tuple[Source, ...]:
    """Return sources as an index keeps them."""
    return tuple(replace(source, path=source.path.absolute()) for source in map(as_source, sources))


def below(source: Source, path: Path) -> str:
    """Return how a file of a source is shown, empty for one that lies elsewhere."""
    if path == source.path or not path.is_relative_to(source.path):
        return ""
    inside = path.relative_to(source.path).as_posix()
    return f"{source.name}/{inside}" if source.name else inside


def as_source(given: Path | Source) -> Source:
    """Return a folder by itself as a source without a name or patterns."""
    return given if isinstance(given, Source) else Source(given)


def _told_apart(files: list[NoteFile]) -> list[NoteFile]:
    """Return the notes, those with the path of another under a name that tells them apart.

    Notes of folders with names keep their paths; of the others the first does, and those after it
    are shown behind as many of the last steps of their folder's path as it takes.
    """
    if len({file.path for file in files}) == len(files):
        return files
    taken = {file.path for file in files if file.name}
    apart = []
    for file in files:
        shown = file
        if not file.name and file.path in taken:
            name = next(n for n in _names(file.root) if f"{n}/{file.path}" not in taken)
            shown = replace(file, path=f"{name}/{file.path}", name=name)
        taken.add(shown.path)
        apart.append(shown)
    return apart


def _names(root: Path) -> Iterator[str]:
    """Yield names for a notes folder, without end: its own, with the folders above it, numbered."""
    steps = [step for step in root.as_posix().split("/") if step] or ["root"]
    for first in range(len(steps) - 1, -1, -1):
        yield "/".join(steps[first:])
    yield from ("/".join([*steps, str(number)]) for number in itertools.count(2))


def read(file: NoteFile) -> Note | Skipped:
    r"""Read a note: text with ``\n`` line ends, digest, front matter.

    Size and time in the returned record were taken before the bytes were read, so a note that
    changes meanwhile differs from its record at the next walk. Never raises for what is on disk.
    """
    try:
        raw, info = read_bytes(file.absolute, MAX_BYTES)
    except OSError as error:
        return Skipped(file.path, f"cannot be read: {reason_of(error)}")
    mark, codec, name = next(entry for entry in _ENCODINGS if raw.startswith(entry[0]))
    if name == "UTF-8" and b"\0" in raw:
        return Skipped(file.path, "binary: it holds NUL bytes")
    try:
        text = raw[len(mark) :].decode(codec)
    except UnicodeDecodeError as error:
        at = len(mark) + error.start
        return Skipped(file.path, f"not {name} text: byte 0x{raw[at]:02X} at offset {at}")
    if "\0" in text:
        return Skipped(file.path, "binary: it holds NUL characters")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front = front_matter(text)
    return Note(
        file=replace(file, size=info.st_size, modified_ns=_held(info.st_mtime_ns)),
        text=text,
        digest=hashlib.sha256(raw).hexdigest(),
        body_start=front.body_start,
        title=front.title,
        tags=front.tags,
        date=front.date or date_in_name(file.inside) or _day(info.st_mtime_ns),
        about=front.about,
    )


def _locate(source: Path) -> tuple[str, bool]:
    """Return the real path of a source, and whether it is a folder."""
    shown = shown_name(str(source))
    remedy = "name a folder, or a .md or .markdown file, that exists and that you may read"
    try:
        real = os.path.realpath(source, strict=True)
        mode = Path(real).stat().st_mode
    except FileNotFoundError:
        raise NotesUnreadableError(f"there is no {shown}", remedy) from None
    except (OSError, ValueError) as error:  # ValueError: NUL in the path
        raise NotesUnreadableError(f"{shown} cannot be read: {error}", remedy) from None
    if shown_name(real) != real:  # neither the store nor JSON could hold it
        raise NotesUnreadableError(f"the path {shown} is not valid UTF-8", "rename it")
    is_folder = stat.S_ISDIR(mode)
    if not is_folder and not is_markdown(real):
        raise NotesUnreadableError(f"{shown} is neither a folder nor a Markdown file", remedy)
    return real, is_folder


def _scan(root: Path, source: Source) -> Iterator[NoteFile | Skipped]:
    """Yield every note below a folder, and every Markdown file or folder passed over."""
    base = str(root)
    excluded = (rules_of(source.exclude),) if source.exclude else ()
    included = rules_of(source.include)
    pending: list[tuple[str, tuple[Rules, ...]]] = [("", ())]
    while pending:
        prefix, rules = pending.pop()
        try:
            with os.scandir(f"{base}/{prefix}") as listing:
                entries = list(listing)
        except OSError as error:
            if not prefix:  # an empty result would read as "every note was deleted"
                cause = f"{base} cannot be listed: {reason_of(error)}"
                raise NotesUnreadableError(cause, "give yourself access to the folder") from None
            yield Skipped(prefix, f"cannot be listed: {reason_of(error)}")
            continue
        own, unread = folder_rules(root, prefix, {entry.name for entry in entries})
        rules = own + rules
        yield from unread
        for entry in entries:
            is_folder = _is_folder(entry)
            if entry.name == ".git" or not (is_folder or is_markdown(entry.name)):
                continue
            path = prefix + entry.name
            shown = shown_name(path) + "/" * is_folder
            reason = _refusal(entry, path, is_folder, excluded, rules, base)
            if not reason and not is_folder and source.include and not is_included(included, path):
                reason = NOT_INCLUDED
            if reason:
                yield Skipped(shown, reason)
            elif is_folder:
                pending.append((path + "/", rules))
            else:
                try:
                    yield _take(root, path, entry.stat(follow_symlinks=False))
                except OSError as error:
                    yield Skipped(shown, f"cannot be read: {reason_of(error)}")


def _refusal(
    entry: os.DirEntry[str],
    path: str,
    is_folder: bool,
    excluded: tuple[Rules, ...],
    rules: tuple[Rules, ...],
    base: str,
) -> str:
    """Say why an entry is passed over, or nothing."""
    is_link = entry.is_symlink()
    # Control characters are fine here; a name that is not text fits neither SQLite nor JSON.
    if shown_name(entry.name) != entry.name:
        return "its name is not valid UTF-8"
    if entry.name.startswith("."):
        return "hidden"
    for some, word in ((excluded, "excluded"), (rules, "ignored")):
        rule = deciding_rule(some, path, is_folder and not is_link)
        if rule and rule.ignores:
            return f"{word} by {rule.where}"
    return _link_reason(entry.path, base) if is_link else ""


def _link_reason(path: str, base: str) -> str:
    """Say why a link is not followed: so loops cannot happen, and no note comes twice."""
    try:
        target = os.path.realpath(path, strict=True)
    except FileNotFoundError:
        return "a link to nothing"
    except OSError as error:
        return f"a link that leads nowhere: {error.strerror}"
    if target == base or target.startswith(base.rstrip("/") + "/"):
        inside = shown_name(os.path.relpath(target, base))
        return f"a link to {inside}, which counts under its own name"
    return "a link that leaves the notes folder"


def _take(root: Path, path: str, info: os.stat_result) -> NoteFile | Skipped:
    """Return the record of a Markdown file, or why it is none."""
    if not stat.S_ISREG(info.st_mode):
        return Skipped(path, "not a regular file")
    if info.st_size > MAX_BYTES:
        return Skipped(path, too_large(MAX_BYTES))
    return NoteFile(root, path, info.st_size, _held(info.st_mtime_ns))


def _held(modified_ns: int) -> int:
    """Return the time of a change as an index holds it: beyond its range another, always the same.

    Such times come from broken clocks; all that they have to tell is whether a note has changed.
    """
    return modified_ns if abs(modified_ns) <= MOST_NS else modified_ns % MOST_NS


def _day(modified_ns: int) -> str:
    """Return the day of a change as ISO 8601 has it, the first or last there is if need be."""
    try:
        return date.fromtimestamp(modified_ns // 10**9).isoformat()
    except (OverflowError, ValueError, OSError):  # OSError: what the C library does not count to
        return (date.max if modified_ns > 0 else date.min).isoformat()


def tells_of_notes(name: str) -> bool:
    """Return whether a file of this name is a note or says which files are."""
    return is_markdown(name) or name in IGNORE_FILES


def is_markdown(name: str) -> bool:
    """Return whether a file of this name is a note."""
    return name.lower().endswith(_SUFFIXES)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder or a link to one."""
    try:
        return entry.is_dir()
    except OSError:  # a link in a loop
        return False
