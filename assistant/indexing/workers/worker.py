"""What a worker does: hold the model, and make of texts what an index keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import assistant
from assistant import embedding
from assistant.embedding import Encoder
from assistant.errors import ModelUnavailableError
from assistant.indexing.workers.batches import Batch
from assistant.store import EmbeddedText, Keep


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for all texts of a build. It travels to other machines."""

    model: str
    """As configured: a name or a folder, which a node has or can fetch as this machine could."""
    fingerprint: str
    version: str = assistant.__version__
    states: bool = True
    """Whether token states are kept."""
    keep: Keep | None = None
    """How a worker keeps what it made; unless given it gives it back."""


class Workers(Protocol):
    """Those who embed in place of this process."""

    def embed(
        self, texts: Mapping[str, str], task: Task
    ) -> Iterator[tuple[Batch, list[EmbeddedText]]]:
        """Embed texts, by their digests; yield each batch with what is left to keep of it.

        Each text is in one of the batches that are yielded, whatever workers are lost.

        Raises:
            IndexUnusableError: They cannot be reached, or there is none left.
            AssistantError: What a worker raised, such as that it has not this model.
        """


class Worker:
    """Opens the model once, at the first texts."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def ready(self) -> bool:
        """Answer as soon as there is this worker."""
        return True

    def embed(self, texts: Mapping[str, str]) -> list[EmbeddedText]:
        """Return what the model makes of texts, by digest; nothing of what it keeps itself.

        Raises:
            ModelUnavailableError: There is no such model here, or it is another.
        """
        digests, encoder = list(texts), self._encoder
        made = [
            EmbeddedText(
                digests[i],
                found.vector,
                embedding.maxsim.pack(found.states, encoder.projection)
                if self._task.states
                else None,
            )
            for i, found in encoder.encode_passages(list(texts.values()))
        ]
        if self._task.keep is None:
            return made
        self._task.keep(made)
        return []

    @cached_property
    def _encoder(self) -> Encoder:
        task = self._task
        if assistant.__version__ != task.version:
            raise ModelUnavailableError(
                f"a node of the cluster has version {assistant.__version__} of this program,"
                f" and this machine {task.version}",
                "install the same version on all of them",
            )
        # One thread a worker: there is a worker a core.
        encoder = embedding.OnnxEncoder(embedding.export.exported(task.model), threads=1)
        if encoder.card.fingerprint != task.fingerprint:
            raise ModelUnavailableError(
                f"a node of the cluster has another model under the name {task.model!r}",
                "give all of them the same one",
            )
        return encoder
