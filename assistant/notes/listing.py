"""Notes on disk: which files there are, the text of each, and what was skipped and why."""

from __future__ import annotations

import hashlib
import itertools
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from assistant.disk import read_bytes, reason_of, shown_name
from assistant.errors import NotesUnreadableError
from assistant.notes import scan
from assistant.notes.dates import day_in_path
from assistant.notes.encodings import decoded
from assistant.notes.front_matter import front_matter
from assistant.notes.ignore import IGNORE_FILES
from assistant.notes.scan import MARKDOWN, OTHER_ENDINGS, Scan, held, state_of, take
from assistant.records import DateFrom, Note, NoteFile, Remark, Skipped, Source


def walk(sources: Sequence[Path | Source]) -> tuple[list[NoteFile], list[Skipped]]:
    """Find the notes under folders, or given as files, each once.

    A source's own patterns count first, then ignore files, deeper ones first, up to the top of the
    repository that it lies in, then those of its git folder and of the user, then what is left out
    by default; a source named outright is taken even if hidden or ignored from above. Folders that
    are not entered are listed once, with a slash at the end; ``.git`` is not listed.

    Returns:
        Notes and skipped Markdown files, each in the order of ``sources``, then by path.

    Raises:
        NotesUnreadableError: A source is missing, cannot be listed, or is not Markdown.
    """
    files: dict[str, NoteFile] = {}
    skipped: dict[str, Skipped] = {}
    folders: set[str] = set()
    for source in map(as_source, sources):
        real, is_folder = _locate(source)
        if is_folder:
            folders.add(real)
        root = Path(real) if is_folder else Path(real).parent
        base = str(root).rstrip("/") + "/"
        if is_folder:
            found: Iterable[NoteFile | Skipped] = Scan(root, source).run()
        else:
            found = [take(root, Path(real).name, os.lstat(real))]
        for item in sorted(found, key=lambda item: item.path):
            absolute = base + item.path.rstrip("/")
            is_below = source.name and not item.path.startswith("/")
            shown = replace(item, path=f"{source.name}/{item.path}") if is_below else item
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


def read(file: NoteFile, date_order: str = "") -> Note | Skipped:
    r"""Read a note: text with ``\n`` line ends, digest, front matter.

    Size and time in the returned record were taken before the bytes were read, so a note that
    changes meanwhile differs from its record at the next walk. Never raises for what is on disk.

    Args:
        file: As the walk found it.
        date_order: As of ``Source``.
    """
    try:
        raw, info = read_bytes(file.absolute, scan.MAX_BYTES)
    except OSError as error:
        return Skipped(file.path, f"cannot be read: {reason_of(error)}")
    found = decoded(raw)
    if found.reason:
        return Skipped(file.path, found.reason)
    text = found.text.replace("\r\n", "\n").replace("\r", "\n")
    front = front_matter(text, date_order)
    other = [Remark(0, f"read as {found.encoding}, since it is not UTF-8")]
    day, date_from = _dated(file, front.date, date_order, info)
    return Note(
        file=replace(
            file,
            size=info.st_size,
            modified_ns=held(info.st_mtime_ns),
            state=state_of(info),
        ),
        text=text,
        digest=hashlib.sha256(raw).hexdigest(),
        body_start=front.body_start,
        title=front.title,
        tags=front.tags,
        date=day,
        about=front.about,
        date_from=date_from,
        aliases=front.aliases,
        properties=front.properties,
        remarks=(*(other if found.encoding else ()), *front.remarks),
    )


def _dated(
    file: NoteFile, written: str, date_order: str, info: os.stat_result
) -> tuple[str, DateFrom]:
    """Return the day of a note, and what told it."""
    if written:
        return written, "front matter"
    named = day_in_path(file.inside, date_order)
    return (named, "name") if named else (_day(info.st_mtime_ns), "file")


def _locate(source: Source) -> tuple[str, bool]:
    """Return the real path of a source, and whether it is a folder."""
    shown = shown_name(str(source.path))
    remedy = "name a folder, or a .md or .markdown file, that exists and that you may read"
    try:
        real = os.path.realpath(source.path, strict=True)
        mode = Path(real).stat().st_mode
    except FileNotFoundError:
        raise NotesUnreadableError(f"there is no {shown}", remedy) from None
    except (OSError, ValueError) as error:  # ValueError: NUL in the path
        raise NotesUnreadableError(f"{shown} cannot be read: {error}", remedy) from None
    if shown_name(real) != real:  # neither the store nor JSON could hold it
        raise NotesUnreadableError(f"the path {shown} is not valid UTF-8", "rename it")
    is_folder = stat.S_ISDIR(mode)
    if not is_folder and not real.lower().endswith((*MARKDOWN, *source.endings)):
        raise NotesUnreadableError(f"{shown} is neither a folder nor a Markdown file", remedy)
    return real, is_folder


def _day(modified_ns: int) -> str:
    """Return the day of a change as ISO 8601 has it, the first or last there is if need be."""
    try:
        return date.fromtimestamp(modified_ns // 10**9).isoformat()
    except (OverflowError, ValueError, OSError):  # OSError: what the C library does not count to
        return (date.max if modified_ns > 0 else date.min).isoformat()


def tells_of_notes(name: str) -> bool:
    """Return whether a file of this name may be a note, or says which files are."""
    return name.lower().endswith((*MARKDOWN, *OTHER_ENDINGS)) or name in IGNORE_FILES


def is_markdown(name: str) -> bool:
    """Return whether a file of this name is a note, whatever the settings say."""
    return name.lower().endswith(MARKDOWN)
