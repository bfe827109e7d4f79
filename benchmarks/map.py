"""How true the map of an index is: trustworthiness at 10, and where questions stand.

    python benchmarks/map.py INDEX [QUESTIONS.jsonl]

Trustworthiness (Venna and Kaski 2001) is 1 when the ten nearest points of each entry are among the
ten of the nearest vector, and less by how far in rank the others are. It is told of the map that
the index has, of one by principal components, and of entries that were written after a map was made
of the others. The questions are asked, and it is told how many points stand nearer to each than the
entry of its first result.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.embedding import Ids, Vectors, layout, means
from assistant.embedding.layout import tsne
from assistant.library import Notes
from assistant.settings import load
from assistant.store import Snapshot

NEAREST = 10
MOST = 2000
"""Entries whose neighbourhoods are looked at, evenly chosen."""


def trustworthiness(vectors: Vectors, places: Vectors, looked_at: Ids) -> float:
    """Return how far points that are near have vectors that are near, in 0..1."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    count, lost = len(unit), 0
    for row in looked_at.tolist():
        cosines = unit @ unit[row]
        cosines[row] = np.inf
        ranks = np.empty(count, np.int64)
        ranks[np.argsort(-cosines, kind="stable")] = np.arange(count)
        away = ((places - places[row]) ** 2).sum(axis=1)
        away[row] = np.inf
        near = np.argsort(away, kind="stable")[:NEAREST]
        lost += int(np.maximum(ranks[near] - NEAREST, 0).sum())
    return 1 - 2 * lost / (len(looked_at) * NEAREST * (2 * count - 3 * NEAREST - 1))


def placed_later(vectors: Vectors, later: Ids) -> Vectors:
    """Return a map of all vectors but some, with these placed among the others."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    first = np.setdiff1d(np.arange(len(unit)), later)
    places = np.zeros((len(unit), 2), np.float32)
    places[first] = tsne.arranged(vectors[first])
    known = {row: (float(x), float(y)) for row, (x, y) in zip(first, places[first], strict=True)}
    for row in later.tolist():
        cosines = unit[first] @ unit[row]
        best = np.argsort(-cosines)[: 4 * NEAREST]
        near = zip(first[best].tolist(), cosines[best].tolist(), strict=True)
        places[row] = layout.placing.place(near, known) or (0, 0)
    return places


def nearer(notes: Notes, questions: list[str]) -> Iterator[int]:
    """Yield how many points stand nearer to each question than the entry of its first result."""
    points = notes.points()
    places = np.array([(point.x, point.y) for point in points])
    number = {point.entry: at for at, point in enumerate(points)}
    for question in questions:
        answer = notes.ask(question, 1)
        row = notes.row_of(answer.results[0]) if answer.results else None
        if answer.verdict != "found" or row is None or not (at := notes.place_on_map(question)):
            continue
        away = ((places - at) ** 2).sum(axis=1)
        yield int((away < away[number[row]]).sum())


def main() -> None:
    """Measure and print."""
    index = Path(sys.argv[1])
    with Snapshot(index) as snapshot:
        batches = list(snapshot.chunk_vectors(snapshot.manifest.dimensions))
        vectors, rows = map(np.concatenate, zip(*batches, strict=True))
        owners = snapshot.entry_of_chunks()
        centres, entries = means(vectors, np.array([owners[row] for row in rows.tolist()]))
        points = snapshot.points()
    places = np.array([points[entry] for entry in entries.tolist()], np.float32)
    looked_at = np.arange(0, len(centres), max(len(centres) // MOST, 1))
    later = np.arange(0, len(centres), 5)
    begin = time.process_time()
    tsne.arranged(centres)
    took = time.process_time() - begin
    told = {
        "the map of the index": trustworthiness(centres, places, looked_at),
        "principal components": trustworthiness(centres, tsne.principal(centres), looked_at),
        "each fifth entry written later": trustworthiness(
            centres, placed_later(centres, later), np.intersect1d(later, looked_at)
        ),
    }
    print(f"{len(centres):,} entries, made in {took:.1f} s of processor time")
    print("trustworthiness at 10:")
    for what, value in told.items():
        print(f"  {what:32}{value:.3f}")
    if len(sys.argv) > 2:
        lines = Path(sys.argv[2]).read_text("utf-8").splitlines()
        questions = [json.loads(line)["question"] for line in lines]
        with Notes(replace(load.load(), index=index)) as notes:
            found = sorted(nearer(notes, questions))
        within = sum(count < NEAREST for count in found) / len(found)
        print(f"{len(found)} questions that are found: nearer than the first result stand")
        print(
            f"  {statistics.median(found):.0f} points at the median, fewer than 10 for {within:.0%}"
        )


if __name__ == "__main__":
    main()
