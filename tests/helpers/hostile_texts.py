"""Texts that take a careless reader more than linear time or memory, at any size."""

from __future__ import annotations

from collections.abc import Callable

Make = Callable[[int], str]


def _times(unit: str) -> Make:
    return lambda size: unit * (size // len(unit))


def _lines_of(pattern: str) -> Make:
    """Return a text of numbered lines."""

    def make(size: int) -> str:
        count = size // len(pattern.format(size // len(pattern)))
        return "".join(pattern.format(number) for number in range(count))

    return make


def _steps(marker: str, word: str) -> Make:
    """Return a text whose lines are nested one deeper each; its depth grows with the root."""

    def make(size: int) -> str:
        depth = int((2 * size / len(marker)) ** 0.5)
        return "".join(f"{' ' * (len(marker) * level)}{marker}{word}\n" for level in range(depth))

    return make


def _wrapped(before: str, unit: str, after: str) -> Make:
    return lambda size: before + unit * (size // len(unit)) + after


TEXTS: dict[str, Make] = {
    "brackets": _times("["),
    "closing brackets": _times("]"),
    "bracket pairs": _times("[]"),
    "nested brackets": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "lines of brackets": _times("[\n"),
    "quote marks": _times(">"),
    "quote marks apart": _times("> "),
    "lines of quote marks": _times(">\n"),
    "quoted lines": _times("> a\n"),
    "quotes that end": _times("> a\n\n"),
    "lines of a hundred quote marks": _times(">" * 100 + "a\n"),
    "quotes one deeper each line": lambda size: "".join(
        ">" * level + "a\n" for level in range(int((2 * size) ** 0.5))
    ),
    "lazy quote": lambda size: ">" * 50 + "a\n" * (size // 2),
    "backticks": _times("`"),
    "backticks apart": _times("` "),
    "backtick runs of every length": lambda size: " ".join(
        "`" * length for length in range(1, int((2 * size) ** 0.5))
    ),
    "lines of fences": _times("```\n"),
    "fences never closed": _times("````\n```\n"),
    "fences with info": _times("```a\n"),
    "pipes": _times("|"),
    "lines of pipes": _times("|\n"),
    "table rows": _wrapped("| a | b |\n|---|---|\n", "| 1 | 2 |\n", ""),
    "tables": _times("| a | b |\n|---|---|\n"),
    "table heads": _times("| a | b |\n"),
    "wide table": lambda size: "|a" * (size // 5) + "|\n" + "|-" * (size // 5) + "|\n|1|\n",
    "wide table with short rows": lambda size: (
        "|a" * int(size**0.5) + "|\n" + "|-" * int(size**0.5) + "|\n" + "|\n" * (size // 4)
    ),
    "delimiter rows": _times("|-|-|\n"),
    "stars": _times("*"),
    "stars apart": _times("* "),
    "stars with letters": _times("*a "),
    "stars and bars": _times("*a_b "),
    "lines of stars": _times("*\n"),
    "underscores": _times("_"),
    "underscores with letters": _times("_a "),
    "tildes": _times("~"),
    "less-than": _times("<"),
    "less-than with letters": _times("<a "),
    "comments never closed": _times("<!-- "),
    "lines of comments": _times("<!--\n"),
    "declarations never closed": _times("<!A "),
    "processing never closed": _times("<? "),
    "sections never closed": _times("<![CDATA["),
    "tags never closed": _times("<a b="),
    "lines of tags": _times("<div>\n"),
    "lines of tags apart": _times("<div>\n\n"),
    "autolinks never closed": _times("<http://a"),
    "ampersands": _times("&"),
    "entities never closed": _times("&amp"),
    "entities": _times("&#1;"),
    "images": _times("!["),
    "link middles": _times("]("),
    "links never closed": _times("[a]("),
    "links in links": _times("[a](b"),
    "links in angles": _times("[a](<b"),
    "links with titles": _times('[a](b "'),
    "list marks": _times("- "),
    "numbered marks": _times("1. "),
    "list items": _times("- a\n"),
    "empty list items": _times("-\n"),
    "loose list": _times("- a\n\n"),
    "numbered items": _lines_of("{}. a\n"),
    "lists one deeper each line": _steps("- ", "a"),
    "numbered lists one deeper each line": _steps("1. ", "a"),
    "quotes in lists": _times("- > "),
    "lists and quotes by turns": _times("- > a\n"),
    "list with lazy lines": lambda size: "- a\n" + "b\n" * (size // 2),
    "items apart by indented code": _times("- a\n\n      b\n"),
    "definitions": _lines_of("[a{}]: b\n"),
    "equal definitions": _times("[a]: b\n"),
    "definitions never closed": _times("[a\n"),
    "definitions with a title never closed": _times("[a]: b '\n"),
    "definitions with long titles": lambda size: "[a]: b '" + "c\n" * (size // 2),
    "definitions in one paragraph": _times("[a]:\n"),
    "headings": _times("# a\n"),
    "empty headings": _times("#\n"),
    "headings of every level": _times("# a\n## b\n### c\n#### d\n##### e\n###### f\n"),
    "numbered headings": _lines_of("# {}\n"),
    "underlined headings": _times("a\n=\n"),
    "rules": _times("---\n"),
    "rules apart": _times("a\n\n---\n"),
    "a paragraph of short lines": _times("a\n"),
    "paragraphs": _times("a\n\n"),
    "blank lines": _times("\n"),
    "spaces": _times(" "),
    "lines of spaces": _times(" " * 50 + "\n"),
    "tabs": _times("\t"),
    "lines of tabs": _times("\ta\n"),
    "indented code": _times("    a\n"),
    "one word": _times("a"),
    "one line of words": _times("a word, "),
    "one line of sentences": _times("a sentence ends. "),
    "one line of stops": _times("."),
    "stops apart": _times(". "),
    "abbreviations": _times("e.g. "),
    "one line of Chinese": _times("显存不足"),
    "Chinese stops": _times("。"),
    "digits": _times("1"),
    "numbers joined by dots": _times("1."),
    "joined names": _times("a."),
    "names joined by bars": _times("a_"),
    "camels": _times("aB"),
    "equals": _times("="),
    "lines of equals": _times("=\n"),
    "dollars": _times("$"),
    "dollars apart": _times("$a "),
    "lines of dollars": _times("$$\n"),
    "math never closed": _times("$$ a\n"),
    "math in brackets never closed": _times("\\[\na\n"),
    "backslashes": _times("\\"),
    "lines of backslashes": _times("\\\n"),
    "quotation marks": _times("'\""),
    "plus": _times("+"),
    "colons": _times(":"),
    "exclamations": _times("!"),
    "at signs": _times("a@"),
    "form feeds": _times("\f"),
    "line separators": _times("\u2028"),
    "controls": _times("\x1b[0m"),
    "marks of direction": _times("\u202e"),
    "emoji": _times("\U0001f469\u200d"),
    "combining marks": _times("\u0301"),
    "ligatures": _times("\ufdfa"),
    "dotted capitals": _times("\u0130"),
    "front matter": _wrapped("---\n", "a: b\n", "---\n"),
    "front matter never closed": _wrapped("---\n", "a: b\n", ""),
    "front matter of brackets": _wrapped("---\na: ", "[", "\n---\n"),
    "front matter of aliases": lambda size: (
        "---\na0: &a0 [x]\n"
        + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, size // 24))
        + "---\n"
    ),
}
"""By name: the text of about so many characters."""
