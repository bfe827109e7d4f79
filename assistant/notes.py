"""Notes on disk: which files there are, the text of each, and what was skipped and why."""

from __future__ import annotations

import codecs
import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import NotesUnreadableError
from assistant.frontmatter import front_matter
from assistant.records import Note, NoteFile, Skipped

MAX_BYTES = 64 * 1024 * 1024
"""Largest note that is read."""

_SUFFIXES = (".md", ".markdown")
_IGNORE_FILES = (".gitignore", ".assistantignore")  # the later one has the last word
_MAX_IGNORE_BYTES = 1024 * 1024
# Absent on Windows. Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
_OPEN_FLAGS |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
_WORDS = {errno.ENOENT: "no longer there", errno.ELOOP: "a link, which is not followed"}
_ENCODINGS = (  # byte order mark, codec for what follows it, name in messages
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    (b"", "utf-8", "UTF-8"),
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line of an ignore file."""

    where: str
    base: int
    """Length of the path, with its slash, of the folder that the ignore file lies in."""
    folders_only: bool
    ignores: bool
    pattern: re.Pattern[str]


def walk(sources: Sequence[Path]) -> tuple[list[NoteFile], list[Skipped]]:
    """Find the notes under folders, or given as files, each once.

    Ignore files count from the source downwards, deeper ones first; a source named outright is
    taken even if hidden or ignored from above. Folders that are not entered are listed once,
    with a slash at the end; ``.git`` is not listed.

    Returns:
        Notes and skipped Markdown files, each in the order of ``sources``, then by path.

    Raises:
        NotesUnreadableError: A source is missing, cannot be listed, or is not Markdown.
    """
    files: dict[str, NoteFile] = {}
    skipped: dict[str, Skipped] = {}
    folders: set[str] = set()
    for source in sources:
        real, is_folder = _locate(source)
        if is_folder:
            folders.add(real)
        root = Path(real) if is_folder else Path(real).parent
        found = _scan(root) if is_folder else [_take(root, Path(real).name, os.lstat(real))]
        for item in sorted(found, key=lambda item: item.path):
            absolute = os.path.join(root, item.path.rstrip("/"))  # noqa: PTH118 (10 times faster)
            if isinstance(item, NoteFile):
                files.setdefault(absolute, item)
            else:
                skipped.setdefault(absolute, item)
    # What one source ignores, another may have named outright.
    kept = [item for path, item in skipped.items() if path not in files and path not in folders]
    return list(files.values()), kept


def read(file: NoteFile) -> Note | Skipped:
    r"""Read a note: text with ``\n`` line ends, digest, front matter.

    Size and time in the returned record were taken before the bytes were read, so a note that
    changes meanwhile differs from its record at the next walk. Never raises for what is on disk.
    """
    try:
        raw, info = _read_bytes(file.absolute, MAX_BYTES)
    except OSError as error:
        return Skipped(file.path, f"cannot be read: {_because(error)}")
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
        file=replace(file, size=info.st_size, modified_ns=info.st_mtime_ns),
        text=text,
        digest=hashlib.sha256(raw).hexdigest(),
        body_start=front.body_start,
        title=front.title,
        tags=front.tags,
        date=front.date,
        about=front.about,
    )


def _locate(source: Path) -> tuple[str, bool]:
    """Return the real path of a source, and whether it is a folder."""
    shown = _shown(str(source))
    remedy = "Name a folder, or a .md or .markdown file, that exists and that you may read."
    try:
        real = os.path.realpath(source, strict=True)
        mode = Path(real).stat().st_mode
    except FileNotFoundError:
        raise NotesUnreadableError(f"There is no {shown}.", remedy) from None
    except (OSError, ValueError) as error:  # ValueError: NUL in the path
        raise NotesUnreadableError(f"{shown} cannot be read: {error}.", remedy) from None
    if _shown(real) != real:  # neither the store nor JSON could hold it
        raise NotesUnreadableError(f"The path {shown} is not valid UTF-8.", "Rename it.")
    is_folder = stat.S_ISDIR(mode)
    if not is_folder and not _is_markdown(real):
        raise NotesUnreadableError(f"{shown} is neither a folder nor a Markdown file.", remedy)
    return real, is_folder


def _scan(root: Path) -> Iterator[NoteFile | Skipped]:
    """Yield every note below a folder, and every Markdown file or folder passed over."""
    base = str(root)
    pending: list[tuple[str, tuple[_Rule, ...]]] = [("", ())]
    while pending:
        prefix, rules = pending.pop()
        try:
            with os.scandir(f"{base}/{prefix}") as listing:
                entries = list(listing)
        except OSError as error:
            if not prefix:  # an empty result would read as "every note was deleted"
                cause = f"{base} cannot be listed: {_because(error)}."
                raise NotesUnreadableError(cause, "Give yourself access to the folder.") from None
            yield Skipped(prefix, f"cannot be listed: {_because(error)}")
            continue
        own, unread = _folder_rules(root, prefix, {entry.name for entry in entries})
        rules = own + rules
        yield from unread
        for entry in entries:
            is_folder = _is_folder(entry)
            if entry.name == ".git" or not (is_folder or _is_markdown(entry.name)):
                continue
            path = prefix + entry.name
            shown = _shown(path) + "/" * is_folder
            reason = _refusal(entry, path, is_folder, rules, base)
            if reason:
                yield Skipped(shown, reason)
            elif is_folder:
                pending.append((path + "/", rules))
            else:
                try:
                    yield _take(root, path, entry.stat(follow_symlinks=False))
                except OSError as error:
                    yield Skipped(shown, f"cannot be read: {_because(error)}")


def _refusal(
    entry: os.DirEntry[str], path: str, is_folder: bool, rules: tuple[_Rule, ...], base: str
) -> str:
    """Say why an entry is passed over, or nothing."""
    is_link = entry.is_symlink()
    # Control characters are fine here; a name that is not text fits neither SQLite nor JSON.
    if _shown(entry.name) != entry.name:
        return "its name is not valid UTF-8"
    if entry.name.startswith("."):
        return "hidden"
    rule = _deciding(rules, path, is_folder and not is_link)
    if rule and rule.ignores:
        return f"ignored by {rule.where}"
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
        inside = _shown(os.path.relpath(target, base))
        return f"a link to {inside}, which counts under its own name"
    return "a link that leaves the notes folder"


def _folder_rules(
    root: Path, prefix: str, names: set[str]
) -> tuple[tuple[_Rule, ...], list[Skipped]]:
    """Return the rules of the ignore files in one folder, and the files that cannot be read."""
    rules: tuple[_Rule, ...] = ()
    unread = []
    for name in _IGNORE_FILES:
        if name in names:
            try:
                rules = _rules(root, prefix, name) + rules
            except OSError as error:  # said aloud, since notes meant to stay out come in
                reason = f"its rules do not apply: {_because(error)}"
                unread.append(Skipped(prefix + name, reason))
    return rules, unread


def _rules(root: Path, prefix: str, name: str) -> tuple[_Rule, ...]:
    """Return the rules of one ignore file, the last line first."""
    # 30 ms to import, and most notes folders have no ignore file.
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    raw, _ = _read_bytes(root / prefix / name, _MAX_IGNORE_BYTES)
    text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    rules = []
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.removesuffix("\r")
        bare = bare if bare.endswith("\\ ") else bare.rstrip()
        # The slash is taken off so that one pattern serves paths written without it.
        stem = bare.removesuffix("/")
        try:
            pattern = GitIgnoreSpecPattern(stem)
        except (ValueError, re.error):  # git passes over lines it cannot read, too
            continue
        if pattern.regex is not None and pattern.include is not None:
            where = f"{prefix}{name} line {number}: {_shown(bare)}"
            is_for_folders = stem != bare
            rule = _Rule(where, len(prefix), is_for_folders, pattern.include, pattern.regex)
            rules.append(rule)
    return tuple(reversed(rules))


def _deciding(rules: tuple[_Rule, ...], path: str, is_folder: bool) -> _Rule | None:
    """Return the rule with the last word on a path whose parents are all taken.

    Git decides level by level, ``GitIgnoreSpec.match_file`` on the whole path at once, which
    loses the notes that ``*`` with ``!*/`` and ``!*.md`` should keep. So its patterns are asked
    one by one, and a match that holds only through a parent is dropped: the one group of each
    pattern is the slash after a matched parent.
    """
    for rule in rules:
        if is_folder or not rule.folders_only:
            match = rule.pattern.search(path[rule.base :])
            if match and match.lastindex is None:
                return rule
    return None


def _take(root: Path, path: str, info: os.stat_result) -> NoteFile | Skipped:
    """Return the record of a Markdown file, or why it is none."""
    if not stat.S_ISREG(info.st_mode):
        return Skipped(path, "not a regular file")
    if info.st_size > MAX_BYTES:
        return Skipped(path, _too_large(MAX_BYTES))
    return NoteFile(root, path, info.st_size, info.st_mtime_ns)


def _read_bytes(path: Path, limit: int) -> tuple[bytes, os.stat_result]:
    """Return a regular file's bytes, and its state from before they were read."""
    descriptor = os.open(path, _OPEN_FLAGS)
    try:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        pieces: list[bytes] = []
        left = limit + 1
        room = max(info.st_size + 1, 65536)  # the size may be stale, and is 0 under /proc
        while left > 0 and (piece := os.read(descriptor, min(left, room))):
            pieces.append(piece)
            left -= len(piece)
    finally:
        os.close(descriptor)
    if left <= 0:
        raise OSError(errno.EFBIG, _too_large(limit))
    return b"".join(pieces), info


def tells_of_notes(name: str) -> bool:
    """Tell whether a file of this name is a note or says which files are."""
    return _is_markdown(name) or name in _IGNORE_FILES


def _is_markdown(name: str) -> bool:
    return name.lower().endswith(_SUFFIXES)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Tell whether an entry is a folder or a link to one."""
    try:
        return entry.is_dir()
    except OSError:  # a link in a loop
        return False


def _shown(name: str) -> str:
    """Return a name with the bytes that are not UTF-8 written as escapes."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _because(error: OSError) -> str:
    """Return the system's reason in words."""
    words = _WORDS.get(error.errno or 0) or error.strerror or str(error)
    return words[:1].lower() + words[1:]


def _too_large(limit: int) -> str:
    return f"larger than {limit // (1024 * 1024)} MiB"
