"""Which notes are passed over: patterns as in ``.gitignore``, of files and of the settings.

Source: gitignore(5), and ``dir.c`` of git for what that leaves open.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.disk import read_bytes, reason_of, shown_name
from assistant.notes.wildmatch import Glob, literal_start
from assistant.records import Skipped

IGNORE_FILES = (".gitignore", ".assistantignore")
"""The later one has the last word."""

MAX_BYTES = 256 * 1024
"""Largest ignore file that is read."""

MOST_WILD = 1000
"""Patterns of a file that are more than a name, a path, or a star before the end of a name: each
of them is held against every name below the file, where a table tells of the others."""

_WILDCARDS = re.compile(rb"[*?\\]")

_NOWHERE = 1 << 60
"""A position after that of every rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern: one line of an ignore file, or one of the settings."""

    where: str
    """What messages call it."""
    folders_only: bool
    ignores: bool
    """Whether what it matches is passed over; else it is taken back in."""
    any_depth: bool
    """Whether it speaks of the last step of a path, wherever that is; else of the whole path."""
    pattern: bytes
    start: bytes
    """What a path begins with, up to the first special byte; empty for a pattern of any depth."""
    glob: Glob
    """What follows."""


class _Table:
    """The first of some rules that speaks of a path, without asking them all."""

    def __init__(self, rules: Iterable[tuple[int, Rule]]) -> None:
        self._names: dict[bytes, int] = {}
        self._paths: dict[bytes, int] = {}
        self._endings: dict[bytes, int] = {}
        self._wild: list[tuple[int, Rule]] = []
        for position, rule in rules:
            whole, tail = rule.pattern, rule.pattern[1:]
            if literal_start(whole) == len(whole):
                (self._names if rule.any_depth else self._paths).setdefault(whole, position)
            elif rule.any_depth and whole[:1] == b"*" and literal_start(tail) == len(tail):
                self._endings.setdefault(tail, position)
            else:
                self._wild.append((position, rule))
        if len(self._wild) > MOST_WILD:
            raise ValueError(f"more than {MOST_WILD:,} patterns with wildcards")
        self._lengths = sorted({len(ending) for ending in self._endings})

    def first(self, path: bytes) -> int:
        """Return the position of the first rule that speaks of a path below the rules' folder."""
        name = path[path.rfind(b"/") + 1 :]
        found = min(self._names.get(name, _NOWHERE), self._paths.get(path, _NOWHERE))
        for length in self._lengths:
            if length > len(name):
                break
            found = min(found, self._endings.get(name[len(name) - length :], _NOWHERE))
        for position, rule in self._wild:
            if position > found:
                break
            of = name if rule.any_depth else path
            if of.startswith(rule.start) and rule.glob.fits(of[len(rule.start) :]):
                return position
        return found


class Rules:
    """The rules of one ignore file, or of the settings for one notes folder."""

    def __init__(self, rules: Sequence[Rule], prefix: str = "", above: str = "") -> None:
        """Sort the rules into tables.

        Args:
            rules: In the order of their lines: the last one has the last word.
            prefix: Path of their folder below the notes folder, with a slash at its end.
            above: Path of the notes folder below theirs, likewise, where they lie above it.

        Raises:
            ValueError: Too many of them have wildcards.
        """
        self._rules = rules[::-1]
        self._base = len(encoded(prefix))
        self._above = encoded(above)
        numbered = list(enumerate(self._rules))
        self._of_folders = _Table(numbered)
        self._of_files = _Table((at, rule) for at, rule in numbered if not rule.folders_only)
        self._pieces = _pieces_of(rules)

    def may_speak_of(self, names: bytes) -> bool:
        """Return whether a rule may speak of one of many names, told without looking at each.

        Args:
            names: Of files and folders, with slashes between them, see ``encoded``.
        """
        return self._pieces is None or any(piece in names for piece in self._pieces)

    def deciding(self, *steps: tuple[str, bool]) -> Rule | None:
        """Return the rule with the last word on any of some paths; None where none speaks of them.

        Args:
            steps: Paths below the notes folder, and whether each is a folder.
        """
        at = min(
            (self._of_folders if is_folder else self._of_files).first(
                self._above + encoded(path)[self._base :]
            )
            for path, is_folder in steps
        )
        return None if at == _NOWHERE else self._rules[at]


