"""The notes for agents, by the Model Context Protocol.

arguments  The arguments of a tool as agents give them, to those that it takes
records    What an agent gets: typed records
server     The notes for agents: a server of the Model Context Protocol, by the official SDK
stdin      What agents send over standard input, so that every request is answered
text       The records as compact Markdown
views      Answers, entries and lists of notes as the records that an agent gets, long ones in pages
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.agents.server import Server

__all__ = ["Server"]

__getattr__ = faces.lazily(
    __name__,
    {
        "server": ["Server"],
    },
)
