"""Whether twice as many workers embed twice as fast: a Ray cluster of 1, 2, ... cores, in turn.

    python benchmarks/workers.py NOTES... [--cores 2] [--rounds 2]

Counted from the first batch that comes back, so that neither the start of the cluster nor that of
the model is part of it. Prints the median rate for each number of cores, and its share of as many
times that of one; and what a text costs the workers of their processors, which does not depend on
who else computes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ray.cluster_utils import Cluster

from assistant import notes
from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL
from assistant.indexing.embedder import Embedder
from assistant.indexing.workers import Task, opened
from assistant.markdown import split_entries
from assistant.records import Note


def texts_of(embedder: Embedder, sources: list[Path]) -> dict[str, str]:
    """Return what a build of some notes would embed, by digest."""
    for file in notes.walk(notes.absolute(sources))[0]:
        note = notes.read(file)
        if isinstance(note, Note):
            for entry in split_entries(note.text, note.body_start):
                embedder.chunks(entry)
    return embedder.texts


def spent() -> float:
    """Return the processor seconds of all workers on this machine; Linux tells them."""
    found = 0.0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            if (process / "cmdline").read_bytes().startswith(b"ray::Worker"):
                ticks = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
                found += sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return found


def rate(texts: Mapping[str, str], task: Task, cores: int) -> tuple[float, float]:
    """Return how many texts a second a cluster of some cores embeds, and what one costs."""
    cluster: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    cluster.add_node(num_cpus=cores)
    os.environ["RAY_ADDRESS"] = cluster.address
    done, begin, before = 0, 0.0, 0.0
    try:
        with opened("ray") as workers:
            for batch, _ in workers.embed(texts, task):
                if begin:
                    done += len(batch.texts)
                else:
                    begin, before = time.perf_counter(), spent()
                cost = spent() - before
            return done / (time.perf_counter() - begin), cost / done
    finally:
        cluster.shutdown()


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("notes", nargs="+", type=Path)
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    embedder = Embedder(exported(DEFAULT_MODEL))
    texts = texts_of(embedder, chosen.notes)
    task = Task(DEFAULT_MODEL, embedder.card.fingerprint)
    counts = range(1, chosen.cores + 1)
    found: dict[int, list[tuple[float, float]]] = {cores: [] for cores in counts}
    for _ in range(chosen.rounds):
        for cores in counts:
            found[cores].append(rate(texts, task, cores))
    one = statistics.median(texts for texts, _ in found[1])
    for cores in counts:
        middle = statistics.median(texts for texts, _ in found[cores])
        cost = statistics.median(cost for _, cost in found[cores])
        print(
            f"{cores} cores: {middle:.1f} texts/s, {middle / (cores * one):.2f} of {cores} times"
            f" one core; {1000 * cost:.1f} ms of processor a text"
        )


if __name__ == "__main__":
    main()
