"""What the tests of the index share: a folder of notes beside an index, and a look at all in it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from fakes import DIMENSIONS, FakeEncoder, write_model

from assistant.answering.answer import ask
from assistant.embedding.encoder import Embedding, Encoder
from assistant.embedding.vectors import unpacked
from assistant.indexing import meaning
from assistant.indexing.build import build
from assistant.indexing.up_to_date import Report
from assistant.records import Calibration, Source
from assistant.search.searcher import Searcher
from assistant.store import tables
from assistant.store.files import DATABASE
from assistant.store.local import vector_index
from assistant.store.snapshot import Snapshot

FIRST_TIME = 1_600_000_000
"""Seconds since the epoch of the first write; each later one is a second later."""

PYTORCH = """\
# PyTorch

## Free GPU memory

Call `torch.cuda.empty_cache()` to release cached memory.

```python
torch.cuda.empty_cache()
```

## Count parameters

Sum the numbers of elements of all parameters.

## Save a model

Write the state dict with torch.save.
"""

TOOLS = """\
# Tools

## List files

The command ls lists files of a folder.

## 查看进程

用 top 查看进程。
"""


def ready(encoder: Encoder) -> Future[Encoder]:
    """Return an encoder as a searcher takes it."""
    future: Future[Encoder] = Future()
    future.set_result(encoder)
    return future


def read_in_rounds() -> None:
    """Have builds of this process commit after every two texts."""
    meaning.LONG_SECONDS = meaning.ROUND_SECONDS = meaning.ROUND_COSTS = 0.0
    meaning.AT_ONCE = 2


def uncalibrated(*_: object) -> Calibration:
    """Stand in for the calibration of the verdict, which costs more than the rest of a build."""
    return Calibration(
        measures=("similarity",),
        centre=(0.0,),
        spread=(1.0,),
        weights=(1.0,),
        bias=0.0,
        probes=(0.1, 0.2),
        own=(0.8, 0.9),
        chunks=1,
    )


class PassageEncoder(FakeEncoder):
    """Remembers passages alone: a build asks questions, too, to calibrate the verdict."""

    def encode_questions(self, questions: Sequence[str]) -> list[Embedding]:
        """Return the embeddings of questions."""
        before = len(self.encoded)
        found = super().encode_questions(questions)
        del self.encoded[before:]
        return found


@dataclass
class Case:
    """Notes, an index and a fake encoder that tells what was embedded."""

    folder: Path
    encoder: PassageEncoder = field(default_factory=PassageEncoder)
    writes: int = 0

    def __post_init__(self) -> None:
        self.notes = self.folder / "notes"
        self.index = self.folder / "index"
        self.model = self.folder / "model"
        if not self.model.exists():
            write_model(self.model)
        self.notes.mkdir(parents=True, exist_ok=True)

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a note, a second later than the one before."""
        file = self.notes / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        self.touch(path)
        return file

    def touch(self, path: str) -> None:
        """Give a note a new time of change, long ago."""
        self.writes += 1
        os.utime(self.notes / path, (0, FIRST_TIME + self.writes))

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text in a note."""
        text = (self.notes / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def build(
        self,
        *,
        full: bool = False,
        check: bool = False,
        wait: bool = False,
        index: Path | None = None,
    ) -> Report:
        """Bring the index up to date; with ``check`` as `assistant build` does."""
        chosen = self.settings
        return build(
            index or self.index,
            [
                Source(
                    self.notes / chosen.get("folder", ""),
                    date_order=chosen.get("date_order", ""),
                )
            ],
            self.model,
            full=full or chosen.get("full", False),
            check=check,
            wait=wait,
            late_interaction=chosen.get("late_interaction", True),
            open_encoder=lambda: self.encoder,
        )

    @property
    def settings(self) -> dict[str, Any]:
        """How builds are to go from now on, in other processes, too; see ``set``."""
        path = self.folder / "settings.json"
        found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def set(self, **settings: Any) -> None:  # noqa: ANN401 (whatever JSON takes)
        """Change how builds go: ``full``, ``late_interaction``, ``date_order``, the ``folder``.

        With ``rounds`` a child that is broken reads by meaning in rounds.
        """
        (self.folder / "settings.json").write_text(json.dumps(self.settings | settings))

    def ask(self, question: str, count: int = 5, index: Path | None = None) -> list[str]:
        """Return the paths and headings of the answers to a question, best first."""
        searcher = Searcher(index or self.index, ready(FakeEncoder(self.encoder.card)))
        try:
            results = ask(searcher, question, count).results
            return [f"{result.note}: {' > '.join(result.headings)}" for result in results]
        finally:
            searcher.close()

    def answers(self, questions: Sequence[str], index: Path | None = None) -> list[Any]:
        """Return the passages that answer some questions; how sure they are is left out."""
        searcher = Searcher(index or self.index, ready(FakeEncoder(self.encoder.card)))
        try:
            return [
                [(r.note, r.headings, r.lines, r.snippet, r.highlight, r.code) for r in found]
                for found in (ask(searcher, question).results for question in questions)
            ]
        finally:
            searcher.close()


def contents(index: Path) -> dict[str, Any]:
    """Return all that an index says, without rows, times and generations, in order."""
    with Snapshot(index) as snapshot:
        manifest = snapshot.manifest
        of_chunk = (
            " FROM chunks c JOIN entries e ON e.id = c.entry JOIN notes n ON n.id = e.note"
            " JOIN lexical l ON l.rowid = c.id JOIN vectors v ON v.digest = c.text_digest"
            " ORDER BY n.root, n.path, e.position, c.start"
        )
        rows = [row for (row,) in snapshot.query(f"SELECT c.id{of_chunk}")]
        kept = snapshot.query(f"SELECT v.vector{of_chunk}")
        vectors = unpacked(b"".join(v for (v,) in kept)).reshape(-1, DIMENSIONS)
        searched = vector_index.read(index / manifest.dense, manifest.chunks)
        found = [searched.reconstruct(row) for row in rows]
        assert np.array_equal(np.array(found).reshape(-1, DIMENSIONS), vectors)
        assert snapshot.query("SELECT count(*) FROM lexical") == [(len(rows),)]
        assert snapshot.query("PRAGMA integrity_check") == [("ok",)]
        return {
            "counts": (manifest.notes, manifest.entries, manifest.chunks),
            "skipped": manifest.skipped,
            "notes": snapshot.query(
                "SELECT root, path, size, modified_ns, digest, title, tags, date FROM notes"
                " ORDER BY root, path"
            ),
            "entries": snapshot.query(
                "SELECT n.path, e.position, e.digest, e.headings, e.first_line, e.text, e.body,"
                " e.blocks FROM entries e JOIN notes n ON n.id = e.note"
                " ORDER BY n.root, n.path, e.position"
            ),
            "chunks": snapshot.query(
                f"SELECT n.path, e.position, c.start, c.end, c.text_digest, l.headings,"
                f" l.body{of_chunk}"
            ),
            "words": snapshot.query("SELECT word, chunks FROM words ORDER BY word"),
            "vectors": vectors.tolist(),
            "states": snapshot.query(
                "SELECT n.path, e.position, c.start, s.pieces FROM chunks c"
                " JOIN entries e ON e.id = c.entry JOIN notes n ON n.id = e.note"
                " JOIN states s ON s.digest = c.text_digest"
                " ORDER BY n.root, n.path, e.position, c.start"
            ),
        }


def generation(index: Path) -> int:
    """Return the generation that a reader who comes now sees."""
    with Snapshot(index) as snapshot:
        return snapshot.manifest.generation


def as_stored(index: Path) -> dict[str, Any]:
    """Return the manifest as it is stored."""
    with Snapshot(index) as snapshot:
        ((content,),) = snapshot.query("SELECT content FROM manifest")
    fields: dict[str, Any] = json.loads(content)
    return fields


def put_manifest(index: Path, fields: dict[str, Any]) -> None:
    """Put a manifest into an index as anybody can who knows how its checksum is made."""
    content = json.dumps(fields)
    with closing(sqlite3.connect(index / DATABASE)) as connection, connection:
        connection.execute(
            "UPDATE manifest SET content = ?, checksum = ?", (content, tables.row_sum(content))
        )
