"""An answer as JSON and as plain text, and the words that every form of it shares.

Nothing here knows about colour, so that ``ask --json`` and a pipe never load rich; the coloured
form is in ``terminal``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.results import VERDICT_WORDS
from assistant.text import UNFOLLOWED, counted, json_line, place, printable, printable_line

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.results import Answer, Result


# What stands between the verdict's words and the passages.
_ENDS = {"found": ".", "weak": ":", "none": ". Nearest:"}
# Lower bound of the score, and what to call it: a percentage would promise more than is known.
_CERTAINTIES = ((0.8, "very likely"), (0.6, "likely"), (0.35, "possibly"))
_UNCERTAIN = "unlikely"

MOST_LACKING = 3
"""Names that a remark lists at most."""

MOST_ALSO = 3
"""Notes with the same text that are named at most."""

BUILT_OTHERWISE = (
    "the index was built by other rules than today's; it answers, and `assistant build` renews it"
)
"""Said of an answer with ``built_otherwise``."""


def certainty(score: float) -> str:
    """Return how sure a score is, in words."""
    return next((words for least, words in _CERTAINTIES if score >= least), _UNCERTAIN)


def verdict_line(answer: Answer) -> str:
    """Return the sentence that says how far the notes answer."""
    if not answer.results:
        return f"{VERDICT_WORDS['none'].capitalize()}."
    return VERDICT_WORDS[answer.verdict].capitalize() + _ENDS[answer.verdict]


def remarks(answer: Answer) -> list[str]:
    """Return what the reader has to know about the search: a repaired spelling, newer notes."""
    lines = []
    if answer.searched_for:
        lines.append(f'Searched for "{printable_line(answer.searched_for)}".')
    if answer.lacking:
        named = " or ".join(map(printable_line, answer.lacking[:MOST_LACKING]))
        lines.append(f"The first passage does not mention {named}.")
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
    """Return what is amiss with the index, and why an answer is from it alone, if so."""
    lines = [BUILT_OTHERWISE] if answer.built_otherwise else []
    lines += [f"this index follows {UNFOLLOWED}"] if answer.unfollowed else []
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
    if answer.lacking:
        record["lacking"] = list(answer.lacking)
    if answer.newer_notes:
        record["newer_notes"] = answer.newer_notes
    if answer.gone_notes:
        record["gone_notes"] = answer.gone_notes
    if answer.unreadable:
        record["unreadable"] = answer.unreadable
    if answer.unfollowed:
        record["unfollowed"] = True
    if answer.built_otherwise:
        record["built_otherwise"] = True
    record["results"] = [_result_record(result) for result in answer.results]
    return json_line(record)


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
        file = result.absolute.absolute()
        if file.is_relative_to(here):
            file = file.relative_to(here)
        places.append(f"{printable_line(str(file))}:{best_line(result)}")
    return "\n".join(places)


def best_line(result: Result) -> int:
    """Return the line of the note that the best sentence begins in, from 1."""
    return result.lines[0] + result.snippet.count("\n", 0, result.highlight[0])


def also_in(result: Result) -> list[str]:
    """Return the line that names the other notes with the same text; none where there are none."""
    if not result.also:
        return []
    named = ", ".join(map(printable_line, result.also[:MOST_ALSO]))
    more = f" and {counted(len(result.also) - MOST_ALSO, 'more note')}"
    return [f"also in {named}{more if len(result.also) > MOST_ALSO else ''}"]


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
        "date": result.date,
        "date_from": result.date_from,
    }
    if result.also:
        record["also"] = list(result.also)
    if result.why:
        record["why"] = list(result.why)
    return record


def _plain_result(result: Result) -> str:
    """Return one result: where it stands, the passage, and what speaks for it."""
    where = place(result.note, result.lines, result.headings)
    parts = [where, printable(result.snippet).strip("\n"), *also_in(result)]
    if result.why:
        parts.append("\n".join(f"why: {printable_line(line)}" for line in result.why))
    return "\n\n".join(parts)
