"""What Streamlit has no widget for, each a script of ours: the question, list and reader, the tree.

The scripts know the page's address alone: what they want of the server stands there, so that back
and forward, bookmarks and they themselves all lead to the same.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from assistant.web.outline import Outline
from assistant.web.reader import Shown

_FILES = Path(__file__).with_name("static")


@cache
def _component(name: str) -> Any:  # noqa: ANN401 # Streamlit's own callable
    return st.components.v2.component(
        f"notes_{name}",
        html=f'<div class="{name}"></div>',
        js=(_FILES / f"{name}.js").read_text("utf-8"),
        isolate_styles=False,  # the page has one sheet of styles
    )


def question_box(outline: Outline, count: int) -> None:
    """Show the box for the question, which finds titles while one types.

    Args:
        outline: What is found.
        count: Notes that are asked.
    """
    data = {"generation": outline.generation, "outline": outline.told, "count": count}
    _component("box")(key="box", data=data)


def desk(left: str, shown: Shown | None, otherwise: str = "") -> None:
    """Show a list, and beside it the entry that is read.

    Args:
        left: The list, as HTML.
        shown: The entry.
        otherwise: What stands in its place, as HTML.
    """
    data = {
        "list": left,
        "reader": shown.html if shown else otherwise,
        "place": shown.place if shown else "",
        "markdown": shown.markdown if shown else "",
        "editor": shown.editor if shown else "",
        "rank": shown.rank if shown else 0,
    }
    _component("desk")(key="desk", data=data)


def tree(shown: Shown | None) -> None:
    """Show the tree of notes and headings, which the box knows, with the entry that is read."""
    _component("tree")(key="tree", data={"place": shown.place if shown else ""})
