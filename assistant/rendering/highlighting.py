"""Colour and line breaks: a passage as rich text, and lines of it as rows of a screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygments.token import Token
from rich.cells import cell_len, split_graphemes
from rich.text import Text

from assistant.markdown import LIST_MARK
from assistant.rendering.lexers import lexer_of
from assistant.rendering.lines import code_blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.rendering.lines import Line

_HANG = 2
_WIDEST_PROSE = 100  # longer lines are hard to read; code may be wider
_CLOSERS = frozenset(",.;:!?)]}%>，。、；：！？）】》」』〉”’…—～·")  # these begin no row
_OPENERS = frozenset("([{<（【《「『〈“‘")  # and these end none

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
_PREFIX = re.compile(rf"\s*(?:>\s*)*(?:{LIST_MARK}\s+)?")
_INLINE = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`{1,3})(?!`)[^`].*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<strong>\*\*(?=\S)[^*]+\*\*)"
    r"|!?\[[^\]\[]*\](?P<target>\([^()\s]*\))"
)
_INLINE_STYLES = {"code": "cyan", "strong": "bold", "target": "dim"}
_PADDING = re.compile(r"(?<= ) +|(?<=---)-+")


def painted(shown: str, lines: Sequence[Line]) -> Text:
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


def line_rows(part: Text, line: Line, width: int) -> list[Text]:
    """Wrap one line of the passage, with what follows its bullet or indent hanging below it."""
    if line.kind == "code":
        indent = len(part.plain) - len(part.plain.lstrip())
        return wrapped(part, width, indent + _HANG)
    if line.kind == "table":
        # A table too wide for the screen gives up the spaces that draw its columns.
        fits = cell_len(part.plain) <= width
        return wrapped(part if fits else _squeezed(part), width, _HANG)
    prefix = _PREFIX.match(part.plain)
    return wrapped(part, min(width, _WIDEST_PROSE), len(prefix[0]) if prefix else 0)


def wrapped(text: Text, width: int, hang: int) -> list[Text]:
    """Wrap at spaces and between ideographs; rows after the first are indented by ``hang``."""
    hang = min(hang, width // 3)
    first, *rest = text.divide(_cuts(text.plain, width, hang))
    rows = [first, *(Text(" " * hang).append_text(row) for row in rest)]
    for row in rows:
        row.rstrip()
    return rows


def _squeezed(row: Text) -> Text:
    """Return a table row without the padding of its cells."""
    cuts = [at for match in _PADDING.finditer(row.plain) for at in match.span()]
    return Text("").join(row.divide(cuts)[::2])


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
    """Return whether a row may end between two characters."""
    if here.isspace():
        return False
    return before.isspace() or (wide and here[0] not in _CLOSERS and before not in _OPENERS)


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
    lexer = lexer_of(language)
    if lexer is None:
        return
    # The unprocessed tokens carry offsets; the others come from a text that Pygments trims.
    for offset, token, value in lexer.get_tokens_unprocessed(text.plain[start:end] + "\n"):
        while token not in _CODE_STYLES and token is not Token:
            token = token.parent
        if style := _CODE_STYLES.get(token):
            text.stylize(style, start + offset, min(start + offset + len(value), end))
