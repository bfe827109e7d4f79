"""An answer for a person at a terminal: coloured, linked, and no longer than a screen.

A whole entry as well, however long.

Only this module and ``highlighting`` load rich. Every text is made printable first and styled by
offsets, never by markup, so that nothing in a note is read as an instruction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from assistant.rendering.answers import (
    age,
    also_in,
    best_line,
    divided,
    listed_lines,
    remarks,
    verdict_line,
    whole_entry_line,
)
from assistant.rendering.editor_link import link
from assistant.rendering.excerpts import GAP, shown_lines
from assistant.rendering.highlighting import line_rows, painted, wrapped
from assistant.rendering.lines import idle_lines, read_lines, window
from assistant.rendering.marks import formulas_read, in_columns, unmarked
from assistant.rendering.whole_entry import place_of
from assistant.results import Code
from assistant.text import SEPARATOR, printable, printable_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from assistant.records import StoredEntry
    from assistant.rendering.answers import Detail
    from assistant.rendering.lines import Line
    from assistant.rendering.listings import Row
    from assistant.results import Answer, Result, Verdict

_MARGIN = 2
_CODE_INDENT = 4
_BAR = "▌ "
_NARROWEST = 20
_LEAST_ROOM = 4  # rows of a passage: what is shorter says nothing
_LATER_SHARE = 4  # of the screen, one in so many rows for each passage after the first
_PROMPT = 1  # row of the shell's, below the answer

_VERDICT_STYLES: dict[Verdict, str] = {"found": "green", "weak": "yellow", "none": "magenta"}
_SIGNS: dict[Verdict, str] = {"found": "✓", "weak": "?", "none": "✗"}
_BEST = Style(bold=True)  # this very object, which wrapping keeps, tells the best sentence


def to_terminal(
    answer: Answer, console: Console, detail: Detail = "first", *, editor_link: str = ""
) -> None:
    """Print the answer.

    Args:
        answer: What to print.
        console: Where to. Its width wraps, its height is what an answer with its first passage
            alone keeps to.
        detail: How much of it.
        editor_link: Address that opens a note at a line, see ``editor_link.link``; empty for the
            file's own.
    """
    width = max(console.width, _NARROWEST)
    verdict: Verdict = answer.verdict if answer.results else "none"
    whole, listed = divided(answer, detail)
    tail = [row for result in listed for row in _listed(result, width)]
    if whole and detail != "whole":
        tail += [_fitted(Text(whole_entry_line(whole[0]), "dim"), width)]
    rows: list[Text] = []
    if not whole:
        said = Text.assemble(
            (f"{_SIGNS[verdict]} ", _VERDICT_STYLES[verdict]), verdict_line(answer)
        )
        rows = [*wrapped(said, width, _MARGIN), *_remarks(answer, width)]
    for result in whole:
        address = _address(result, editor_link) if console.is_terminal else None
        above = _header(result, verdict, width, address)
        if result is whole[0]:
            above += _remarks(answer, width)
        else:
            above = [Text(), *above]
        below = _below(result, width)
        # Beside the body: a blank row above it and below it, the tail, and the prompt.
        room = console.height - len(above) - len(below) - 2 - len(tail) - _PROMPT
        if result is not whole[0]:
            room = console.height // _LATER_SHARE
        room = max(room, _LEAST_ROOM) if detail != "whole" else len(result.snippet) + 1
        rows += [*above, Text(), *_body(result, width, room, _VERDICT_STYLES[verdict]), *below]
    if whole and tail:
        rows.append(Text())
    # Rows are wrapped already, with Chinese in mind; soft_wrap keeps rich from doing it again.
    console.print(Text("\n").join([*rows, *tail]), soft_wrap=True)


def entry_text(stored: StoredEntry, width: int) -> Text:
    """Return an entry painted and wrapped.

    Args:
        stored: The entry.
        width: Columns of the terminal.
    """
    link = stored.file.absolute.absolute().as_uri()
    style = Style(color="blue", underline=True, link=link)
    rows = [*wrapped(Text(place_of(stored), style), width, 0), Text()]
    shown = printable(stored.entry.text[stored.entry.body :]).lstrip("\n")
    lines = read_lines(shown)
    text = painted(shown, lines)
    for line, part in zip(lines, _read(text, lines, width), strict=True):
        if line.kind not in ("open", "close") and (part.plain or line.blank):
            rows += _line_rows(part, line, width)
    return Text("\n").join(rows)


def _read(text: Text, lines: Sequence[Line], width: int) -> list[Text]:
    """Return the lines of a painted passage, each without its marks."""
    parts = text.divide([at for line in lines for at in (line.start, line.end)])[1::2]
    read = formulas_read(parts, lines)
    plain = [unmarked(part, line) for part, line in zip(read, lines, strict=True)]
    return in_columns(plain, lines, width)


def list_text(rows: Iterable[Row], width: int) -> Text:
    """Return the rows of a list, wrapped between words, the last part of each below itself."""
    lines: list[Text] = []
    for row in rows:
        hang = sum(len(text) for text, _ in row[:-1])
        lines += wrapped(Text.assemble(*row), width, hang)
    return Text("\n").join(lines)


def _header(result: Result, verdict: Verdict, width: int, address: str | None) -> list[Text]:
    """Return the verdict's sign or the rank, the place as a link, and the heading path."""
    first = result.rank == 1
    sign = f"{_SIGNS[verdict] if first else result.rank} "
    place = f"{printable_line(result.note)}:{best_line(result)}"
    header = Text().append(sign, f"bold {_VERDICT_STYLES[verdict]}" if first else "dim")
    header.append(place, Style(color="blue", underline=True, link=address))
    for number, heading in enumerate(result.headings):
        header.append(SEPARATOR if number else "  ", "dim").append(printable_line(heading), "bold")
    if told := age(result):
        header.append(f"  {told}", "dim")
    return wrapped(header, width, len(sign))


