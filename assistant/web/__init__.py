"""The page in the browser: a thin layer of Streamlit over ``Notes``.

address    The page's state in its address
ask        The page's first tab: a question, what the notes say to it, and the entry that is read
html       Words and HTML of the page, made of text that may come from anywhere
map_chart  The map of the notes as a chart
narrowing  What narrows a question, in the line of the box: note or folder, tag, dates, language
outline    The notes and their headings: for the browser to search in, and to find what a link names
page       The page: a thin layer of Streamlit over what the command line does
parts      Parts that several views of the page share, and what Streamlit has no widget for
reader     The entry that is read: which one it is, and all that the page shows of it
script     What Streamlit runs: see ``page``
shared     One model, one index and one build for every browser tab: what the page's process holds
views      The page's other tabs: browse the notes, see them on a map, and what the index holds
markup     What people write in notes, as HTML that a page may show: nothing of it runs
server     The server of the page: who is let in, and what the browser may do
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.web.server import access, start

__all__ = ["access", "start"]

__getattr__ = faces.lazily(
    __name__,
    {
        "server": ["access", "start"],
    },
)
