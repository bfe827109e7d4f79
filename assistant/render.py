"""An answer as JSON and as plain text, and the words that every form of it shares.

Nothing here knows about colour, so that ``ask --json`` and a pipe never load rich; the coloured
form is in ``terminal``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assistant.records import Answer, Result, Verdict

UNFOLLOWED = "no notes, until `assistant build NOTES` names their folders"
"""What an index follows of which nobody here has said so."""

SEPARATOR = " › "
"""Between the steps of a heading path."""

_VERDICTS: dict[Verdict, str] = {
    "found": "The notes answer this.",
    "weak": "The notes may answer this:",
    "none": "The notes do not answer this.",
}
# Lower bound of the score, and what to call it: a percentage would promise more than is known.
_CERTAINTIES = ((0.8, "very likely"), (0.6, "likely"), (0.35, "possibly"))
_UNCERTAIN = "unlikely"

# What can steer a terminal or hide in one: C0 but tab and newline, C1, marks and overrides of
# direction, line and paragraph separators, invisible operators and tags, and lone surrogates, which
# cannot be written at all. Joiners stay: emoji, Persian and Thai are spelt with them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_TAB = 4  # the tab stop of Markdown
_CONTROL_PICTURES = 0x2400


def printable(text: str) -> str:
    """Return the text with all that could steer a terminal made visible.

    Newlines stay and tabs become spaces. The result for a beginning of a text is the beginning of
    the result for the text, so an offset is carried over by measuring what lies before it.

    Args:
        text: Anything a note, a file name or a question may hold.

    Returns:
        Text that is safe to write and that encodes as UTF-8.
    """
    return visible(text).expandtabs(_TAB)


def visible(text: str) -> str:
    """Return ``printable(text)`` with its tabs, for where they steer nothing."""
    return _UNSAFE.sub(_picture, text)


def printable_line(text: str) -> str:
    """Return ``printable(text)`` on one line, for headings, file names and questions."""
    return printable(text).replace("\n", "␊")


def counted(number: int, one: str, many: str = "") -> str:
    """Return how many there are, in words: ``1 note``, ``2,000 notes``.

    Args:
        number: How many.
        one: What one of them is called.
        many: What several are called; the same with an ``s`` unless given.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def place(note: str, lines: tuple[int, int], headings: Sequence[str]) -> str:
    """Return where a passage or an entry stands, on one line: ``a.md:3-9  About › Memory``."""
    path = SEPARATOR.join(map(printable_line, headings))
    return f"{printable_line(note)}:{lines[0]}-{lines[1]}  {path}".rstrip()


def certainty(score: float) -> str:
    """Return how sure a score is, in words."""
    return next((words for least, words in _CERTAINTIES if score >= least), _UNCERTAIN)


def verdict_line(answer: Answer) -> str:
    """Return the sentence that says how far the notes answer."""
    words = _VERDICTS[answer.verdict]
    if not answer.results:
        return _VERDICTS["none"]
    return f"{words} Nearest:" if answer.verdict == "none" else words


def remarks(answer: Answer) -> list[str]:
    """Return what the reader has to know about the search: a repaired spelling, newer notes."""
    lines = []
    if answer.searched_for:
        lines.append(f'Searched for "{printable_line(answer.searched_for)}".')
    if answer.newer_notes:
        notes = counted(answer.newer_notes, "note is", "notes are")
        them = "it" if answer.newer_notes == 1 else "them"
        lines.append(f"{notes} newer than the index: `assistant build` takes {them} in.")
    if answer.gone_notes:
        notes = counted(answer.gone_notes, "note is", "notes are")
        them = "it" if answer.gone_notes == 1 else "them"
        remedy = "" if answer.unreadable else f": `assistant build` takes {them} out"
        lines.append(f"{notes} gone since the index was built{remedy}.")
    return lines


def state_remarks(answer: Answer) -> list[str]:
    """Return why an answer is from the index alone, if so."""
    lines = [f"this index follows {UNFOLLOWED}"] if answer.unfollowed else []
    if answer.unreadable:
        lines.append(f"{answer.unreadable}; the answer is from the index as it was built")
    return lines


def to_json(answer: Answer) -> str:
    """Return the answer as one line of JSON, in the form that ``docs`` promises.

    Raises:
        ValueError: A score is not a number.
    """
    record: dict[str, Any] = {"question": answer.question, "verdict": answer.verdict}
    if answer.searched_for:
        record["searched_for"] = answer.searched_for
    if answer.newer_notes:
        record["newer_notes"] = answer.newer_notes
    if answer.gone_notes:
        record["gone_notes"] = answer.gone_notes
    if answer.unreadable:
        record["unreadable"] = answer.unreadable
    if answer.unfollowed:
        record["unfollowed"] = True
    record["results"] = [_result_record(result) for result in answer.results]
    return json_line(record)


def json_line(value: object) -> str:
    """Return a value as one line of JSON.

    Characters that could steer a terminal are escaped, which changes the spelling and not the data.

    Raises:
        ValueError: A number in it is none, such as NaN.
    """
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], line)


def to_plain(answer: Answer) -> str:
    """Return the answer for a pipe or a file: no colour, no control codes, no wrapping."""
    head = "\n".join([verdict_line(answer), *remarks(answer)])
    return "\n\n".join([head, *(_plain_result(result) for result in answer.results)])


def to_paths(answer: Answer, here: Path) -> str:
    """Return the files and lines of the best sentences, ``file:line``, one result a line.

    Args:
        answer: The answer.
        here: The working folder, absolute: files in it are named from there, others in full.
    """
    places = []
    for result in answer.results:
        file = result.path.absolute()
        if file.is_relative_to(here):
            file = file.relative_to(here)
        places.append(f"{printable_line(str(file))}:{best_line(result)}")
    return "\n".join(places)


def best_line(result: Result) -> int:
    """Return the line of the note that the best sentence begins in, from 1."""
    return result.lines[0] + result.snippet.count("\n", 0, result.highlight[0])


def _picture(match: re.Match[str]) -> str:
    """Return the visible form of an unsafe character."""
    code = ord(match[0])
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    return "␡" if code == 0x7F else f"\\u{{{code:x}}}"


def _result_record(result: Result) -> dict[str, Any]:
    """Return one result as JSON knows it."""
    record: dict[str, Any] = {
        "rank": result.rank,
        "score": round(result.score, 4),
        "note": result.note,
        "headings": list(result.headings),
        "lines": list(result.lines),
        "snippet": result.snippet,
        "highlight": list(result.highlight),
        "code": [{"language": code.language, "text": code.text} for code in result.code],
    }
    if result.why:
        record["why"] = list(result.why)
    return record


def _plain_result(result: Result) -> str:
    """Return one result: where it stands, the passage, and what speaks for it."""
    where = place(result.note, result.lines, result.headings)
    parts = [where, printable(result.snippet).strip("\n")]
    if result.why:
        parts.append("\n".join(f"why: {printable_line(line)}" for line in result.why))
    return "\n\n".join(parts)
