"""A user's own questions and what answers each: their file, its checks, and what is a hit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.errors import NotFoundError, UsageError
from assistant.markdown import plain_heading, without_number
from assistant.records import EntryHead, StoredNote
from assistant.suggestion import nearest

REMEDY = (
    'a line is QUESTION<tab>NOTE#HEADING, or {"question": "...", "note": "a.md", "heading": "..."};'
    " a CSV file has these three as columns"
)
KINDLESS = "answerable"
"""Kind of a question with an answer, unless it has one of its own."""

UNANSWERABLE = "unanswerable"
"""Kind of a question without one."""

_MARKUP = str.maketrans("", "", "`*_\\")


@dataclass(frozen=True, slots=True)
class Target:
    """A place in the notes that answers a question."""

    note: str
    heading: str = ""
    """As ``normal_heading`` gives it; empty when the whole note, or ``lines``, answers."""
    lines: tuple[int, int] | None = None
    """First and last line, 1-based, inclusive."""
    shown: str = ""
    """The place in words."""

    def matches(self, note: str, headings: Sequence[str], lines: tuple[int, int]) -> bool:
        """Return whether a result is this place.

        Its note is the same, and its heading path holds the heading or a part of the path, or at
        least half of its lines lie in the range.
        """
        if note != self.note:
            return False
        if self.lines:
            shared = min(lines[1], self.lines[1]) - max(lines[0], self.lines[0]) + 1
            return 2 * shared >= lines[1] - lines[0] + 1
        return not self.heading or f" > {self.heading} > " in heading_path(headings)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the places that answer it."""

    text: str
    kind: str
    where: str
    """File and line it comes from."""
    targets: tuple[Target, ...] = ()
    """Empty when nothing in the notes answers."""
    heart: str = ""
    """What the answer says, as the note has it; empty where nobody has noted it."""


def normal_heading(heading: str) -> str:
    """Return a heading as it is compared: without number, markup, case; ``›`` is ``>``."""
    steps = heading.replace(" › ", " > ").split(" > ")
    return " > ".join(_fold(plain_heading(step)) for step in steps)


def _fold(heading: str) -> str:
    """Return a plain heading without number and case, and without signs that may be markup."""
    return " ".join(without_number(heading).translate(_MARKUP).casefold().split())


def heading_path(headings: Sequence[str]) -> str:
    """Return a path of plain headings with a mark before, between and after its steps."""
    steps = (part for heading in headings for part in heading.replace(" › ", " > ").split(" > "))
    return "".join(f" > {_fold(step)}" for step in steps) + " > "


def heading_paths(
    notes: Sequence[StoredNote], entries: Sequence[EntryHead]
) -> dict[str, list[tuple[str, ...]]]:
    """Return the heading paths of the entries of each note, in order, by the note's path."""
    paths = {note.row: note.path for note in notes}
    found: dict[str, list[tuple[str, ...]]] = {path: [] for path in paths.values()}
    for head in entries:
        found[paths[head.note]].append(head.headings)
    return found


