"""How texts are dealt out to workers: what is lost with one is dealt out again. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

BATCH_CHARACTERS = 32_000
"""Of a batch at least: a second or two of one core. No more than a few are lost with a worker."""

BATCH_TEXTS = 256
"""Of a batch at most: what a model makes of as many is 3 MB."""

MOST_LOSSES = 3
"""Workers that a batch may be lost with before it is taken to be what ends them."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that one worker embeds together, by their digests."""

    texts: Mapping[str, str]
    losses: int = 0
    """How many workers were lost with it."""


class Batches:
    """Texts in batches, the longest texts first, so that at the end no worker has long to go."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._waiting = deque(map(Batch, _cut(texts)))

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self) -> Batch:
        """Return the next batch, which is then with somebody."""
        return self._waiting.popleft()

    def lost(self, batch: Batch) -> bool:
        """Take back a batch that somebody did not finish; return whether to go on with it."""
        again = Batch(batch.texts, batch.losses + 1)
        self._waiting.appendleft(again)
        return again.losses < MOST_LOSSES


def _cut(texts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    batch: dict[str, str] = {}
    characters = 0
    for digest in sorted(texts, key=lambda digest: (-len(texts[digest]), digest)):
        batch[digest] = texts[digest]
        characters += len(texts[digest])
        if characters >= BATCH_CHARACTERS or len(batch) == BATCH_TEXTS:
            yield batch
            batch, characters = {}, 0
    if batch:
        yield batch
