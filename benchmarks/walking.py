"""What a question costs where there are many small notes: of an index as it is, and after an edit.

    python benchmarks/walking.py FOLDER NOTES            write the notes and build their index
    python benchmarks/walking.py FOLDER NOTES BEFORE     compare with another checkout, in turn

Each question is a process of its own. An edit is one to one note, its size another.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import scale

from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL
from assistant.indexing import build

HERE = Path(__file__).parents[1]

PAIRS = 7

WORDS = 40
"""Words of a note."""

NOTES_OF_FOLDER = 100

QUESTION = "how do I free GPU memory"


def note(folder: Path, number: int) -> Path:
    """Return the file of a note."""
    return folder / f"{number // NOTES_OF_FOLDER:03d}" / f"note-{number:05d}.md"


def write_notes(folder: Path, count: int) -> None:
    """Write notes of one entry each."""
    chance = np.random.default_rng(0)
    vocabulary = np.array([f"word{n:x}" for n in range(30_000)])
    vocabulary[scale.COMMONER : scale.COMMONER + len(scale.ASKED)] = scale.ASKED
    weights = 1 / np.arange(10, len(vocabulary) + 10)
    for number in range(count):
        words = chance.choice(vocabulary, WORDS, p=weights / weights.sum())
        file = note(folder, number)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = f"# {' '.join(words[:5])}\n\n{' '.join(words[5:])}.\n"
        file.write_text(text, encoding="utf-8")


def prepare(folder: Path, count: int) -> None:
    """Write notes and their index."""
    write_notes(folder / "notes", count)
    model = exported(DEFAULT_MODEL)
    build.build(
        folder / "index",
        [folder / "notes"],
        model,
        open_encoder=lambda: scale.RandomEncoder(model),
    )


def seconds(checkout: Path, folder: Path) -> float:
    """Return how long a question takes, as a checkout answers it."""
    begin = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "assistant", "--index", "index", "ask", "--json", QUESTION],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        check=False,
    )
    if ended.returncode not in (0, 1):
        raise SystemExit(ended.stderr.decode())
    return time.perf_counter() - begin


def edit(folder: Path) -> None:
    """Write a word more into the first note."""
    with note(folder / "notes", 0).open("a", encoding="utf-8") as file:
        file.write("more\n")


def compare(folder: Path, before: Path) -> dict[str, object]:
    """Return the medians of both checkouts, of pairs in turn."""
    record: dict[str, object] = {}
    for kind in ("unedited", "edited"):
        pairs = []
        for _ in range(PAIRS + 1):
            pair = []
            for checkout in (before, HERE):
                if kind == "edited":
                    edit(folder)
                pair.append(seconds(checkout, folder))
            pairs.append(pair)
        old, new = zip(*pairs[1:], strict=True)  # the first pair warms what the system keeps
        record[kind] = {
            "before": round(statistics.median(old), 3),
            "now": round(statistics.median(new), 3),
            "times faster": round(statistics.median(a / b for a, b in pairs[1:]), 2),
        }
    return record


if __name__ == "__main__":
    if len(sys.argv) > 3:
        print(json.dumps(compare(Path(sys.argv[1]), Path(sys.argv[3]).absolute())))
    else:
        prepare(Path(sys.argv[1]), int(sys.argv[2]))
