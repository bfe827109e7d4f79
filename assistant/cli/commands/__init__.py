"""The commands of the command line; each module registers its own.

ask         The command ``ask``: one question, a batch of them, or a dialogue
completion  The command ``completion``: a script for a shell
doctor      The command ``doctor``: is everything there and whole, and what to do where it is not
entries     The commands about an entry: ``show``, ``open``, ``similar``
mcp         The command ``mcp``: the notes for agents, over standard input and output
quality     The commands that tell how well questions are answered: ``eval`` and ``why-not``
settings    The commands about settings: ``load`` shows them, ``init`` writes a file of them
watch       The command ``watcher``: keep the index as new as the notes
"""

from __future__ import annotations
