"""Answers and entries in every form: JSON, Markdown, plain text, a terminal.

answers        An answer as JSON and as plain text, and the words that every form of it shares
editor_link    Addresses that open a note at a line in an editor, for links of the page
excerpts       As much of a passage as there is room for: its most telling parts
formulas       Formulas of TeX as one line of text that a terminal can show
highlighting   Colour and line breaks: a passage as rich text, and lines of it as rows of a screen
lexers         The lexer of a language, by any of the names that people give it
lines          How a passage is laid out: what each of its lines is
listings       Lists of notes, entries, tags and pairs, as rows of a pipe or a screen
markdown_text  An answer as Markdown to paste elsewhere: heading, passage, source
marks          A line of Markdown as a reader wants it: marks become what they stand for
terminal       An answer for a person at a terminal: coloured, linked, and no longer than a screen
whole_entry    A whole entry for a pipe and as JSON
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.rendering import answers, listings, whole_entry
    from assistant.rendering.answers import (
        age,
        also_in,
        best_line,
        certainty,
        remarks,
        state_remarks,
        verdict_line,
    )
    from assistant.rendering.editor_link import link
    from assistant.rendering.excerpts import GAP, excerpt
    from assistant.rendering.lexers import lexer_of
    from assistant.rendering.lines import read_lines
    from assistant.rendering.listings import Row
    from assistant.rendering.markdown_text import to_markdown
    from assistant.rendering.terminal import entry_text, list_text, to_terminal

__all__ = [
    "GAP",
    "Row",
    "age",
    "also_in",
    "answers",
    "best_line",
    "certainty",
    "entry_text",
    "excerpt",
    "lexer_of",
    "link",
    "list_text",
    "listings",
    "read_lines",
    "remarks",
    "state_remarks",
    "to_markdown",
    "to_terminal",
    "verdict_line",
    "whole_entry",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "answers": [
            "age",
            "also_in",
            "best_line",
            "certainty",
            "remarks",
            "state_remarks",
            "verdict_line",
        ],
        "editor_link": ["link"],
        "excerpts": ["GAP", "excerpt"],
        "lexers": ["lexer_of"],
        "lines": ["read_lines"],
        "listings": ["Row"],
        "markdown_text": ["to_markdown"],
        "terminal": ["entry_text", "list_text", "to_terminal"],
    },
    modules=("answers", "listings", "whole_entry"),
)
