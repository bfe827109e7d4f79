"""Measure how fast texts become vectors, beside sentence-transformers on the very same texts.

    python benchmarks/encoding.py NOTES [--model NAME] [--texts 400] [--rounds 5] [--busy 2]

Both encode the texts that a build of the notes embeds, or some of them drawn by chance, in turn in
one process. With ``--busy``, each round is followed by one beside as many processes that do nothing
but compute: what the same work takes of the processor then should be little more.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import process
from sentence_transformers import SentenceTransformer

from assistant.embedding import DEFAULT_MODEL, OnnxEncoder, Vectors, export, find

Taken = dict[str, list[tuple[float, float]]]
"""Seconds by the clock and of the processor, of each round, by what took them."""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Time texts to vectors.")
    parser.add_argument("notes", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--texts", type=int, default=400, help="drawn by chance; 0 for all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--busy", type=int, default=0, help="processes that compute beside")
    chosen = parser.parse_args()
    texts = drawn(chosen.notes.absolute(), chosen.texts)
    encoder = OnnxEncoder(export.exported(chosen.model))
    peer = SentenceTransformer(str(find(chosen.model)), device="cpu")
    pieces = sum(encoder.count_pieces(texts))
    kinds: dict[str, Callable[[], Vectors]] = {
        "encode": lambda: np.asarray(peer.encode(texts, normalize_embeddings=True)),
        "ours": lambda: encoded(encoder, texts),
    }
    theirs, ours = (kind() for kind in kinds.values())
    cosines = np.einsum("ij,ij->i", theirs, ours)
    taken: Taken = {}
    for _ in range(chosen.rounds):
        timed(kinds, taken)
        if chosen.busy:
            with beside(chosen.busy):
                timed({f"{name}, busy": kind for name, kind in kinds.items()}, taken)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
    print(f"{len(texts):,} texts, {pieces:,} word pieces, {chosen.rounds} rounds, load {load:.1f}")
    print(f"cosine with encode: least {cosines.min():.6f}, mean {cosines.mean():.6f}")
    for name, rounds in taken.items():
        wall, cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(
            f"{name:<14} {wall:6.2f} s  processor {cpu:6.2f} s"
            f"  {pieces / wall:7,.0f} word pieces/s  {pieces / cpu:7,.0f} a second of processor"
            f"  {ratio(taken, name, 0):.2f} times encode by the clock,"
            f" {ratio(taken, name, 1):.2f} by processor"
        )


def drawn(notes: Path, count: int) -> list[str]:
    """Return some of the texts that a build of notes embeds."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        process.figures("texts.py", name, notes)
        texts: list[str] = json.loads((Path(name) / "texts.json").read_text(encoding="utf-8"))
    return random.Random(1).sample(texts, min(count or len(texts), len(texts)))


def encoded(encoder: OnnxEncoder, texts: list[str]) -> Vectors:
    """Return the vectors of texts as a build gets them."""
    found = dict(encoder.encode_passages(texts))
    return np.stack([found[at].vector for at in range(len(texts))])


def timed(kinds: dict[str, Callable[[], Vectors]], taken: Taken) -> None:
    """Let each have its turn."""
    for name, kind in kinds.items():
        wall, cpu = time.perf_counter(), time.process_time()
        kind()
        taken.setdefault(name, []).append((time.perf_counter() - wall, time.process_time() - cpu))


def ratio(taken: Taken, name: str, column: int) -> float:
    """Return how many times as fast as ``encode`` of the same rounds something was, the median."""
    peers = taken["encode, busy" if name.endswith("busy") else "encode"]
    pairs = zip(peers, taken[name], strict=True)
    return statistics.median(peer[column] / own[column] for peer, own in pairs)


@contextmanager
def beside(count: int) -> Iterator[None]:
    """Have processes compute for nothing meanwhile."""
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=compute, daemon=True) for _ in range(count)]
    for one in running:
        one.start()
    try:
        yield
    finally:
        for one in running:
            one.terminate()
            one.join()


def compute() -> None:
    """Compute until the process is ended."""
    number = 1
    while True:
        number = number * 48271 % 2147483647


if __name__ == "__main__":
    main()
