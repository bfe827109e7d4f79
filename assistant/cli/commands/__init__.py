"""The commands of the command line, by the table that the command line imports them from.

ask         The command ``ask``: one question, a batch of them, or a dialogue
build       The commands ``build``, which brings the index up to date, and ``copy``
completion  The command ``completion``: a script for a shell
entries     The commands about an entry, or a whole note: ``show`` and ``open``
listing     The commands that list: ``list``, ``tags``, ``similar`` and ``duplicates``
mcp         The command ``mcp``: the notes for agents, over standard input and output
quality     The commands that tell how well questions are answered: ``eval``, ``why-not``, ``model``
settings    The commands about settings: ``load`` shows them, ``init`` writes a file of them
status      The commands ``status`` and ``doctor``: what the index holds, whether all is in order
watch       The command ``watch``: keep the index as new as the notes
web         The command ``web``: serve the page
"""

from __future__ import annotations

from typing import NamedTuple

from assistant import memory


class Command(NamedTuple):
    """Where a command is, and what it takes."""

    module: str
    function: str
    memory: int = 0
    """Megabytes without which it would end in the middle of a library."""


COMMANDS = {
    "init": Command("settings", "init"),
    "build": Command("build", "build", memory.ENCODING),
    "copy": Command("build", "copy", memory.READING),
    "ask": Command("ask", "ask", memory.ASKING),
    "show": Command("entries", "show", memory.READING),
    "open": Command("entries", "open_note", memory.READING),
    "list": Command("listing", "list_notes", memory.READING),
    "tags": Command("listing", "list_tags", memory.READING),
    "similar": Command("listing", "list_similar", memory.SEARCHING),
    "duplicates": Command("listing", "list_duplicates", memory.SEARCHING),
    "web": Command("web", "web", memory.ENCODING),
    "watch": Command("watch", "watch", memory.ENCODING),
    "mcp": Command("mcp", "mcp", memory.ENCODING),
    "status": Command("status", "status", memory.READING),
    "doctor": Command("status", "doctor", memory.SEARCHING),
    "config": Command("settings", "show_settings"),
    "eval": Command("quality", "evaluate", memory.ENCODING),
    "why-not": Command("quality", "why_not", memory.ENCODING),
    "model": Command("quality", "model", memory.ENCODING),
    "completion": Command("completion", "completion"),
}
"""By their names, in the order in which a person comes to need them."""
