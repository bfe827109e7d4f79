"""An index of many chunks, written as a build writes it, but with vectors that need no encoder.

python benchmarks/scale.py FOLDER CHUNKS      notes in FOLDER/notes, index in FOLDER/index
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from questions import ENGLISH

from assistant.embedding.encoder import Embedding
from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL, ModelCard
from assistant.embedding.vectors import Vectors
from assistant.indexing import build

ENTRIES = 50
"""Entries of a note, of one chunk each."""

WORDS = 60
"""Words of an entry: what one chunk of real notes holds."""

ASKED = sorted({word for question in ENGLISH for word in question.lower().split()})
COMMONER = 100
"""Words commoner than those of the questions, which then stand in 3 to 7 of 100 entries each: as
often as in real notes."""


class RandomEncoder:
    """Stands in for the model: vectors around 500 directions, at random but always the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.card = ModelCard.read(folder / "card.json")
        self._chance = np.random.default_rng(0)
        self._centres = self._chance.standard_normal((500, self.card.dimensions), np.float32)

    @cached_property
    def projection(self) -> Vectors:
        """The model's own, so that as many bytes are kept of each word piece."""
        found: Vectors = np.load(self._folder / "projection.npy", allow_pickle=False)
        return found

    @property
    def room(self) -> int:
        """Word pieces that a text may have."""
        return self.card.max_pieces - 2

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Return the number of words of each text."""
        return [len(text.split()) for text in texts]

    def piece_spans(self, text: str) -> list[tuple[int, int]]:
        """Return where each word of a text stands in it."""
        return [match.span() for match in re.finditer(r"\S+", text)]

    def has_word(self, word: str) -> bool:
        """Know every word, so that nothing is explained or repaired."""
        return bool(word)

    def encode_query(self, question: str) -> Embedding:
        """Return the vector of no question in particular."""
        ((_, found),) = self.encode_passages([question])
        return found

    def encode_questions(self, questions: Sequence[str]) -> list[Embedding]:
        """Return the embeddings of questions, by which the verdict is calibrated."""
        return [self.encode_query(question) for question in questions]

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Yield a vector and a few states for each text."""
        for i in range(len(texts)):
            near = self._centres[self._chance.integers(len(self._centres))]
            states = near + self._chance.standard_normal((4, len(near)), np.float32)
            vector = states[0] / np.linalg.norm(states[0])
            yield i, Embedding(vector, states, ((0, 1), (1, 2), (2, 3), (3, 4)))


def write_notes(folder: Path, chunks: int) -> None:
    """Write notes whose words are as unevenly frequent as those of a language (Zipf)."""
    chance = np.random.default_rng(0)
    vocabulary = np.array([f"word{n:x}" for n in range(30_000)])
    vocabulary[COMMONER : COMMONER + len(ASKED)] = ASKED
    weights = 1 / np.arange(10, len(vocabulary) + 10)
    for number in range(chunks // ENTRIES):
        words = chance.choice(vocabulary, (ENTRIES, WORDS), p=weights / weights.sum())
        parts = (f"## {' '.join(row[:5])}\n\n{' '.join(row[5:])}.\n" for row in words)
        note = folder / f"{number // 100:03d}" / f"note-{number:05d}.md"
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text("\n".join(parts), encoding="utf-8")


def main(folder: Path, chunks: int) -> None:
    """Write notes and index; print figures as JSON."""
    write_notes(folder / "notes", chunks)
    model = exported(DEFAULT_MODEL)
    begin = time.perf_counter()
    report = build.build(
        folder / "index", [folder / "notes"], model, open_encoder=lambda: RandomEncoder(model)
    )
    print(json.dumps({"chunks": report.manifest.chunks, "wall": time.perf_counter() - begin}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