def read(file: Path, paths: Mapping[str, Iterable[Sequence[str]]]) -> list[Question]:
    """Return the questions of a file; blank lines are passed over.

    A line is a JSON object, or a question, a tab, and the note that answers, ``NOTE#HEADING``, or
    nothing. A file called ``.csv`` has a column for each of these, named in its first line.

    Args:
        file: The file.
        paths: The heading paths of each note in the index.

    Raises:
        UsageError: The file or a line cannot be used.
        NotFoundError: A line names what is not in the notes.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        lines = _csv_lines(text) if file.suffix.casefold() == ".csv" else text.split("\n")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read: {error}", "name a file in UTF-8") from error
    known = {note: [heading_path(path) for path in found] for note, found in paths.items()}
    questions = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{file.name}:{number}"
        try:
            question = parse(line, where)
        except ValueError as error:
            raise UsageError(f"{file}:{number}: {error}", REMEDY) from None
        targets = tuple(_in_full(target, known) for target in question.targets)
        for target in targets:
            _check_known(target, known, f"{file}:{number}")
        questions.append(replace(question, targets=targets))
    if not questions:
        raise UsageError(f"{file} has no questions", REMEDY)
    return questions


def parse(line: str, where: str) -> Question:
    """Return the question of one line; raises ValueError that says what is wrong with it."""
    fields = _fields(line)
    if "note" not in fields:
        return Question(fields["question"], fields.get("kind", UNANSWERABLE), where)
    note = fields["note"]
    if "lines" in fields:
        begin, end = fields["lines"]
        first = Target(note, lines=(begin, end), shown=f"{note}:{begin}-{end}")
    elif "heading" in fields:
        first = _below(note, fields["heading"])
    else:
        first = Target(note, shown=note)
    targets = (first, *(_below(*place) for place in fields.get("also", ())))
    kind, heart = fields.get("kind", KINDLESS), fields.get("must_contain", "")
    return Question(fields["question"], kind, where, targets, heart)


def _csv_lines(text: str) -> list[str]:
    """Return the lines of a table as those of a file of JSON lines, its first line blank.

    A cell of several lines moves those after it: rows are counted.
    """
    rows = csv.DictReader(io.StringIO(text, newline=""))
    records = [{key: value for key, value in row.items() if key and value} for row in rows]
    return ["", *(json.dumps(record) if record else "" for record in records)]


def _plain(line: str) -> dict[str, Any]:
    """Return the fields of a line without JSON."""
    question, _, place = (part.strip() for part in line.partition("\t"))
    if "\t" not in line:
        raise ValueError("neither JSON nor a question, a tab and the note that answers")
    note, _, heading = place.partition("#")
    fields = {"question": question, "note": note.strip(), "heading": heading.strip(" #")}
    return {name: value for name, value in fields.items() if value}


def _fields(line: str) -> dict[str, Any]:
    """Return the checked fields of a line, those that are null left out."""
    if not line.lstrip().startswith(("{", "[", '"')):
        return _plain(line)
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    fields = {key: value for key, value in content.items() if value is not None}
    for key, (suits, form) in _FORMS.items():
        if key in fields and not suits(fields[key]):
            raise ValueError(f'"{key}" is not {form}')
    if "question" not in fields:
        raise ValueError('there is no "question"')
    lost = [key for key in ("heading", "lines", "also") if key in fields and "note" not in fields]
    if lost:
        raise ValueError(f'"{lost[0]}" without "note"')
    if "heading" in fields and "lines" in fields:
        raise ValueError('both "heading" and "lines"')
    return fields


def _below(note: str, heading: str) -> Target:
    return Target(note, normal_heading(heading), shown=f"{note} › {heading}")


def _is_text(value: Any) -> bool:  # noqa: ANN401 # from JSON
    return isinstance(value, str) and bool(value.strip())


def _is_range(value: Any) -> bool:  # noqa: ANN401 # from JSON
    return (
        isinstance(value, list)
        and [type(item) for item in value] == [int, int]
        and 1 <= value[0] <= value[1]
    )


def _is_places(value: Any) -> bool:  # noqa: ANN401 # from JSON
    return isinstance(value, list) and all(
        isinstance(item, list) and len(item) == 2 and all(_is_text(part) for part in item)
        for item in value
    )


_FORMS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "question": (_is_text, "a text"),
    "kind": (_is_text, "a text"),
    "note": (_is_text, "a text"),
    "heading": (_is_text, "a text"),
    "lines": (_is_range, "[first, last], two line numbers from 1"),
    "also": (_is_places, "a list of [note, heading]"),
    "must_contain": (_is_text, "a text"),
}


def _in_full(target: Target, known: Collection[str]) -> Target:
    """Return a place whose note is named with the ending of its file."""
    full = f"{target.note}.md"
    return replace(target, note=full) if target.note not in known and full in known else target


def _check_known(target: Target, known: Mapping[str, Sequence[str]], where: str) -> None:
    """Check that a place is in the index.

    Raises:
        NotFoundError: Its note or its heading is not; the nearest name is suggested.
    """
    if target.note not in known:
        near = nearest(target.note, known)
        raise NotFoundError(
            f"{where}: no note {target.note!r} in the index",
            f"did you mean {near!r}?" if near else "run `assistant build`",
        )
    paths = known[target.note]
    if target.heading and not any(f" > {target.heading} > " in path for path in paths):
        steps = {step for path in paths for step in path.split(" > ") if step}
        near = nearest(target.heading, steps)
        raise NotFoundError(
            f"{where}: no such heading: {target.shown}",
            f"did you mean {near!r}?" if near else "name lines instead: it has no headings",
        )
