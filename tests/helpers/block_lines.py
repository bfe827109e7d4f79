"""Lines of Markdown that begin, go on with and end blocks of every kind."""

from __future__ import annotations

LINES = (
    *(
        "words",
        "# Heading",
        "## Other",
        "===",
        "---",
        "",
        "",
        "> quote",
        "> > deep",
        ">",
        "> - item",
    ),
    *(
        "- item",
        "- ## In a list",
        "  - nested",
        "    - deeper",
        "* star",
        "1. one",
        "2. two",
        "-",
        "1)",
    ),
    *("- > quoted", "  more", "      code", "\tcode", "- - twice", "-     code in item", "  > - x"),
    *("```", "```py", "~~~", "````", "  ```", "> ```", "<!-- open", "close -->", "<div>", "</div>"),
    *("<pre>", "</pre>", "<x-y>", "| a | b |", "|---|---|", "| 1 | 2 |", "- | a |", "  |---|"),
    *(
        "$$",
        "\\[",
        "x = 1 $$",
        "\\]",
        "$$ y",
        '!!! note "T"',
        "    inside",
        '=== "Tab"',
        "        in",
    ),
    *("[a]: https://x.org", '"title"', "[^1]: note", "    of foot", "&amp;", "***", "   - three"),
)
"""Lines that open, go on with and close blocks of every kind."""
