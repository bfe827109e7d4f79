"""An answer for a person at a terminal: coloured, linked, and no longer than a screen.

rich and Pygments are loaded here and nowhere else. Every text is made printable first and styled
by offsets, never by markup, so that nothing in a note is read as an instruction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pygments.lexers import find_lexer_class, get_all_lexers
from pygments.token import Token
from rich.cells import cell_len, split_graphemes
from rich.style import Style
from rich.text import Text

from assistant.passage import code_blocks, read_lines, window, with_code
from assistant.records import Code
from assistant.render import SEPARATOR, certainty, printable, printable_line, remarks, verdict_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from assistant.passage import Line
    from assistant.records import Answer, Result, Verdict

_MARGIN = 2
_BAR = "▌ "
_LEAST_ROOM, _LEAST_ROOM_BELOW = 12, 6
_WIDEST_PROSE = 100  # longer lines are hard to read; code may be wider
_CLOSERS = frozenset(",.;:!?)]}%>，。、；：！？）】》」』〉”’…—～·")  # these begin no row
_OPENERS = frozenset("([{<（【《「『〈“‘")  # and these end none

_VERDICT_STYLES: dict[Verdict, str] = {"found": "green", "weak": "yellow", "none": "magenta"}
_BEST = Style(bold=True)  # this very object, which wrapping keeps, tells the best sentence
_LINE_STYLES = {"heading": "bold", "open": "dim", "close": "dim"}
# The sixteen colours follow the reader's own theme, light or dark.
_CODE_STYLES = {
    Token.Comment: "dim italic",
    Token.Keyword: "magenta",
    Token.Literal.String: "green",
    Token.Literal.Number: "cyan",
    Token.Name.Function: "blue",
    Token.Name.Class: "blue",
    Token.Name.Builtin: "cyan",
    Token.Name.Decorator: "magenta",
    Token.Name.Tag: "blue",
    Token.Name.Attribute: "cyan",
    Token.Name.Variable: "yellow",
    Token.Operator.Word: "magenta",
    Token.Generic.Prompt: "dim",
    Token.Generic.Deleted: "red",
    Token.Generic.Inserted: "green",
}
_PREFIX = re.compile(r"\s*(?:>\s*)*(?:(?:[-*+]|\d{1,9}[.)])\s+)?")
_INLINE = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`{1,3})(?!`)[^`].*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<strong>\*\*(?=\S)[^*]+\*\*)"
    r"|!?\[[^\]\[]*\](?P<target>\([^()\s]*\))"
)
_INLINE_STYLES = {"code": "cyan", "strong": "bold", "target": "dim"}
_PADDING = re.compile(r"(?<= ) +|(?<=---)-+")


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
    colour = _VERDICT_STYLES[answer.verdict if answer.results else "none"]
    rows = _wrapped(Text(verdict_line(answer), f"bold {colour}"), console.width, 0)
    for remark in remarks(answer):
        rows += _wrapped(Text(remark, "dim"), console.width, 0)
    for result in answer.results:
        first = result.rank == 1 and answer.verdict != "none"
        room = max(_LEAST_ROOM, console.height // 3)
        if not first:
            room = max(_LEAST_ROOM_BELOW, console.height // 6)
        rows += [Text(), *_header(result, console), Text()]
        rows += _body(result, console.width, room, colour)
        rows += _reasons(result, console.width)
    # Rows are wrapped already, with Chinese in mind; soft_wrap keeps rich from doing it again.
    console.print(Text("\n").join(rows), soft_wrap=True)


def _header(result: Result, console: Console) -> list[Text]:
    """Return the rank, the place as a link, the heading path and how sure it is."""
    newlines = result.snippet.count("\n", 0, result.highlight[0])
    place = f"{printable_line(result.note)}:{result.lines[0] + newlines}"
    link = result.path.absolute().as_uri() if console.is_terminal else None
    rank = f"{result.rank} "
    header = Text(rank, "dim")
    header.append(place, Style(color="blue", underline=True, link=link))
    for heading in result.headings:
        header.append(SEPARATOR, "dim").append(printable_line(heading), "bold")
    header.append(f" · {certainty(result.score)}", "dim")
    return _wrapped(header, console.width, len(rank))


def _body(result: Result, width: int, room: int, colour: str) -> list[Text]:
    """Return the passage, or as much of it as there is room for."""
    shown = printable(result.snippet).rstrip()
    code = [Code(block.language, printable(block.text)) for block in result.code]
    lines = read_lines(shown, code)
    text = _styled(shown, lines)
    text.stylize(_BEST, *_best_span(result, shown))
    parts = text.divide([at for line in lines for at in (line.start, line.end)])[1::2]
    rows: list[_Row] = []
    for number, (line, part) in enumerate(zip(lines, parts, strict=True)):
        if rows or not (line.blank or _repeats(part.plain, line, result.headings)):
            rows += [_Row(row, number) for row in _rows(part, line, width - _MARGIN)]
    start, after = _cut(rows, lines, room)
    body = [
        Text.assemble((_BAR, colour) if row.best else " " * _MARGIN, row.text)
        for row in rows[start:after]
    ]
    above, below = start, len(rows) - after
    if above:
        words = "1 line above" if above == 1 else f"{above} lines above"
        body.insert(0, Text(f"  … {words}", "dim"))
    if below:
        words = "1 more line" if below == 1 else f"{below} more lines"
        body.append(Text(f"  … {words}", "dim"))
    return body


def _reasons(result: Result, width: int) -> list[Text]:
    """Return what speaks for the passage, one reason a line."""
    if not result.why:
        return []
    rows = [Text()]
    for reason in result.why:
        rows += _wrapped(Text(f"  why  {printable_line(reason)}", "dim"), width, 7)
    return rows


def _best_span(result: Result, shown: str) -> tuple[int, int]:
    """Return the best sentence as offsets in the text as shown, without the space around it."""
    start, end = (len(printable(result.snippet[:at])) for at in result.highlight)
    sentence = shown[start:end]
    stripped = sentence.strip()
    start += len(sentence) - len(sentence.lstrip())
    return start, start + len(stripped)


def _repeats(text: str, line: Line, headings: Sequence[str]) -> bool:
    """Say whether a line is the heading that the heading path already ends with."""
    if line.kind != "heading" or not headings:
        return False
    return _letters(text) == _letters(headings[-1])


def _letters(text: str) -> str:
    """Return the letters and digits, which is what styling leaves of a heading."""
    return "".join(filter(str.isalnum, text))


def _cut(rows: Sequence[_Row], lines: Sequence[Line], room: int) -> tuple[int, int]:
    """Return the rows to show, [first, after last)."""
    if len(rows) <= room:
        return 0, len(rows)
    marked = [at for at, row in enumerate(rows) if row.best] or [0]
    best = marked[0], marked[-1] + 1
    numbers = [row.line for row in rows]
    first, after = with_code(lines, numbers[best[0]], numbers[best[1] - 1] + 1)
    wish = [at for at, number in enumerate(numbers) if first <= number < after]
    start, end = window(numbers, best, (wish[0], wish[-1] + 1), room)
    # An edge of blank rows, or a fence whose code is out of sight, shows nothing.
    while start < best[0] and (
        lines[numbers[start]].blank or lines[numbers[start]].kind == "close"
    ):
        start += 1
    while end > best[1] and (
        lines[numbers[end - 1]].blank or lines[numbers[end - 1]].kind == "open"
    ):
        end -= 1
    return start, end


def _rows(part: Text, line: Line, width: int) -> list[Text]:
    """Wrap one line of the passage, with what follows its bullet or indent hanging below it."""
    if line.kind == "code":
        indent = len(part.plain) - len(part.plain.lstrip())
        return _wrapped(part, width, indent + _MARGIN)
    if line.kind == "table":
        # A table too wide for the screen gives up the spaces that draw its columns.
        fits = cell_len(part.plain) <= width
        return _wrapped(part if fits else _squeezed(part), width, _MARGIN)
    prefix = _PREFIX.match(part.plain)
    return _wrapped(part, min(width, _WIDEST_PROSE), len(prefix[0]) if prefix else 0)


def _squeezed(row: Text) -> Text:
    """Return a table row without the padding of its cells."""
    cuts = [at for match in _PADDING.finditer(row.plain) for at in match.span()]
    return Text("").join(row.divide(cuts)[::2])


def _wrapped(text: Text, width: int, hang: int) -> list[Text]:
    """Wrap at spaces and between ideographs; rows after the first are indented by ``hang``."""
    hang = min(hang, width // 3)
    cuts = _cuts(text.plain, width, hang)
    if not cuts:
        return [text]
    first, *rest = text.divide(cuts)
    rows = [first, *(Text(" " * hang).append_text(row) for row in rest)]
    for row in rows:
        row.rstrip()
    return rows


def _cuts(text: str, width: int, hang: int) -> list[int]:
    """Return where the rows of a wrapped line begin, the first row left out.

    rich breaks only at spaces, which tears a Chinese sentence away from the word before it. Here a
    row may also end before or after a character of two cells, save where punctuation forbids it.
    """
    graphemes, total = split_graphemes(text)
    if total <= width:
        return []
    cuts: list[int] = []
    used, limit, least = 0, width, hang  # no row is a bullet alone
    chance, used_at_chance = 0, 0
    before, cells_before = "", 0
    for start, end, cells in graphemes:
        here = text[start:end]
        wide = 2 in (cells, cells_before)
        if used > least and _may_break(before, here, wide):
            chance, used_at_chance = start, used
        # Spaces may stand beyond the edge: they are stripped.
        while used + cells > limit and not here.isspace() and used:
            if not chance:
                chance, used_at_chance = start, used
            cuts.append(chance)
            used -= used_at_chance
            chance, limit, least = 0, width - hang, 0
        used += cells
        before, cells_before = here, cells
    return cuts


def _may_break(before: str, here: str, wide: bool) -> bool:
    """Say whether a row may end between two characters."""
    if here.isspace():
        return False
    return before.isspace() or (wide and here[0] not in _CLOSERS and before not in _OPENERS)


def _styled(shown: str, lines: Sequence[Line]) -> Text:
    """Return the passage, styled."""
    text = Text(shown)
    for line in lines:
        if style := _LINE_STYLES.get(line.kind):
            text.stylize(style, line.start, line.end)
        if line.kind in ("prose", "table", "heading"):
            _style_prose(text, line)
    for first, after in code_blocks(lines):
        _style_code(text, lines[first].start, lines[after - 1].end, lines[first].language)
    return text


def _style_prose(text: Text, line: Line) -> None:
    """Style the bullet, the quotation mark and the inline code of a line."""
    plain = text.plain[line.start : line.end]
    if prefix := _PREFIX.match(plain):
        text.stylize("dim", line.start, line.start + prefix.end())
    for match in _INLINE.finditer(plain):
        for group, style in _INLINE_STYLES.items():
            if match[group] is not None:
                text.stylize(style, line.start + match.start(group), line.start + match.end(group))


def _style_code(text: Text, start: int, end: int, language: str) -> None:
    """Style a block of code by its language, and leave it plain when there is no lexer for it."""
    name = _lexer_names().get(language)
    lexer = find_lexer_class(name) if name else None
    if lexer is None:
        return
    # The unprocessed tokens carry offsets; the others come from a text that Pygments trims.
    for offset, token, value in lexer().get_tokens_unprocessed(text.plain[start:end] + "\n"):
        while token not in _CODE_STYLES and token is not Token:
            token = token.parent
        if style := _CODE_STYLES.get(token):
            text.stylize(style, start + offset, min(start + offset + len(value), end))


@cache
def _lexer_names() -> dict[str, str]:
    """Return the name of the lexer for each language.

    ``get_lexer_by_name`` reads the metadata of every installed package, 90 ms, before it says that
    it does not know a language.
    """
    lexers = get_all_lexers(plugins=False)
    return {alias: name for name, aliases, _, _ in lexers for alias in aliases}
