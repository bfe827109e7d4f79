"""Texts kept from anywhere: what the workers of a build write to the server themselves."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from assistant.embedding import packed, unpacked
from assistant.engine_address import EngineAddress
from assistant.store.milvus import collections
from assistant.store.milvus.server import Server
from assistant.store.texts import EmbeddedText


@dataclass(frozen=True)
class Keeper:
    """Keeps what the model made of texts, on whatever machine it is called."""

    address: EngineAddress
    token: str = field(default="", repr=False)
    """What the server asks for: a node does not know it of itself."""

    @cached_property
    def _server(self) -> Server:
        return Server(self.address, self.token)

    def __call__(self, texts: Sequence[EmbeddedText]) -> None:
        """Keep texts.

        Raises:
            IndexUnusableError: The server does not answer, or refuses.
        """
        keep(self._server, texts)


def keep(server: Server, texts: Sequence[EmbeddedText]) -> None:
    """Keep what the model made of texts; whoever does so for the same text writes the same."""
    server.upsert(
        collections.name(server.address.name, "texts"),
        [
            {
                "id": text.digest,
                "has_states": text.states is not None,
                "states": base64.b64encode(text.states or b"").decode("ascii"),
                # As a folder keeps it, so that both compare the same.
                "vector": unpacked(packed(text.vector)).tolist(),
            }
            for text in texts
        ],
    )
