"""Questions as they come in: from the command line, a file, or standard input."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from assistant.errors import UsageError

STANDARD_INPUT = "-"

JSON_LINE = re.compile(r'\{\s*"')
"""A line of a batch that is an object; ``{x} in an f-string`` is a question."""


def text(question: str) -> str:
    """Return a question without the lone surrogates of bytes or escapes that are no text."""
    return question.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def from_input() -> str:
    """Return all of standard input as one question.

    Raises:
        UsageError: It is not UTF-8.
    """
    with opened(STANDARD_INPUT) as lines:
        try:
            return "".join(lines).strip()
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable("standard input", str(error)) from error


def opened(source: str) -> AbstractContextManager[Iterable[str]]:
    """Open a file of questions, or standard input for ``-``.

    Raises:
        UsageError: The file cannot be opened.
    """
    if source == STANDARD_INPUT:
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8-sig")
        return nullcontext(sys.stdin or ())
    try:
        return Path(source).expanduser().open(encoding="utf-8-sig")
    except OSError as error:
        raise _unreadable(source, error.strerror or str(error)) from error
    except (RuntimeError, ValueError) as error:  # the home of nobody, or what no file is called
        raise _unreadable(source, str(error)) from error


def from_lines(lines: Iterable[str], source: str) -> Iterator[str]:
    """Yield the question of each line, empty for a blank one.

    A line that is a JSON object gives its "question".

    Raises:
        UsageError: A line cannot be read, or begins like JSON and holds no question.
    """
    try:
        for line in lines:
            asked = json.loads(line)["question"] if JSON_LINE.match(line) else line
            if not isinstance(asked, str):
                raise TypeError
            yield text(asked).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(source, str(error)) from error
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(
            f"{source} has a line that begins like JSON but has no question",
            'write plain lines, or objects with a "question"',
        ) from error


def _unreadable(source: str, reason: str) -> UsageError:
    return UsageError(f"{source} cannot be read: {reason}", "name a text file in UTF-8")