def folder_rules(
    root: Path, prefix: str, names: set[str]
) -> tuple[tuple[Rules, ...], list[Skipped]]:
    """Return the rules of the ignore files in one folder, and the files that do not apply.

    Args:
        root: The notes folder.
        prefix: Path of the folder below it, with a slash at its end; empty for itself.
        names: Of the files in the folder.
    """
    rules: tuple[Rules, ...] = ()
    unread = []
    for name in IGNORE_FILES:
        if name in names:
            try:
                rules = (rules_of_file(root / prefix / name, prefix + name, prefix), *rules)
            except (OSError, ValueError) as error:  # said aloud: notes meant to stay out come in
                reason = reason_of(error) if isinstance(error, OSError) else str(error)
                unread.append(Skipped(prefix + name, f"its rules do not apply: {reason}"))
    return rules, unread


def rules_of_file(file: Path, shown: str, prefix: str = "", above: str = "") -> Rules:
    """Return the rules of one ignore file.

    Args:
        file: The file.
        shown: What messages call it.
        prefix: As of ``Rules``, as is ``above``.
        above: As of ``Rules``.

    Raises:
        OSError: It cannot be read.
        ValueError: Too many of its lines have wildcards.
    """
    raw, _ = read_bytes(file, MAX_BYTES)
    rules = []
    for number, line in enumerate(raw.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
        line = _without_blanks(line.removesuffix(b"\r").partition(b"\0")[0])
        text = shown_name(line.decode("utf-8", "surrogateescape"))
        rules += _rule(line, f"{shown} line {number}: {text}")
    return Rules(rules, prefix, above)


def rules_of(patterns: Sequence[str], where: str = "the settings") -> Rules:
    """Return the rules of the settings for a notes folder.

    Args:
        patterns: In their order.
        where: What messages call their place.

    Raises:
        ValueError: One of them is not text, or too many have wildcards.
    """
    lines = ((pattern, _without_blanks(encoded(pattern))) for pattern in patterns)
    return Rules([rule for text, line in lines for rule in _rule(line, f"{where}: {text}")])


def are_patterns(texts: Sequence[str]) -> bool:
    """Return whether texts can be read as patterns, each of which says something."""
    try:
        rules_of(texts)
        lines = [_rule(_without_blanks(encoded(text)), "") for text in texts]
    except ValueError:
        return False
    return all(rule.glob.can_fit for rules in lines for rule in rules) and all(lines)


def encoded(text: str) -> bytes:
    """Return a path or a pattern in bytes, as git compares them."""
    return text.encode("utf-8", "surrogateescape")


def _without_blanks(line: bytes) -> bytes:
    """Return a line without the blanks at its end, the first of them kept after a backslash."""
    bare = line.rstrip(b" ")
    backslashes = len(bare) - len(bare.rstrip(b"\\"))
    return line[: len(bare) + 1] if backslashes % 2 else bare


def _rule(line: bytes, where: str) -> list[Rule]:
    """Return the rule of one line; none for a comment, or where there is no name in it."""
    ignores = not line.startswith(b"!")
    whole = line if ignores else line[1:]
    stem = whole.removesuffix(b"/")
    if not stem.strip(b"/") or line.startswith(b"#"):
        return []
    any_depth = b"/" not in stem
    pattern = stem.removeprefix(b"/")
    # Git compares what is literal first, and reads the rest as a pattern by itself: so `**` means
    # what it does at the beginning of one also in `draft**/a.md`.
    start = b"" if any_depth else pattern[: literal_start(pattern)]
    glob = Glob(pattern[len(start) :])
    return [Rule(where, stem != whole, ignores, any_depth, pattern, start, glob)]


def _pieces_of(rules: Sequence[Rule]) -> tuple[bytes, ...] | None:
    """Return a part of each rule's last step that stands in every name that it speaks of.

    Returns:
        None where some rule has no such part.
    """
    pieces = {
        max(_WILDCARDS.split(rule.pattern.rpartition(b"/")[2]), key=len)
        if b"[" not in rule.pattern
        else b""
        for rule in rules
    }
    return None if b"" in pieces else tuple(pieces)


def is_included(included: Rules, path: str) -> bool:
    """Return whether the last rule that speaks of a note, or of a folder above it, takes it.

    Args:
        included: From ``rules_of``.
        path: Of the note below its notes folder.
    """
    steps = path.split("/")
    parts = ("/".join(steps[:count]) for count in range(1, len(steps) + 1))
    rule = included.deciding(*((part, part != path) for part in parts))
    return rule is not None and rule.ignores