def _address(result: Result, editor_link: str) -> str:
    """Return what a terminal opens when one clicks on a place."""
    file = result.absolute.absolute()
    return link(editor_link, file, best_line(result)) if editor_link else file.as_uri()


def _remarks(answer: Answer, width: int) -> list[Text]:
    """Return what is said of the answer below its first line; a doubt in words, beside the sign."""
    lines = remarks(answer)
    if answer.verdict == "weak" and answer.results:
        lines.insert(0, verdict_line(answer))
    return [row for line in lines for row in wrapped(Text(f"  {line}", "dim"), width, _MARGIN)]


def _listed(result: Result, width: int) -> list[Text]:
    """Return a result as a row of a list, cut at the edge, and what speaks for it."""
    line, *reasons = listed_lines(result)
    row = _fitted(Text(line), width)
    row.stylize("dim", 0, len(line) - len(line.lstrip()) + len(str(result.rank)))
    return [row, *(row for reason in reasons for row in wrapped(Text(reason, "dim"), width, 10))]


def _fitted(row: Text, width: int) -> Text:
    """Return a row cut at the edge of the screen."""
    row.truncate(width, overflow="ellipsis")
    return row


def _body(result: Result, width: int, room: int, colour: str) -> list[Text]:
    """Return the passage, or what tells most of it where there is no room for all."""
    shown = printable(result.snippet).rstrip()
    code = [Code(block.language, printable(block.text)) for block in result.code]
    lines = read_lines(shown, code)
    text = painted(shown, lines)
    text.stylize(_BEST, *_best_span(result, shown))
    parts = _read(text, lines, width - _MARGIN)
    rows = [
        [] if idle or not (part.plain or line.blank) else _line_rows(part, line, width - _MARGIN)
        for idle, line, part in zip(idle_lines(shown, lines), lines, parts, strict=True)
    ]
    body: list[Text] = []
    for run in shown_lines(result, lines, list(map(len, rows)), room):
        if run is None:
            if not (body and body[-1].plain == f"  {GAP}"):  # of what is between nothing is shown
                body.append(Text(f"  {GAP}", "dim"))
        else:
            body += [_barred(row, colour) for line in rows[slice(*run)] for row in line]
    return body if len(body) <= room else _cut(body, room)


def _line_rows(part: Text, line: Line, width: int) -> list[Text]:
    """Return the rows of a line; code is indented, since its fences are not shown."""
    if line.kind != "code" or line.blank:
        return line_rows(part, line, width)
    indent = Text(" " * min(_CODE_INDENT, width // 8))
    return [indent + row for row in line_rows(part, line, width - len(indent))]


def _barred(row: Text, colour: str) -> Text:
    """Return a row with its margin, in which a bar stands beside the best sentence."""
    best = any(span.style is _BEST for span in row.spans)
    return Text.assemble((_BAR, colour) if best else " " * _MARGIN, row)


def _cut(rows: Sequence[Text], room: int) -> list[Text]:
    """Return rows around the best sentence, where not even what tells most has room."""
    marked = [at for at, row in enumerate(rows) if row.plain.startswith(_BAR)] or [0]
    best = marked[0], marked[-1] + 1
    start, after = window(range(len(rows)), best, best, max(room - 2, 1))
    gap = [Text(f"  {GAP}", "dim")]
    return [*(gap if start else []), *rows[start:after], *(gap if after < len(rows) else [])]


def _below(result: Result, width: int) -> list[Text]:
    """Return the other notes with the same text, and what speaks for it, one reason a line."""
    rows = [row for line in also_in(result) for row in wrapped(Text(f"  {line}", "dim"), width, 2)]
    if not result.reasons:
        return rows
    rows.append(Text())
    for reason in result.reasons:
        rows += wrapped(Text(f"  why  {printable_line(reason)}", "dim"), width, 7)
    return rows


def _best_span(result: Result, shown: str) -> tuple[int, int]:
    """Return the best sentence as offsets in the text as shown, without the space around it."""
    start, end = (len(printable(result.snippet[:at])) for at in result.highlight)
    sentence = shown[start:end]
    stripped = sentence.strip()
    start += len(sentence) - len(sentence.lstrip())
    return start, start + len(stripped)
