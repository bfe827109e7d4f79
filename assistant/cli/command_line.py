"""The words of a command line as people type them, to those that the parser takes. Pure.

Options of the whole program may stand anywhere, a question needs no command, and a name that is
none is answered by the nearest.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from assistant.suggestion import nearest

GLOBAL = ("--config", "--index", "--color")
"""Options of the whole program, each with a value."""

ALONE = ("--version", "-V", "--help", "-h")
"""Those without one."""

MEANT = {
    "search": "ask",
    "query": "ask",
    "question": "ask",
    "find": "ask",
    "grep": "ask",
    "index": "build",
    "reindex": "build",
    "update": "build",
    "rebuild": "build",
    "cat": "show",
    "read": "show",
    "view": "show",
    "print": "show",
    "edit": "open",
    "ls": "list",
    "notes": "list",
    "outline": "list",
    "toc": "list",
    "related": "similar",
    "dupes": "duplicates",
    "serve": "web",
    "server": "web",
    "page": "web",
    "browser": "web",
    "info": "status",
    "stats": "status",
    "check": "doctor",
    "settings": "config",
    "setup": "init",
    "evaluate": "eval",
    "whynot": "why-not",
    "agents": "mcp",
}
"""Commands of other programs, and what they are called here."""

OPTIONS_MEANT = {
    "--top-k": "-k",
    "--top": "-k",
    "--topk": "-k",
    "--num": "-k",
    "--max": "-k",
    "--results": "-k",
    "--number": "-k",
    "--folder": "--note",
    "--path": "--note",
    "--file": "--note",
    "--notes": "--note",
    "--in": "--note",
    "--tags": "--tag",
    "--after": "--since",
    "--from": "--since",
    "--before": "--until",
    "--to": "--until",
    "--explain": "--why",
    "--verbose": "--why",
    "--all": "--full",
    "--long": "--full",
    "--edit": "--open",
    "--md": "--markdown",
    "--force": "--full",
    "--no-color": "--color",
    "--colour": "--color",
    "--database": "--index",
    "--db": "--index",
}
"""Options of other programs, likewise."""

ASKING = frozenset(
    "how what why when where which who whose whom can could do does did is are was were should"
    " would will has have may must".split()
)
"""Words that begin a question, however close they are to the name of a command."""

LEAST_WORDS = 3
"""Words that, without quotes, are a question rather than a command that there is not."""


def arranged(words: Sequence[str], commands: Collection[str]) -> list[str]:
    """Return the words of a command line in the order in which the parser takes them.

    Args:
        words: As the shell splits them, the program left out.
        commands: Names of the commands.

    Returns:
        The options of the whole program first, then a command, which is ``ask`` where a question
        stands alone.
    """
    front, rest = _without_global(words)
    at = next((i for i, word in enumerate(rest) if word not in ALONE), len(rest))
    if rest[at : at + 1] == ["help"]:
        named = rest[at + 1 : at + 2]
        return front + [word for word in named if word in commands] + ["--help"]
    if rest[at:] == ["version"]:
        return ["--version"]
    if at < len(rest) and is_question(rest[at:], commands):
        rest.insert(at, "ask")
    return front + rest


def globals_first(words: Sequence[str]) -> list[str]:
    """Return words with the options of the whole program first; as they are if one has no value."""
    front, rest = _without_global(words)
    return front + rest if not front or front[-1] not in GLOBAL else list(words)


def is_question(words: Sequence[str], commands: Collection[str]) -> bool:
    """Return whether words that may begin with a command are a question without one."""
    first = words[0]
    if first in commands or (first.startswith("-") and first != "--"):
        return False
    if any(map(str.isspace, first)) or not first.isascii() or first.casefold() in ASKING:
        return True
    plain = [word for word in words if not word.startswith("-")]
    return len(plain) >= LEAST_WORDS and not command_meant(first, commands)


def command_meant(name: str, commands: Collection[str]) -> str:
    """Return the command that was probably meant by a name that is none; empty for none."""
    near = nearest(name, [*commands, *MEANT], alike=0.7)
    return MEANT.get(near, near)


def option_meant(name: str, options: Collection[str]) -> str:
    """Return the option that was probably meant by a name that is none; empty for none."""
    meant = OPTIONS_MEANT.get(name, "")
    if meant in options or meant in GLOBAL:
        return meant
    return nearest(name, [one for one in (*options, *GLOBAL) if one.startswith("--")], alike=0.7)


def _without_global(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the options of the whole program with their values, and the other words."""
    end = words.index("--") if "--" in words else len(words)
    front: list[str] = []
    rest: list[str] = []
    left = iter(words[:end])
    for word in left:
        if word in GLOBAL:
            front += [word, *itertools.islice(left, 1)]
        elif word.partition("=")[0] in GLOBAL:
            front.append(word)
        else:
            rest.append(word)
    return front, [*rest, *words[end:]]
