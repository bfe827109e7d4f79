"""Names of files against patterns with ``*``, ``**``, ``?`` and ``[...]``, as git has them. Pure.

Source: ``dowild`` in git's wildmatch.c, with the flag WM_PATHNAME. All is bytes, as there: ``?`` is
one byte of a name in UTF-8, not one character.

A pattern is turned into a regular expression that never goes back on a choice it need not go back
on. What stands between two stars of a step of a path is tried at the first place where it fits,
and what stands between two ``**`` at the first step: a later place leaves less of the name to what
follows, and no more. Atomic groups say so. That leaves one star, or one ``**``, that is tried
everywhere, and time within the product of the lengths of pattern and name, times the steps of the
name's path where ``**`` stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum


class _Wild(Enum):
    """What matches any number of bytes."""

    STAR = "those of one step"
    ANY = "those of any steps"
    STEPS = "none, or any that end with a slash"


_Part = bytes | _Wild
"""A wildcard, or the expression for one byte."""

_SPECIAL = re.compile(rb"[*?\[\\]")
_BYTES = range(1, 256)

# As git's own ctype has them, for ASCII alone: no vertical tab and no form feed is a blank.
_CLASSES: Mapping[bytes, Callable[[int], bool]] = {
    b"alnum": lambda byte: chr(byte).isalnum(),
    b"alpha": lambda byte: chr(byte).isalpha(),
    b"blank": lambda byte: byte in b" \t",
    b"cntrl": lambda byte: byte < 0x20 or byte == 0x7F,
    b"digit": lambda byte: chr(byte).isdigit(),
    b"graph": lambda byte: 0x20 < byte < 0x7F,
    b"lower": lambda byte: chr(byte).islower(),
    b"print": lambda byte: 0x20 <= byte < 0x7F,
    b"punct": lambda byte: 0x20 < byte < 0x7F and not chr(byte).isalnum(),
    b"space": lambda byte: byte in b" \t\n\r",
    b"upper": lambda byte: chr(byte).isupper(),
    b"xdigit": lambda byte: byte in b"0123456789abcdefABCDEF",
}


class Glob:
    """A pattern. It is read when a name is first held against it; few ever are."""

    __slots__ = ("_fits", "_text")

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._fits: Callable[[bytes], bool] | None = None

    def fits(self, name: bytes) -> bool:
        """Return whether a whole name is as the pattern says."""
        if self._fits is None:
            self._fits = _test(self._text)
        return self._fits(name)

    @property
    def can_fit(self) -> bool:
        """Whether there is any name that fits: none does a bracket without its end."""
        return _parts(self._text) is not None


def literal_start(text: bytes) -> int:
    """Return how many bytes of a pattern stand before its first special one."""
    found = _SPECIAL.search(text)
    return found.start() if found else len(text)


def _test(text: bytes) -> Callable[[bytes], bool]:
    """Return what tells whether a name fits a pattern."""
    parts = _parts(text)
    if parts is None:
        return lambda _: False
    least = sum(isinstance(part, bytes) for part in parts)
    regex: re.Pattern[bytes] | None = None

    def fits(name: bytes) -> bool:
        nonlocal regex
        if len(name) < least:  # nor is a huge pattern worth compiling, which no name can fit
            return False
        regex = regex or re.compile(_expression(parts), re.DOTALL)
        return regex.fullmatch(name) is not None

    return fits


def _parts(text: bytes) -> list[_Part] | None:
    """Return the parts of a pattern; None when nothing fits it."""
    parts: list[_Part] = []
    at = 0
    while at < len(text):
        byte = text[at : at + 1]
        if byte == b"*":
            wild, at = _stars(text, at)
            if parts[-1:] != [wild] or wild is not _Wild.STEPS:  # twice in a row says nothing more
                parts.append(wild)
        elif byte == b"[":
            found, at = _set(text, at + 1)
            if not found:
                return None
            parts.append(_one_of(found))
        elif byte == b"\\":
            if at + 1 == len(text):
                return None
            parts.append(re.escape(text[at + 1 : at + 2]))
            at += 2
        else:
            parts.append(b"[^/]" if byte == b"?" else re.escape(byte))
            at += 1
    return parts


def _stars(text: bytes, at: int) -> tuple[_Wild, int]:
    """Return what a run of stars is, and where what follows it begins."""
    end = at
    while text[end : end + 1] == b"*":
        end += 1
    if end - at > 1 and (at == 0 or text[at - 1 : at] == b"/"):
        if text.startswith(b"/", end):
            return _Wild.STEPS, end + 1
        if end == len(text) or text.startswith(b"\\/", end):
            return _Wild.ANY, end
    return _Wild.STAR, end


def _set(text: bytes, at: int) -> tuple[set[int], int]:
    """Return the bytes that a set in brackets allows, and where what follows it begins.

    Args:
        text: The pattern.
        at: After the bracket that opens it.

    Returns:
        No bytes for a set that is not closed, names an unknown class, or allows none.
    """
    negated = text[at : at + 1] in (b"!", b"^")
    at += negated
    found: set[int] = set()
    before = 0  # the byte that a range may begin with; 0 where none may
    first = True
    while first or text[at : at + 1] != b"]":
        first = False
        rest = text[at : at + 2]
        if not rest or rest == b"\\":
            return set(), at
        if rest[0:1] == b"\\":
            before = rest[1]
            found.add(before)
            at += 2
        elif rest[0:1] == b"-" and before and rest[1:] not in (b"", b"]"):
            at += 1 + (rest[1:] == b"\\")
            if at == len(text):
                return set(), at
            found.update(range(before, text[at] + 1))
            before = 0
            at += 1
        elif rest == b"[:" and (end := text.find(b"]", at + 2)) >= 0 and _is_class(text, at, end):
            test = _CLASSES.get(text[at + 2 : end - 1])
            if test is None:
                return set(), at
            found.update(byte for byte in range(1, 128) if test(byte))
            before = 0
            at = end + 1
        elif rest == b"[:" and end < 0:
            return set(), at
        else:
            before = rest[0]
            found.add(before)
            at += 1
    allowed = set(_BYTES) - found if negated else found
    return allowed - {ord("/")}, at + 1


def _is_class(text: bytes, at: int, end: int) -> bool:
    """Return whether ``[:`` at a place closes with ``:]``, its first ``]`` being at ``end``."""
    return end - at > 2 and text[end - 1 : end] == b":"


def _one_of(found: Iterable[int]) -> bytes:
    """Return the expression for one byte of some."""
    runs: list[list[int]] = []
    for byte in sorted(found):
        if runs and runs[-1][1] == byte - 1:
            runs[-1][1] = byte
        else:
            runs.append([byte, byte])
    return b"[%b]" % b"".join(b"\\x%02x-\\x%02x" % (first, last) for first, last in runs)


def _expression(parts: list[_Part]) -> bytes:
    """Return the expression that a whole name is to match."""
    blocks: list[tuple[_Wild | None, list[_Part]]] = [(None, [])]
    for part in parts:
        if part in (_Wild.ANY, _Wild.STEPS):
            assert isinstance(part, _Wild)
            blocks.append((part, []))
        else:
            blocks[-1][1].append(part)
    made = []
    for number, (wild, block) in enumerate(blocks, 1):
        last = number == len(blocks)
        body = _block(block, last=last)
        if wild is _Wild.STEPS:
            made.append(b"(?:.*/)?%b" % body if last else b"(?>(?:.*?/)??%b)" % body)
        elif wild is _Wild.ANY:
            made.append(b".*%b" % body if last else b"(?>.*?%b)" % body)
        else:
            made.append(body)
    return b"".join(made)


def _block(parts: list[_Part], *, last: bool) -> bytes:
    """Return the expression for what stands between two wildcards of many steps."""
    pieces: list[list[bytes]] = [[]]
    for part in parts:
        if isinstance(part, bytes):
            pieces[-1].append(part)
        else:
            pieces.append([])
    first, *rest = map(b"".join, pieces)
    made = [first]
    for number, piece in enumerate(rest, 1):
        ends = last and number == len(rest)
        made.append(b"[^/]*%b" % piece if ends else b"(?>[^/]*?%b)" % piece)
    return b"".join(made)
