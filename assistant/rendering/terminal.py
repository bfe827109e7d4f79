"""An answer for a person at a terminal: coloured, linked, and no longer than a screen.

A whole entry as well, however long.

Only this module and ``highlighting`` load rich. Every text is made printable first and styled by
offsets, never by markup, so that nothing in a note is read as an instruction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from assistant.rendering.answers import also_in, best_line, certainty, remarks, verdict_line
from assistant.rendering.highlighting import line_rows, painted, wrapped
from assistant.rendering.lines import letters, read_lines, window, with_context
from assistant.rendering.whole_entry import place_of
from assistant.results import Code
from assistant.text import SEPARATOR, printable, printable_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from assistant.records import StoredEntry
    from assistant.rendering.lines import Line, LineKind
    from assistant.results import Answer, Result, Verdict

_MARGIN = 2
_BAR = "▌ "
_NARROWEST = 20
_LEAST_ROOM, _LEAST_ROOM_BELOW = 16, 4  # rows: most answers stand in the first passage

_VERDICT_STYLES: dict[Verdict, str] = {"found": "green", "weak": "yellow", "none": "magenta"}
_BEST = Style(bold=True)  # this very object, which wrapping keeps, tells the best sentence


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the screen."""

    text: Text
    line: int
    """Number of the line of the passage that it shows, or shows a part of."""

    @property
    def best(self) -> bool:
        """It holds a part of the best sentence."""
        return any(span.style is _BEST for span in self.text.spans)


def to_terminal(answer: Answer, console: Console) -> None:
    """Print the answer.

    Args:
        answer: What to print.
        console: Where to. Its width wraps, its height limits how much of a passage is shown.
    """
    width = max(console.width, _NARROWEST)
    colour = _VERDICT_STYLES[answer.verdict if answer.results else "none"]
    rows = wrapped(Text(verdict_line(answer), f"bold {colour}"), width, 0)
    for remark in remarks(answer):
        rows += wrapped(Text(remark, "dim"), width, 0)
    for result in answer.results:
        first = result.rank == 1 and answer.verdict != "none"
        room = max(_LEAST_ROOM, console.height * 2 // 5)
        if not first:
            room = max(_LEAST_ROOM_BELOW, console.height // 10)
        rows += [Text(), *_header(result, width, console.is_terminal), Text()]
        rows += _body(result, width, room, colour)
        rows += _below(result, width)
    # Rows are wrapped already, with Chinese in mind; soft_wrap keeps rich from doing it again.
    console.print(Text("\n").join(rows), soft_wrap=True)


def entry_text(stored: StoredEntry, width: int) -> Text:
    """Return an entry painted and wrapped.

    Args:
        stored: The entry.
        width: Columns of the terminal.
    """
    link = stored.file.absolute.absolute().as_uri()
    style = Style(color="blue", underline=True, link=link)
    rows = [*wrapped(Text(place_of(stored), style), width, 0), Text()]
    shown = printable(stored.entry.text)
    lines = read_lines(shown)
    text = painted(shown, lines)
    parts = text.divide([at for line in lines for at in (line.start, line.end)])[1::2]
    for line, part in zip(lines, parts, strict=True):
        rows += line_rows(part, line, width)
    return Text("\n").join(rows)


def _header(result: Result, width: int, linked: bool) -> list[Text]:
    """Return the rank, the place as a link, the heading path and how sure it is."""
    place = f"{printable_line(result.note)}:{best_line(result)}"
    link = result.absolute.absolute().as_uri() if linked else None
    rank = f"{result.rank} "
    header = (
        Text().append(rank, "dim").append(place, Style(color="blue", underline=True, link=link))
    )
    for heading in result.headings:
        header.append(SEPARATOR, "dim").append(printable_line(heading), "bold")
    header.append(f" · {certainty(result.score)}", "dim")
    return wrapped(header, width, len(rank))


def _body(result: Result, width: int, room: int, colour: str) -> list[Text]:
    """Return the passage, or as much of it as there is room for."""
    shown = printable(result.snippet).rstrip()
    code = [Code(block.language, printable(block.text)) for block in result.code]
    lines = read_lines(shown, code)
    text = painted(shown, lines)
    text.stylize(_BEST, *_best_span(result, shown))
    parts = text.divide([at for line in lines for at in (line.start, line.end)])[1::2]
    rows = [
        _Row(row, number)
        for number, (line, part) in enumerate(zip(lines, parts, strict=True))
        for row in line_rows(part, line, width - _MARGIN)
    ]
    rows = rows[_lead(rows, lines, result.headings) :]
    start, after = _cut(rows, lines, room)
    body = [
        Text.assemble((_BAR, colour) if row.best else " " * _MARGIN, row.text)
        for row in rows[start:after]
    ]
    above, below = start, len(rows) - after
    if above:
        body.insert(0, Text(f"  … {above} lines above", "dim"))
    if below:
        body.append(Text(f"  … {below} more lines", "dim"))
    return body


def _below(result: Result, width: int) -> list[Text]:
    """Return the other notes with the same text, and what speaks for it, one reason a line."""
    rows = [row for line in also_in(result) for row in wrapped(Text(f"  {line}", "dim"), width, 2)]
    if not result.why:
        return rows
    rows.append(Text())
    for reason in result.why:
        rows += wrapped(Text(f"  why  {printable_line(reason)}", "dim"), width, 7)
    return rows


def _best_span(result: Result, shown: str) -> tuple[int, int]:
    """Return the best sentence as offsets in the text as shown, without the space around it."""
    start, end = (len(printable(result.snippet[:at])) for at in result.highlight)
    sentence = shown[start:end]
    stripped = sentence.strip()
    start += len(sentence) - len(sentence.lstrip())
    return start, start + len(stripped)


def _lead(rows: Sequence[_Row], lines: Sequence[Line], headings: Sequence[str]) -> int:
    """Count the first rows that say nothing new: blank, or the heading just shown in the path."""
    known = letters(headings[-1]) if headings else ""
    for number, row in enumerate(rows):
        line = lines[row.line]
        repeats = line.kind == "heading" and letters(row.text.plain) == known
        if row.best or not (line.blank or repeats):
            return number
    return 0


def _cut(rows: Sequence[_Row], lines: Sequence[Line], room: int) -> tuple[int, int]:
    """Return the rows to show, [first, after last)."""
    if len(rows) <= room:
        return 0, len(rows)
    marked = [at for at, row in enumerate(rows) if row.best] or [0]
    best = marked[0], marked[-1] + 1
    numbers = [row.line for row in rows]
    first, after = with_context(lines, numbers[best[0]], numbers[best[1] - 1] + 1)
    wish = [at for at, number in enumerate(numbers) if first <= number < after]
    start, end = window(numbers, best, (wish[0], wish[-1] + 1), room)
    # An edge of blank rows, or a fence whose code is out of sight, shows nothing.
    while start < best[0] and _idle(lines[numbers[start]], "close"):
        start += 1
    while end > best[1] and _idle(lines[numbers[end - 1]], "open"):
        end -= 1
    # To say that one row is left out takes a row.
    return 0 if start == 1 else start, len(rows) if end == len(rows) - 1 else end


def _idle(line: Line, fence: LineKind) -> bool:
    """Return whether a line is blank or such a fence."""
    return line.blank or line.kind == fence
