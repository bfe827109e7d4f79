"""Code as HTML: coloured by its language, with the best line marked in it. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pygments.token import Token as Kind

from assistant.markdown import language_of
from assistant.rendering import lexer_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererProtocol
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

LONGEST = 20_000
"""Characters of code that is coloured; longer code takes longer than a reader waits."""

OUTPUT = frozenset("output out stdout stderr result results console-output text-output".split())
"""Languages that people give to what a program printed."""

LABELS = {"mermaid": "mermaid, as its source"}
"""Of languages whose code is shown where other programs show what it draws."""

_CLASSES = {
    Kind.Comment: "c",
    Kind.Keyword: "k",
    Kind.Literal.String: "s",
    Kind.Literal.Number: "n",
    Kind.Name.Function: "f",
    Kind.Name.Class: "f",
    Kind.Name.Tag: "k",
    Kind.Name.Builtin: "b",
    Kind.Name.Decorator: "o",
    Kind.Name.Attribute: "b",
    Kind.Name.Variable: "b",
    Kind.Operator: "o",
    Kind.Generic.Deleted: "d",
    Kind.Generic.Inserted: "s",
    Kind.Generic.Heading: "f",
    Kind.Generic.Prompt: "c",
}
"""A letter for each kind of word that has a colour of its own; its kinds have it too."""

_Words = list[tuple[str, str]]


def plug_in(parser: MarkdownIt) -> None:
    """Let a parser show code in colour, with a button that copies it."""
    for kind in ("fence", "code_block"):
        parser.add_render_rule(kind, _render)


def to_html(source: str, language: str = "", best: tuple[int, int] = (0, 0)) -> str:
    """Return code as HTML, within no element.

    Args:
        source: The code.
        language: By a name that people give it; of one that nobody knows it has no colours.
        best: Lines of it that are marked, [first, after last).
    """
    lines = []
    for number, words in enumerate(_lines(source, language)):
        line = "".join(
            f'<span class="{kind}">{html.escape(word)}</span>' if kind else html.escape(word)
            for word, kind in words
        )
        lines.append(f"<mark>{line}</mark>" if best[0] <= number < best[1] and line else line)
    return "\n".join(lines)


def _lines(source: str, language: str) -> list[_Words]:
    """Return the lines of code, each as words and their classes."""
    lines: list[_Words] = [[]]
    for kind, text in _words(source, language):
        first, *rest = text.split("\n")
        lines[-1].append((first, kind))
        lines += [[(part, kind)] for part in rest]
    return lines


def _words(source: str, language: str) -> Iterator[tuple[str, str]]:
    lexer = lexer_of(language) if len(source) <= LONGEST else None
    if lexer is None:
        yield "", source
        return
    # The unprocessed tokens are those of the text; others come from one that Pygments trims.
    for _, kind, text in lexer.get_tokens_unprocessed(source):
        while kind not in _CLASSES and kind is not Kind:
            kind = kind.parent
        yield _CLASSES.get(kind, ""), text


def _render(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    language = language_of(token.info).lower()
    source = token.content.rstrip("\n")
    if language in OUTPUT:
        token.attrJoin("class", "output")
    token.attrJoin("class", "code")
    classes = html.escape(str(token.attrGet("class")))
    label = LABELS.get(language, language)
    named = f'<span class="language">{html.escape(label)}</span>' if label else ""
    code = to_html(source, language, _best_lines(token, source, env))
    return (
        f'<div class="{classes}"><pre><code>{code}</code></pre>'
        f'<div class="tools">{named}<button type="button" class="copy">Copy</button></div></div>\n'
    )


def _best_lines(token: Token, source: str, env: EnvType) -> tuple[int, int]:
    """Return which lines of code the best sentence is, [first, after last)."""
    best = env.get("best", "")
    if not best or not token.map:
        return 0, 0
    first = env.get("line", 0) - token.map[0] - (1 if token.type == "fence" else 0)
    after = first + best.count("\n") + 1
    # In a fence of no language the first line may be the fence's own, with nothing to mark.
    return max(first, 0), min(after, source.count("\n") + 1)
