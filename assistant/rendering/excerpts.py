"""As much of a passage as there is room for: its most telling parts, not its middle. Pure."""

from __future__ import annotations

from bisect import bisect_right
from itertools import groupby
from typing import TYPE_CHECKING

from assistant.markdown import line_starts
from assistant.rendering.lines import idle_lines, letters, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant.rendering.lines import Line
    from assistant.results import Result

Run = tuple[int, int]
"""Lines that follow each other, [first, after last)."""

GAP = "⋯"
"""What stands for lines left out."""

LEAST_HIDDEN = 5
"""Rows that a gap leaves out, at least: fewer are soon read, and a gap makes one stop."""

ROWS = 20
"""Rows of an excerpt: what is soon read, and on a taller screen still one answer."""

PIPED = 28
"""Rows up to which a passage is whole where no screen says how many."""

COLUMNS = 100
"""Their width: a long paragraph on one line is as much to read as a short one on several."""


def excerpt(result: Result) -> str:
    """Return a passage, or its most telling parts with a mark for each gap, as the note has them.

    It is ``ROWS`` of ``COLUMNS`` long at most, or whole up to ``PIPED``. Blank lines beside fences
    and between items of a list are left out, except where it is whole as it stands.
    """
    text = result.snippet
    lines = read_lines(text, result.code)
    raw = [text[line.start : line.end] for line in lines]
    costs = list(map(_rows_at, raw))
    idle = [False] * len(lines)
    if sum(costs) > PIPED:
        idle = [
            line.blank and says_nothing
            for line, says_nothing in zip(lines, idle_lines(text, lines), strict=True)
        ]
        costs = [0 if idle[at] else cost for at, cost in enumerate(costs)]
    kept: list[str] = []
    for run in shown_lines(result, lines, costs, PIPED):
        kept += [raw[at] for at in range(*run) if not idle[at]] if run else [GAP]
    return "\n".join(kept).strip("\n")


def shown_lines(
    result: Result, lines: Sequence[Line], costs: Sequence[int], room: int
) -> list[Run | None]:
    """Return the lines of a passage to show, in order, None for a gap.

    Args:
        result: The passage.
        lines: It, as ``read_lines`` reads it; fewer if it ends in blank lines.
        costs: Rows that each line takes.
        room: Rows there are. A passage that is longer is cut to ``ROWS``, if these are fewer.
    """
    first = _lead(result, lines)
    blank = [line.blank for line in lines]
    costs = [*([0] * first), *costs[first:]]
    blank[:first] = [True] * first
    room = room if sum(costs) <= room else min(room, ROWS)
    runs = fitting(costs, blank, _line_parts(result, lines), room)
    runs = [(max(run[0], first), run[1]) for run in runs if run[1] > first]
    shown: list[Run | None] = list(runs)
    for at, hidden in reversed(list(enumerate(gaps(runs, blank)))):
        if hidden:
            shown.insert(at, None)
    return shown


def fitting(
    costs: Sequence[int], blank: Sequence[bool], parts: Iterable[Sequence[Run]], room: int
) -> list[Run]:
    """Choose the lines to show: the first of the parts that fit, and what is between close ones.

    Args:
        costs: Rows that each line takes.
        blank: Whether it says nothing; such lines are not shown beside a gap.
        parts: Runs of lines that go together, the most telling first.
        room: Rows there are, at least 1; a gap takes one too.

    Returns:
        Runs to show, in order. They take more than ``room`` only if the first part alone does.
    """
    if sum(costs) <= room:
        return [(0, len(costs))]
    runs: list[Run] = []
    for part in parts:
        wider = _closed({i for run in (*runs, *part) for i in range(*run)}, costs, blank)
        if wider and _rows(wider, costs, blank) <= room:
            runs = wider
        elif not runs:
            runs = list(
                part
            )  # too close to an end, or too long: better too much of it than nothing
    return runs


def gaps(runs: Sequence[Run], blank: Sequence[bool]) -> list[bool]:
    """Return whether a line that says something is missing before each run, and after the last."""
    ends = [0, *(end for run in runs for end in run), len(blank)]
    return [not all(blank[a:b]) for a, b in zip(ends[::2], ends[1::2], strict=True)]


def _rows_at(line: str) -> int:
    """Return the rows of ``COLUMNS`` that a line takes."""
    return 1 + max(len(line) - 1, 0) // COLUMNS


def _rows(runs: Sequence[Run], costs: Sequence[int], blank: Sequence[bool]) -> int:
    return sum(gaps(runs, blank)) + sum(sum(costs[first:after]) for first, after in runs)


def _line_parts(result: Result, lines: Sequence[Line]) -> list[list[Run]]:
    """Return the parts of a passage by their lines, and at last each line, the nearest first."""
    starts = line_starts(result.snippet)[:-1]

    def line_at(offset: int) -> int:
        return min(max(bisect_right(starts, offset) - 1, 0), len(lines) - 1)

    found = [
        [(line_at(start), line_at(max(end - 1, start)) + 1) for start, end in part]
        for part in ((result.highlight,), *result.parts)
    ]
    near = sorted(range(len(lines)), key=lambda at: _distance(at, found[0][0]))
    return [*found, *([(at, at + 1)] for at in near)]


def _lead(result: Result, lines: Sequence[Line]) -> int:
    """Count the first lines that say nothing new: blank, or the heading known from the path."""
    known = letters(result.headings[-1]) if result.headings else ""
    raw = result.snippet.split("\n")
    best = result.snippet.count("\n", 0, result.highlight[0])
    for number, line in enumerate(lines):
        repeats = line.kind == "heading" and letters(raw[number]) == known
        if number == best or not (line.blank or repeats):
            return number
    return 0


def _closed(shown: set[int], costs: Sequence[int], blank: Sequence[bool]) -> list[Run]:
    """Return runs of lines with those taken in that are too few to be hidden."""
    kept: list[int] = []
    for is_shown, group in groupby(range(len(costs)), shown.__contains__):
        lines = list(group)
        if is_shown or sum(costs[i] for i in lines if not blank[i]) < LEAST_HIDDEN:
            kept += lines
    runs: list[Run] = []
    for _, pairs in groupby(enumerate(kept), lambda pair: pair[1] - pair[0]):
        lines = [line for _, line in pairs]
        while lines and blank[lines[0]]:
            del lines[0]
        while lines and blank[lines[-1]]:
            del lines[-1]
        if lines:
            runs.append((lines[0], lines[-1] + 1))
    return runs


def _distance(at: int, best: Run) -> float:
    """Return how far a line is from the best ones; half as far below, where an answer goes on."""
    return best[0] - at if at < best[0] else (at - best[1] + 1) / 2
