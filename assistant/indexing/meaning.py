"""Texts to vectors: at once while that is short, else in rounds, each of which is committed.

An index that takes long to embed answers by words meanwhile, and by meaning as far as it is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from assistant.indexing import pace
from assistant.indexing.embedder import Embedder
from assistant.indexing.freshness import Look
from assistant.indexing.plan import Plan, Progress
from assistant.indexing.workers.worker import Task, Workers
from assistant.records import NoteFile
from assistant.store import EmbeddedText, Update

SAVED_EVERY = 256
"""Vectors after which a running build keeps what it has."""

LONG_SECONDS = 10.0
"""Seconds of embedding, by the pace of this machine, from which notes are found by words before."""

CHARACTERS_A_PIECE = 4
"""Of a text, about; to count its word pieces takes longer than this has to be exact."""

ROUND_SECONDS = 30.0
"""Seconds after which what was embedded is committed."""

ROUND_COSTS = 10.0
"""How many times as long as a commit a round takes at least: it writes all vectors anew."""

AT_ONCE = 256
"""Texts of a round that are sorted by length together; a round ends after some of these."""


FIRST_NOTES, FIRST_BYTES = 3_000, 3_000_000
"""Notes at most that a first question waits for, the newest: they take some seconds to cut."""


def first(seen: Look) -> Look:
    """Return a look at the notes that a first question waits for; the next build sees the others.

    Newest by their times of change, since nothing has been read yet.
    """
    newest = sorted(seen.files, key=lambda file: (-abs(file.modified_ns), file.path))
    chosen = set[NoteFile]()
    size = 0
    for file in newest[:FIRST_NOTES]:
        size += file.size
        if chosen and size > FIRST_BYTES:
            break
        chosen.add(file)
    return replace(seen, files=tuple(file for file in seen.files if file in chosen))


def is_long(texts: Iterable[str], fingerprint: str) -> bool:
    """Return whether to embed texts takes so long that nobody should wait for it.

    Args:
        texts: Texts whose vectors are not known.
        fingerprint: Of the model.
    """
    pieces = sum(map(len, texts)) / CHARACTERS_A_PIECE
    return pieces > LONG_SECONDS * pace.of_machine(fingerprint, asked=False)


def newest_first(plan: Plan, texts: Mapping[str, str]) -> dict[str, str]:
    """Return texts of a plan, by digest, in the order in which to embed them."""
    written = sorted((*plan.changed, *plan.kept), key=lambda item: item.note.file.path)
    written.sort(key=lambda item: item.note.date, reverse=True)
    digests = (
        chunk.digest
        for item in written
        for digest, _ in item.entries
        for chunk in item.chunks.get(digest, ())
    )
    return {digest: texts[digest] for digest in digests if digest in texts}


class Reader:
    """Embeds texts, keeps what the model made of them, and counts."""

    def __init__(
        self,
        update: Update,
        embedder: Embedder,
        progress: Progress | None,
        workers: Workers | None = None,
    ) -> None:
        self._update = update
        self._embedder = embedder
        self.progress = progress
        self.workers = workers
        """Who embeds, where this process does not."""
        self._characters = 0
        self.texts = 0
        self.pieces = 0
        """Word pieces of them."""
        self.seconds = 0.0
        self.by_model = True
        """Whether the model itself embedded them, and no faster processor: it alone has a pace."""

    def embed(self, wanted: Mapping[str, str], later: int = 0, of: int = 0) -> None:
        """Embed texts, by their digests, and keep the vectors as they come.

        Args:
            wanted: The texts; none of them is known.
            later: Characters to be embedded after these, to tell how far it is.
            of: Texts of the build, where these are some of them.
        """
        if not wanted:
            return
        began = time.monotonic()
        digests, texts = list(wanted), list(wanted.values())
        sizes = self._embedder.encoder.count_pieces(texts)
        done = self.pieces
        self.texts += len(texts)
        self.pieces += sum(sizes)
        self._characters += sum(map(len, texts))
        total = self.pieces + later * self.pieces // max(1, self._characters)
        if self.workers:
            self._embed_apart(self.workers, wanted, dict(zip(digests, sizes, strict=True)))
            return
        pending: list[EmbeddedText] = []
        encoder = self._embedder.for_many(max(of, len(texts)))
        self.by_model &= encoder is self._embedder.encoder
        for i, embedding in encoder.encode_passages(texts):
            states = self._embedder.states(embedding)
            pending.append(EmbeddedText(digests[i], embedding.vector, states))
            done += sizes[i]
            if len(pending) >= SAVED_EVERY:
                self._update.keep_texts(pending)
                pending.clear()
            if self.progress:
                self.progress("embedding", done, total)
        self._update.keep_texts(pending)
        self.seconds += time.monotonic() - began

    def _embed_apart(
        self, workers: Workers, wanted: Mapping[str, str], sizes: Mapping[str, int]
    ) -> None:
        """Have workers embed texts, and keep what they do not keep themselves."""
        card = self._embedder.card
        states = self._embedder.late_interaction
        keep = self._update.keeper(card.dimensions)
        task = Task(card.name, card.fingerprint, states=states, keep=keep)
        done, total = 0, sum(sizes.values())
        if self.progress:  # to start a cluster takes a while
            self.progress("embedding", done, total)
        for batch, made in workers.embed(wanted, task):
            self._update.keep_texts(made)
            done += sum(sizes[digest] for digest in batch.texts)
            if self.progress:
                self.progress("embedding", done, total)

    def rounds(self, commit: Callable[[], object]) -> Iterable[None]:
        """Embed what waits, and commit it when it is time to, and at the end; yield after each."""
        states = self._embedder.late_interaction
        waiting = self._update.waiting(states=states)
        left, count = sum(size for _, size in waiting), len(waiting)
        cost = 0.0
        while True:
            began = time.monotonic()
            while waiting:
                some, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
                left -= sum(size for _, size in some)
                texts = self._update.unread_texts(digest for digest, _ in some)
                self.embed(texts, left, count)
                if time.monotonic() - began >= max(ROUND_SECONDS, ROUND_COSTS * cost):
                    break
            embedded = time.monotonic()
            commit()
            cost = time.monotonic() - embedded
            yield
            if not waiting:
                return
