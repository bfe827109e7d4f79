"""The inverted file of ``vector_index`` against an exact search: recall and time.

    python benchmarks/dense.py INDEX [COUNT]

The vectors lie between two vectors of a real index each, with noise around them, as many as asked
for: clusters as in real notes, without gaps between them. So do the questions, with more noise.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from assistant.embedding.vectors import Vectors, unpacked
from assistant.store.local import vector_index

NEAREST = 10
QUESTIONS = 200
NOISE = 0.4
"""Length of the noise on a vector; that of the vector itself is 0.7 to 1."""

QUESTION_NOISE = 0.8
SHARES = (0.005, 0.01, 0.02, 0.05, 0.1)


def stored(index: Path) -> Vectors:
    """Return the vectors of an index, in order of their texts."""
    with sqlite3.connect(index / "index.sqlite3") as connection:
        rows = connection.execute("SELECT vector FROM vectors ORDER BY digest").fetchall()
    return unpacked(b"".join(blob for (blob,) in rows)).reshape(len(rows), -1)


def around(seeds: Vectors, count: int, noise: float, chance: np.random.Generator) -> Vectors:
    """Return unit vectors around points between two seeds."""
    share = chance.uniform(0, 0.5, (count, 1)).astype(np.float32)
    first, second = (seeds[chance.integers(len(seeds), size=count)] for _ in range(2))
    found: Vectors = (1 - share) * first + share * second
    for begin in range(0, count, 10_000):
        part = found[begin : begin + 10_000]
        part += chance.standard_normal(part.shape, np.float32) * noise / part.shape[1] ** 0.5
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return found


def timed(index: vector_index.Index, questions: Vectors) -> tuple[list[set[int]], float]:
    """Return what each question finds and the median milliseconds of one."""
    found, taken = [], []
    for question in questions:
        begin = time.perf_counter()
        near = vector_index.search(index, question, NEAREST)
        taken.append(time.perf_counter() - begin)
        found.append({row for row, _ in near})
    return found, 1000 * statistics.median(taken)


def main(index: Path, count: int) -> None:
    """Measure, and print the figures as JSON."""
    chance = np.random.default_rng(0)
    seeds = stored(index)
    vectors = around(seeds, count, NOISE, chance)
    questions = around(seeds, QUESTIONS, QUESTION_NOISE, chance)
    ids: npt.NDArray[np.int64] = np.arange(count)
    truth, exact = timed(vector_index.build(vectors, ids, exact_up_to=count), questions)
    begin = time.perf_counter()
    inverted: Any = vector_index.build(vectors, ids, exact_up_to=0)
    made = time.perf_counter() - begin
    shares = []
    for share in sorted({*SHARES, vector_index.PROBED_SHARE}):
        inverted.nprobe = max(1, round(inverted.nlist * share))
        found, taken = timed(inverted, questions)
        hits = [len(a & b) for a, b in zip(truth, found, strict=True)]
        recall = sum(hits) / (NEAREST * QUESTIONS)
        shares.append({"share": share, "recall": recall, "milliseconds": taken})
    print(
        json.dumps(
            {
                "count": count,
                "threads": faiss.omp_get_max_threads(),
                "exact": exact,
                "build": made,
                "cells": inverted.nlist,
                "chosen": vector_index.PROBED_SHARE,
                "shares": shares,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 250_000)
