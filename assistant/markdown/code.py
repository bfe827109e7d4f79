"""The code of an entry: what it is, and what running it would do. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assistant.markdown.leaf_blocks import Leaf, leaves, line_starts
from assistant.markdown.statements import code_of
from assistant.records import Entry, Span
from assistant.results import Code

OUTPUTS = frozenset(
    "console-output log logs out output pytb result results stderr stdout traceback".split()
)
"""Languages of fences that hold what a program printed."""

UNNAMED = frozenset(("", "plain", "plaintext", "text", "txt"))
"""Languages of fences that may hold anything."""

PRINTED = re.compile(
    r"(?:\bprint(?:s|ed)?\b|\b(?:out)?puts?\b|\breturns?\b|\bresults?\b|\berrors?\b|\bausgabe\b"
    r"|\bergibt\b|\bliefert\b|\baffiche\b|\bsortie\b|\bsalida\b|\bdevuelve\b|вывод|результат"
    r"|输出|结果|打印|报错|出力|結果)[^.。!?！？]{0,20}[:：]$",
    re.IGNORECASE,
)
"""What stands before code that a program printed."""

TRACEBACK = re.compile(r"\s*(?:-{10,}\s*)?Traceback \(most recent call last\)|\s*Out\[\d+\]")
"""How what was printed begins."""

DESTROYS = re.compile(
    # commands, where one begins
    r"(?:^|[;&|(]|\b(?:sudo|xargs|exec|env)(?: +-\S+)*)[ \t]*"
    r"(?:rm|rmdir|shred|wipefs|mkfs(?:\.\w+)?|dd|truncate|unlink|userdel|Remove-Item"
    r"|(?:del|erase)(?=[ \t]+/))[ \t]"
    # what they are told to do
    r"|[ \t]-{1,2}(?:force|purge|prune|delete(?:-\w+)*|hard|overwrite\w*)(?![\w-])"
    r"|\bgit\b.*[ \t](?:clean|stash[ \t]+(?:drop|clear)|branch[ \t]+-D|push[ \t]+(?:\S+[ \t]+)*-f"
    r"|checkout[ \t]+(?:\S+[ \t]+)?--|restore)(?![\w-])"
    r"|\b(?:apt|apt-get|dnf|yum|brew|pip|pip3|conda|npm|snap|flatpak|docker|podman|kubectl|helm"
    r"|cargo|gem|pacman|choco|winget|env|volume|image|system|container)[ \t]+(?:-\S+[ \t]+)*"
    r"(?:remove|autoremove|purge|uninstall|delete|prune|rmi?|-R\w*)(?![\w-])"
    # SQL, and libraries
    r"|\b(?i:drop[ \t]+(?:table|database|schema|index|view|column|user|role)|truncate[ \t]+table"
    r"|delete[ \t]+from|flushall|flushdb)\b"
    r"|\b(?:shutil\.rmtree|os\.(?:remove|unlink|rmdir)|rimraf|rmSync)\b",
    re.MULTILINE,
)
"""Commands that delete or overwrite, so that to run them by mistake is a loss."""

_LANGUAGE = re.compile(r"[\s{.]*([\w+#.-]*)")


def language_of(info: str) -> str:
    """Return the language that a fence names, as in ``python`` or ``{.python .numberLines}``."""
    found = _LANGUAGE.match(info)
    return found[1] if found else ""


def is_code(leaf: Leaf) -> bool:
    """Return whether a block is fenced or indented."""
    return leaf.kind in ("fence", "code")


def destroys(code: str) -> bool:
    """Return whether code deletes or overwrites something when it is run."""
    return bool(DESTROYS.search(code_of(code)))


def is_output(lines: Sequence[str], blocks: Sequence[Leaf], at: int) -> bool:
    """Return whether a block of code is what a program printed: results, a log, a traceback.

    Its language says so, or it names none and follows code that does, or words such as "prints:".

    Args:
        lines: Of the entry.
        blocks: Its leaves.
        at: Which of them.
    """
    block = blocks[at]
    language = language_of(block.info).lower()
    if language in OUTPUTS or TRACEBACK.match(block.content):
        return True
    if language not in UNNAMED or not at:
        return False
    before = blocks[at - 1]
    if before.kind == "fence":
        return block.kind == "fence" and language_of(before.info).lower() not in UNNAMED
    lead = lines[before.after - 1].rstrip(" *_`")
    # Few leads end in a colon, and only these are worth a search.
    return before.kind == "prose" and lead.endswith((":", "：")) and bool(PRINTED.search(lead))


def code_blocks(entry: Entry, worth: Callable[[Span], float] | None = None) -> tuple[Code, ...]:
    """Return the fenced and the indented blocks of an entry.

    Args:
        entry: The entry.
        worth: How well a part of its text answers. Blocks stand in its order then, the best first,
            of equals the first, and behind them what a program printed; without it, in the order
            of the entry.
    """
    blocks = leaves(entry.text)
    starts = line_starts(entry.text)
    lines = entry.text.split("\n")
    found: list[tuple[bool, float, Code]] = []
    for at, leaf in enumerate(blocks):
        if is_code(leaf):
            printed = is_output(lines, blocks, at)
            value = worth((starts[leaf.first], starts[leaf.after])) if worth else 0.0
            risky = not printed and destroys(leaf.content)
            code = Code(language_of(leaf.info), leaf.content, printed, risky)
            found.append((printed and worth is not None, -value, code))
    return tuple(code for _, _, code in sorted(found, key=lambda item: item[:2]))
