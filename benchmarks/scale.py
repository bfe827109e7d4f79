"""An index of many chunks, written as a build writes it, but with vectors that need no encoder.

    python benchmarks/scale.py FOLDER CHUNKS [--straight] [--ask]

Notes lie in FOLDER/notes, the index in FOLDER/index. --straight does without reading and cutting
the notes, whose time and memory are those of any build: it hands the store what cutting would give.
--ask measures questions as well, over the index that is there if there is one. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import process
from questions import ENGLISH

from assistant.embedding.encoder import Embedding
from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL, ModelCard
from assistant.embedding.vectors import Vectors
from assistant.indexing import build, freshness
from assistant.indexing.embedder import Embedder
from assistant.indexing.plan import ChangedNote, Plan
from assistant.notes import absolute
from assistant.records import Chunk, Entry, Note, NoteFile
from assistant.store import EmbeddedText, Index, NewChunk, Update, provenance

ENTRIES = 50
"""Entries of a note, of one chunk each."""

WORDS = 60
"""Words of an entry: what one chunk of real notes holds."""

HEADING_WORDS = 5

SAVED_AT_ONCE = 5000
"""Vectors that are kept in one transaction."""

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


def words_of_notes(chunks: int) -> Iterator[list[list[str]]]:
    """Yield the words of each entry of each note, as unevenly frequent as a language's (Zipf)."""
    chance = np.random.default_rng(0)
    vocabulary = np.array([f"word{n:x}" for n in range(30_000)])
    vocabulary[COMMONER : COMMONER + len(ASKED)] = ASKED
    weights = 1 / np.arange(10, len(vocabulary) + 10)
    shares = np.cumsum(weights / weights.sum())
    for _ in range(chunks // ENTRIES):
        drawn = np.searchsorted(shares, chance.random((ENTRIES, WORDS))).clip(max=len(shares) - 1)
        yield vocabulary[drawn].tolist()


def text_of(words: Sequence[str]) -> str:
    """Return an entry of words, the first of which are its heading."""
    return f"## {' '.join(words[:HEADING_WORDS])}\n\n{' '.join(words[HEADING_WORDS:])}."


def write_notes(folder: Path, chunks: int) -> None:
    """Write the notes, in folders of a hundred."""
    for number, entries in enumerate(words_of_notes(chunks)):
        note = folder / f"{number // 100:03d}" / f"note-{number:05d}.md"
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text("\n\n".join(map(text_of, entries)) + "\n", encoding="utf-8")


def build_straight(folder: Path, encoder: RandomEncoder, model: Path, chunks: int) -> int:
    """Give the store what a build would, without reading the notes; return the chunks."""
    sources = absolute([folder / "notes"])
    files = sorted(freshness.look(sources).files, key=lambda file: file.path)
    embedder = Embedder(model, open_encoder=lambda: encoder)
    index = Index(folder / "index")
    with index.locked(), index.update() as update:
        _keep_texts(update, embedder, len(files) * ENTRIES)
        changed = (
            _note(number, file, entries)
            for number, (file, entries) in enumerate(
                zip(files, words_of_notes(chunks), strict=True)
            )
        )
        plan = Plan(True, changed, (), (), ())  # type: ignore[arg-type] # no more is asked of it
        with update.new_generation(embedder.card.dimensions):
            manifest = build._write_generation(update, embedder, plan, {})  # its middle
            mark = provenance.mark(update.folder, sources)
            return update.put_manifest(replace(manifest, sources=sources, mark=mark)).chunks


def _keep_texts(update: Update, embedder: Embedder, chunks: int) -> None:
    for at in range(0, chunks, SAVED_AT_ONCE):
        texts = [""] * min(SAVED_AT_ONCE, chunks - at)
        update.keep_texts(
            EmbeddedText(f"{at + i:032x}", found.vector, embedder.states(found))
            for i, found in embedder.encoder.encode_passages(texts)
        )


def _note(number: int, file: NoteFile, entries: Sequence[Sequence[str]]) -> ChangedNote:
    found: list[tuple[str, Entry]] = []
    line = 1
    for words in entries:
        text = text_of(words)
        heading = " ".join(words[:HEADING_WORDS])
        entry = Entry((heading,), line, text, len(heading) + 4, ((0, 0), (2, 0)))
        found.append((f"{number * ENTRIES + len(found):032x}", entry))
        line += 4
    chunks = {
        digest: [
            NewChunk(
                Chunk(0, len(entry.text)),
                digest,
                entry.headings[0],
                " ".join(words[HEADING_WORDS:]),
                f"note {number:05d}",
            )
        ]
        for (digest, entry), words in zip(found, entries, strict=True)
    }
    return ChangedNote(Note(file, "", f"{number:064x}", names=(file.name,)), tuple(found), chunks)


class _LogWatch(threading.Thread):
    """Looks how long the log of a database is, at most."""

    def __init__(self, log: Path) -> None:
        super().__init__(daemon=True)
        self._log = log
        self.most = 0

    def run(self) -> None:
        """Look, ten times a second."""
        while True:
            if self._log.exists():
                self.most = max(self.most, self._log.stat().st_size)
            time.sleep(0.1)


def make(folder: Path, chunks: int, straight: bool) -> dict[str, Any]:
    """Write notes and index; return figures."""
    write_notes(folder / "notes", chunks)
    model = exported(DEFAULT_MODEL)
    watch = _LogWatch(folder / "index" / "index.sqlite3-wal")
    watch.start()
    begin, cpu = time.perf_counter(), time.process_time()
    if straight:
        chunks = build_straight(folder, RandomEncoder(model), model, chunks)
    else:
        chunks = build.build(
            folder / "index", [folder / "notes"], model, open_encoder=lambda: RandomEncoder(model)
        ).manifest.chunks
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "chunks": chunks,
        "wall": time.perf_counter() - begin,
        "processor": time.process_time() - cpu,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6,
        "log MB": watch.most / 1e6,
    }


def ask(folder: Path, chunks: int, repeats: int = 5) -> dict[str, Any]:
    """Return figures of questions over the index in a folder, each the median of some."""
    index = folder / "index"
    once = [*process.ASSISTANT, "--index", str(index), "ask", ENGLISH[0], "--json"]
    process.run(once)
    cold = process.median([process.run(once) for _ in range(repeats)])
    taken = process.warm(index, ENGLISH, repeats)
    return {
        "cold": cold.wall,
        "cold processor": cold.cpu,
        "cold peak MB": cold.peak,
        "warm ms": statistics.median(taken) * 1e3,
        "disk bytes a chunk": Index(index).size() / chunks,
    }


def main() -> None:
    """Make, ask, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("chunks", type=int)
    parser.add_argument("--straight", action="store_true")
    parser.add_argument("--ask", action="store_true")
    told = parser.parse_args()
    found: dict[str, Any] = {"chunks": told.chunks}
    if not (told.folder / "index" / "index.sqlite3").exists():
        found = make(told.folder, told.chunks, told.straight)
    if told.ask:
        found |= ask(told.folder, found["chunks"])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
