r"""What agents send over standard input, so that every request is answered.

The SDK drops a message that it cannot read without a word, and the agent waits for its answer. JSON
may hold half of a surrogate pair (``"\ud800"``, such as of text that was cut in an emoji), which is
no character; and it may be nested deeper than the SDK reads.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from mcp_types import jsonrpc_message_adapter
from pydantic import ValidationError

_HALVES = re.compile(
    r"(?P<kept>\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""An escaped backslash or a whole pair, which stay, or half of a pair."""

UNREADABLE = "unreadable"
"""The method that is asked for in place of what cannot be read; there is none of this name."""


def readable(line: str) -> str:
    """Return a message as the SDK can read it.

    Half of a pair becomes U+FFFD. What still cannot be read, and says which answer it waits for,
    becomes a request for a method that there is not, which is answered by an error.
    """
    line = _HALVES.sub(lambda match: match["kept"] or "\\ufffd", line)
    try:
        jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError:
        number = _id(line)
        if number is not None:
            return json.dumps({"jsonrpc": "2.0", "id": number, "method": UNREADABLE}) + "\n"
    return line


def _id(line: str) -> int | str | None:
    """Return the number or name of a request; None where it cannot be told."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    number = found.get("id") if isinstance(found, dict) and "method" in found else None
    return number if isinstance(number, int | str) and not isinstance(number, bool) else None


class Lines(io.TextIOWrapper):
    """Standard input, whose lines are made readable."""

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override] # its stub has one name
        """Return the next message; empty at the end."""
        return readable(super().readline(size))


@contextmanager
def taken(stdin: TextIO) -> Iterator[Lines]:
    """Take the messages of standard input, and leave nothing in it for programs that are started.

    Args:
        stdin: Standard input.
    """
    own = os.dup(stdin.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        os.dup2(nothing, stdin.fileno())
        # Not closed at the end: a thread may still wait in it for a line.
        yield Lines(os.fdopen(own, "rb", closefd=False), encoding="utf-8", errors="replace")
    finally:
        os.dup2(own, stdin.fileno())
        os.close(nothing)
