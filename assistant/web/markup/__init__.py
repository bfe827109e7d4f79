"""What people write in notes, as HTML that a page may show: nothing of it runs or loads anything.

blocks    Blocks as people write them: callouts, tasks, footnotes, tables that scroll in their box
code      Code as HTML: coloured by its language, with the best line marked in it
document  An entry of a note as HTML
formulas  Formulas as MathML, which browsers typeset by themselves
inline    What stands within a line: links to notes and to the web, images, wikilinks, plain tags
marking   The best sentence, marked where it stands, across whatever elements it crosses
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.web.markup.document import to_html
    from assistant.web.markup.inline import NOWHERE, Links

__all__ = ["NOWHERE", "Links", "to_html"]

__getattr__ = faces.lazily(
    __name__,
    {
        "document": ["to_html"],
        "inline": ["NOWHERE", "Links"],
    },
)
