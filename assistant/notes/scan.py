"""What lies below a notes folder: its notes, and what is passed over and why."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from assistant.disk import reason_of, shown_name, too_large
from assistant.errors import NotesUnreadableError
from assistant.notes.ignore import Rules, encoded, folder_rules, is_included, rules_of
from assistant.notes.repository import GIT, Outside
from assistant.records import NoteFile, Skipped, Source
from assistant.text import counted

MAX_BYTES = 64 * 1024 * 1024
"""Largest note that is read."""

MOST_NS = 2**63 - 1
"""Latest time of a change that SQLite can hold, nanoseconds since the epoch: in the year 2262."""

NOT_INCLUDED = "not among what the settings include"

MARKDOWN = (".md", ".markdown")
"""Endings of notes, in lower case."""

LEFT_OUT: tuple[str, ...] = (
    *("node_modules/", "vendor/", "dist/", "*.sync-conflict-*", "*conflicted copy*"),
    *("*~", "*~.md", "*.bak", "*.bak.md"),
)
"""Patterns of what others put beside notes: packages, products, copies."""

OTHER_ENDINGS: tuple[str, ...] = (".mdx", ".qmd", ".rmd", ".txt")
"""Endings of what is read as notes, too, where a setting names them."""

_Asked = tuple[str, Rules]
"""Rules, and the word for what they pass over."""


class Scan:
    """A walk of one notes folder."""

    def __init__(self, root: Path, source: Source) -> None:
        """Look for rules from outside.

        Args:
            root: Its real path.
            source: The folder as the settings have it.

        Raises:
            ValueError: Its patterns are none.
        """
        self._root = root
        self._base = str(root)
        self._endings = (*MARKDOWN, *source.endings)
        self._excluded = (rules_of(source.exclude),) if source.exclude else ()
        self._included = rules_of(source.include) if source.include else None
        left_out = LEFT_OUT if source.left_out is None else source.left_out
        self._left_out = (rules_of(left_out, "the setting left_out"),) if left_out else ()
        self._outside = Outside(root)
        self._links: list[tuple[str, str]] = []  # as they are shown, and where they are
        self._taken: set[str] = set()
        self._passed: dict[str, str] = {}

    def run(self) -> Iterator[NoteFile | Skipped]:
        """Yield every note below the folder, and every note or folder passed over.

        Raises:
            NotesUnreadableError: The folder cannot be listed.
        """
        others: Counter[str] = Counter()
        pending: list[tuple[str, tuple[Rules, ...]]] = [("", self._outside.rules)]
        while pending:
            prefix, rules = pending.pop()
            entries = self._entries(prefix)
            if isinstance(entries, Skipped):
                yield entries
                continue
            names = {entry.name for entry in entries}
            own, unread = folder_rules(self._root, prefix, names)
            yield from unread
            rules = own + (self._outside.of_repository(prefix) if GIT in names else ()) + rules
            asked = self._asked(rules, names)
            for entry in entries:
                name = entry.name
                lower = name.lower()
                if not lower.endswith(self._endings) and not _is_folder(entry):
                    if lower.endswith(OTHER_ENDINGS):
                        others[lower.rpartition(".")[2]] += 1
                    continue
                found = self._entry(entry, prefix + name, asked)
                if found:
                    yield found
                elif found is None:
                    pending.append((f"{prefix}{name}/", rules))
        yield from self._outside.unread
        yield from (Skipped(shown, self._link_reason(link)) for shown, link in self._links)
        for ending, count in others.items():
            words = f"{counted(count, 'file')} not read, since `endings` does not name .{ending}"
            yield Skipped(f"*.{ending}", words)

    def _entries(self, prefix: str) -> list[os.DirEntry[str]] | Skipped:
        """Return what a folder holds."""
        try:
            with os.scandir(f"{self._base}/{prefix}") as listing:
                return list(listing)
        except OSError as error:
            if not prefix:  # an empty result would read as "every note was deleted"
                cause = f"{self._base} cannot be listed: {reason_of(error)}"
                raise NotesUnreadableError(cause, "give yourself access to the folder") from None
            return Skipped(prefix, f"cannot be listed: {reason_of(error)}")

    def _asked(self, rules: tuple[Rules, ...], names: set[str]) -> tuple[_Asked, ...]:
        """Return the rules that may speak of a name in a folder, in the order of their say.

        Few do, and to ask one for each of thousands of names takes longer than to list them.
        """
        joined = encoded("/".join(names))
        ranked = [("excluded", some) for some in self._excluded]
        ranked += [("ignored", some) for some in rules]
        ranked += [("left out", some) for some in self._left_out]
        return tuple((word, some) for word, some in ranked if some.may_speak_of(joined))

    def _entry(
        self, entry: os.DirEntry[str], path: str, asked: tuple[_Asked, ...]
    ) -> NoteFile | Skipped | Literal[False] | None:
        """Return a note or why something is passed over.

        Returns:
            None for a folder to list, False for what is told of later or not at all.
        """
        is_link = entry.is_symlink()
        is_folder = _is_folder(entry)
        if entry.name == GIT:
            return False
        reason = _refusal(entry.name, path, is_folder and not is_link, asked)
        if (
            not reason
            and not is_folder
            and self._included
            and not is_included(self._included, path)
        ):
            reason = NOT_INCLUDED
        if reason:
            self._passed[path] = reason
            return Skipped(shown_name(path) + "/" * is_folder, reason)
        if is_link:
            self._links.append((shown_name(path) + "/" * is_folder, entry.path))
            return False
        self._taken.add(path)
        if is_folder:
            return None
        try:
            found = take(self._root, path, entry.stat(follow_symlinks=False))
        except OSError as error:
            found = Skipped(path, f"cannot be read: {reason_of(error)}")
        if isinstance(found, Skipped):
            self._taken.discard(path)
            self._passed[path] = found.reason
        return found

    def _link_reason(self, link: str) -> str:
        """Say why a link is not followed: so loops cannot happen, and no note comes twice."""
        try:
            target = os.path.realpath(link, strict=True)
        except FileNotFoundError:
            return "a link to nothing"
        except OSError as error:
            return f"a link that leads nowhere: {error.strerror}"
        base = self._base.rstrip("/") + "/"
        if target == self._base:
            return "a link to ., which counts under its own name"
        if not target.startswith(base):
            return "a link that leaves the notes folder"
        inside = target.removeprefix(base)
        shown = f"a link to {shown_name(inside)}"
        if inside in self._taken:
            return f"{shown}, which counts under its own name"
        steps = inside.split("/")
        for count in range(1, len(steps) + 1):
            reason = self._passed.get("/".join(steps[:count]))
            if reason:
                return f"{shown}, which is passed over: {reason}"
        return f"{shown}, which is no note by its ending"


def _refusal(name: str, path: str, is_folder: bool, asked: tuple[_Asked, ...]) -> str:
    """Say why an entry is passed over, whatever it is, or nothing."""
    # Control characters are fine here; a name that is not text fits neither SQLite nor JSON.
    if not name.isascii() and shown_name(name) != name:
        return "its name is not valid UTF-8"
    if name.startswith("."):
        return "hidden"
    is_taken_back = False
    for word, rules in asked:
        rule = rules.deciding((path, is_folder))
        if rule and rule.ignores and not (is_taken_back and word == "left out"):
            return f"{word} by {rule.where}"
        if rule and word == "ignored":
            return ""
        # What the settings take back in may be ignored all the same.
        is_taken_back = is_taken_back or rule is not None
    return ""


def take(root: Path, path: str, info: os.stat_result) -> NoteFile | Skipped:
    """Return the record of a Markdown file, or why it is none."""
    if not stat.S_ISREG(info.st_mode):
        return Skipped(path, "not a regular file")
    if info.st_size > MAX_BYTES:
        return Skipped(path, too_large(MAX_BYTES))
    return NoteFile(root, path, info.st_size, held(info.st_mtime_ns), "", state_of(info))


def state_of(info: os.stat_result) -> int:
    """Return what ``NoteFile.state`` is of a file."""
    return (info.st_ctime_ns ^ info.st_ino * 0x9E3779B97F4A7C15) & MOST_NS


def held(number: int) -> int:
    """Return a time or number of a file as an index holds it: beyond its range another, the same.

    Such times come from broken clocks; all that they have to tell is whether a note has changed.
    """
    return number if abs(number) <= MOST_NS else number % MOST_NS


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder or a link to one."""
    try:
        return entry.is_dir()
    except OSError:  # a link in a loop
        return False
