"""Questions as they come in: from the command line, a file, or standard input."""

from __future__ import annotations

import codecs
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO

from assistant.errors import UsageError

STANDARD_INPUT = "-"

JSON_LINE = re.compile(r'\{\s*"')
"""A line of a batch that is an object; ``{x} in an f-string`` is a question."""

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""What a text in UTF-16 begins with."""


def from_input() -> str:
    """Return all of standard input as one question.

    Raises:
        UsageError: It is neither UTF-8 nor UTF-16.
    """
    with opened(STANDARD_INPUT) as lines:
        return "".join(lines).strip()


@contextmanager
def opened(source: str) -> Iterator[Iterable[str]]:
    """Open a file of questions, or standard input for ``-``: its lines, each read when it is due.

    Raises:
        UsageError: The file cannot be opened; or, from a line, it cannot be read.
    """
    with _bytes(source) as file:
        yield _lines(file, "standard input" if source == STANDARD_INPUT else source)


def from_lines(lines: Iterable[str], source: str) -> Iterator[str]:
    """Yield the question of each line, empty for a blank one.

    A line that is a JSON object gives its "question".

    Raises:
        UsageError: A line cannot be read, or begins like JSON and holds no question.
    """
    for number, line in enumerate(lines, 1):
        try:
            asked = json.loads(line)["question"] if JSON_LINE.match(line) else line
            if not isinstance(asked, str):
                raise TypeError
        except (ValueError, TypeError, KeyError) as error:
            raise UsageError(
                f"{source}:{number}: the line begins like JSON but has no question",
                'write plain lines, or objects with a "question"',
            ) from error
        yield asked.strip()


def _bytes(source: str) -> AbstractContextManager[IO[bytes]]:
    """Open a file, or standard input, which stays open.

    Raises:
        UsageError: The file cannot be opened.
    """
    if source == STANDARD_INPUT:
        return nullcontext(sys.stdin.buffer if sys.stdin else io.BytesIO())
    try:
        return Path(source).expanduser().open("rb")
    except OSError as error:
        raise _unreadable(source, error.strerror or str(error)) from error
    except (RuntimeError, ValueError) as error:  # the home of nobody, or what no file is called
        raise _unreadable(source, str(error)) from error


def _lines(file: IO[bytes], source: str) -> Iterator[str]:
    """Yield lines with their ends, so that those before one that cannot be read are answered.

    Raises:
        UsageError: A line is neither UTF-8 nor, as the first bytes announce, UTF-16.
    """
    number = 0
    try:
        for raw in file:
            encoding = "utf-8" if number else "utf-8-sig"
            if not number and raw.startswith(UTF16_MARKS):
                # Its line ends are two bytes: Windows PowerShell writes it, whole files at once.
                raw, encoding = raw + file.read(), "utf-16"
            for line in io.StringIO(raw.decode(encoding), newline=None):
                number += 1
                yield line
    except OSError as error:
        raise _unreadable(source, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _unreadable(source, f"line {number + 1} is not {error.encoding.upper()}") from error


def _unreadable(source: str, reason: str) -> UsageError:
    return UsageError(f"{source} cannot be read: {reason}", "name a text file in UTF-8 or UTF-16")
