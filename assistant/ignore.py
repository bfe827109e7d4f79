"""Which notes are passed over: patterns as in ``.gitignore``, of files and of the settings."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.disk import read_bytes, reason_of, shown_name
from assistant.records import Skipped

IGNORE_FILES = (".gitignore", ".assistantignore")
"""The later one has the last word."""

_MAX_BYTES = 1024 * 1024  # of an ignore file


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern: one line of an ignore file, or one of the settings."""

    where: str
    """What messages call it."""
    base: int
    """Length of the path, with its slash, of the folder that the ignore file lies in."""
    folders_only: bool
    ignores: bool
    """Whether what it matches is passed over; else it is taken back in."""
    pattern: re.Pattern[str]


def folder_rules(
    root: Path, prefix: str, names: set[str]
) -> tuple[tuple[Rule, ...], list[Skipped]]:
    """Return the rules of the ignore files in one folder, and the files that cannot be read.

    Args:
        root: The notes folder.
        prefix: Path of the folder below it, with a slash at its end; empty for itself.
        names: Of the files in the folder.
    """
    rules: tuple[Rule, ...] = ()
    unread = []
    for name in IGNORE_FILES:
        if name in names:
            try:
                rules = _rules_of_file(root, prefix, name) + rules
            except OSError as error:  # said aloud, since notes meant to stay out come in
                reason = f"its rules do not apply: {reason_of(error)}"
                unread.append(Skipped(prefix + name, reason))
    return rules, unread


def _rules_of_file(root: Path, prefix: str, name: str) -> tuple[Rule, ...]:
    """Return the rules of one ignore file, the last line first."""
    raw, _ = read_bytes(root / prefix / name, _MAX_BYTES)
    text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    rules = []
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.removesuffix("\r")
        bare = bare if bare.endswith("\\ ") else bare.rstrip()
        where = f"{prefix}{name} line {number}: {shown_name(bare)}"
        with suppress(ValueError):  # git passes over lines it cannot read, too
            rules += _rule(bare, where, len(prefix))
    return tuple(reversed(rules))


def rules_of(patterns: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules of the settings for a notes folder, the last one first.

    Raises:
        ValueError: One of them cannot be read.
    """
    rules = (rule for pattern in patterns for rule in _rule(pattern, f"the settings: {pattern}", 0))
    return tuple(rules)[::-1]


def is_pattern(text: str) -> bool:
    """Return whether a text can be read as a pattern and says something."""
    try:
        return bool(_rule(text, "", 0))
    except ValueError:
        return False


def _rule(line: str, where: str, base: int) -> list[Rule]:
    """Return the rule of one line of an ignore file; none for a comment.

    Raises:
        ValueError: It cannot be read.
    """
    # 30 ms to import, and most notes folders have no ignore file.
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    # The slash is taken off so that one pattern serves paths written without it.
    stem = line.removesuffix("/")
    try:
        pattern = GitIgnoreSpecPattern(stem)
    except re.error as error:
        raise ValueError(line) from error
    if pattern.regex is None or pattern.include is None:
        return []
    return [Rule(where, base, stem != line, pattern.include, pattern.regex)]


def is_included(included: tuple[Rule, ...], path: str) -> bool:
    """Return whether the last rule that speaks of a note, or of a folder above it, takes it.

    Args:
        included: From ``rules_of``.
        path: Of the note below its notes folder.
    """
    steps = path.split("/")
    parts = ["/".join(steps[:count]) for count in range(1, len(steps) + 1)]
    for rule in included:
        if any(deciding_rule((rule,), part, part != path) for part in parts):
            return rule.ignores
    return False


def deciding_rule(rules: tuple[Rule, ...], path: str, is_folder: bool) -> Rule | None:
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
