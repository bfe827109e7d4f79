"""Entries that are close in meaning: those nearest to one, and pairs that say the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from assistant.embedding import Vectors, centroid
from assistant.language import analyzer
from assistant.records import Entry, StoredEntry
from assistant.results import DUPLICATE_THRESHOLD
from assistant.store import Snapshot

POOL = 10
"""Chunks searched for each entry wanted: an entry has several, and its own are among them."""

BLOCK = 1024
"""Entries compared with all others at once; what bounds the memory."""

ALLOWANCE = 0.1
"""How much closer entries have to be whose headings do not name exactly the same, ..."""

SURE = 0.83
"""... unless they are as close as this; see docs/quality.md."""

SECTION_ALLOWANCE = 0.2
"""What sections may fall short of it whose headings are close: they are longer, and more mixed."""

SECTION_ENTRIES = 12
"""Entries below a heading at most; a longer section is a chapter, which says many things."""

LEAST_SHARED = 0.4
"""Share of the shorter entry's words that the longer one holds too."""

LEAST_WORDS = 10
"""Distinct words of an entry that says enough to be said twice."""

NEIGHBOURHOOD = 3
"""Entries so near in one note are parts of one explanation, and alike for that."""

NAME = re.compile(
    r"[A-Za-z_][\w.]*(?=\()|\w+(?:[._]\w+)+|[a-z]*[A-Z]+[a-z0-9]+[A-Z0-9]\w*|[A-Za-z]+\d+[A-Za-z]*"
)
"""A name of a program in a heading: called, dotted, with underscores, CamelCase, with digits."""


@dataclass(frozen=True, slots=True)
class Similar:
    """An entry and how close it is to the one asked about."""

    similarity: float
    """Cosine of the two, in -1..1."""
    stored: StoredEntry


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that say the same, in the order of the notes."""

    similarity: float
    """Cosine of the two, in -1..1."""
    first: StoredEntry
    second: StoredEntry


def nearest(snapshot: Snapshot, entry: StoredEntry, count: int) -> list[Similar]:
    """Return the entries closest in meaning to one, best first.

    Args:
        snapshot: The index.
        entry: What they are compared with; it is not among them.
        count: Entries at most.

    Raises:
        IndexDamagedError: The file of vectors is damaged.
    """
    wanted = _vectors(snapshot, [entry.row]).get(entry.row)
    if wanted is None:
        return []
    (near,) = snapshot.engine.search_vectors(wanted[np.newaxis], POOL * (count + 1))
    rows = {place.entry for place in snapshot.places([chunk for chunk, _ in near]).values()}
    found = _vectors(snapshot, rows - {entry.row})
    ranked = sorted((-round(float(vector @ wanted), 5), row) for row, vector in found.items())
    return [Similar(-score, snapshot.entry(row)) for score, row in ranked[:count]]


def duplicates(snapshot: Snapshot, threshold: float = DUPLICATE_THRESHOLD) -> list[Pair]:
    """Return the pairs of entries that say the same, best first.

    Two entries are such a pair when their vectors are close and the headings either name the same
    function or class, or name none and the words agree. Headings that name different ones stand
    over siblings such as ``numpy.all()`` and ``numpy.any()``: they read alike and differ. Parts of
    one explanation are alike as well, and left out. An entry that says next to nothing itself
    stands for its section: what is below its heading has to be close, too.

    Args:
        snapshot: The index.
        threshold: Least cosine of a pair, in 0..1; see ``ALLOWANCE``.
    """
    sure = min(threshold + ALLOWANCE, max(threshold, SURE))
    heads = snapshot.entries()
    vectors = _vectors(snapshot, [head.row for head in heads])
    rows = sorted(vectors)
    if not rows:
        return []
    matrix = np.stack([vectors[row] for row in rows])
    positions = {head.row: (head.note, head.position) for head in heads}
    held: dict[int, StoredEntry] = {}
    sections: dict[int, list[int]] = {}
    pairs: list[Pair] = []
    for one, other, cosine in _close(matrix, threshold):
        first, second = sorted((rows[one], rows[other]), key=positions.__getitem__)
        (note, at), (other_note, other_at) = positions[first], positions[second]
        if note == other_note and other_at - at <= NEIGHBOURHOOD:
            continue
        for row in (first, second):
            if row not in held:
                held[row], sections[row] = _section(snapshot, row)
        if note == other_note and _parts_of_one(held[first].entry, held[second].entry):
            continue
        near = len(sections[first]) == len(sections[second]) == 1 or (
            float(_mean(vectors, sections[first]) @ _mean(vectors, sections[second]))
            >= sure - SECTION_ALLOWANCE
        )
        if near and _same(held[first], held[second], cosine - sure):
            pairs.append(Pair(cosine, held[first], held[second]))
    return sorted(pairs, key=lambda p: (-round(p.similarity, 5), p.first.row, p.second.row))


def _vectors(snapshot: Snapshot, entries: Iterable[int]) -> dict[int, Vectors]:
    """Return the mean vector of each entry's chunks, of unit length; entries without have none."""
    chunks = snapshot.chunks_of_entries(entries)
    vectors = snapshot.vectors([chunk for chunk, _ in chunks])
    groups: dict[int, list[Vectors]] = {}
    for chunk, entry in chunks:
        if chunk in vectors:
            groups.setdefault(entry, []).append(vectors[chunk])
    return {entry: centroid(np.stack(group)) for entry, group in groups.items()}


def _section(snapshot: Snapshot, row: int) -> tuple[StoredEntry, list[int]]:
    """Return an entry and its row; one of few words with text and rows of those below it."""
    stored = snapshot.entry(row)
    if len(_words(stored)) >= LEAST_WORDS or not stored.entry.headings:
        return stored, [row]
    steps = len(stored.entry.headings)
    later = snapshot.neighbours(row, 0, -1)[1:]
    below = [head.row for head in takewhile(lambda head: len(head.headings) > steps, later)]
    if len(below) > SECTION_ENTRIES:
        return stored, [row]
    text, line = stored.entry.text, stored.entry.first_line
    for entry in (snapshot.entry(one).entry for one in below):
        text += "\n" * (entry.first_line - line - text.count("\n")) + entry.text
    return replace(stored, entry=replace(stored.entry, text=text)), [row, *below]


def _mean(vectors: Mapping[int, Vectors], rows: Iterable[int]) -> Vectors:
    """Return the mean of the vectors of entries, of unit length."""
    return centroid(np.stack([vectors[row] for row in rows if row in vectors]))


def _close(matrix: Vectors, threshold: float) -> Iterator[tuple[int, int, float]]:
    """Yield the pairs of rows with at least a cosine, the lower row first.

    Args:
        matrix: Shape (n, d), rows of unit length.
        threshold: Least cosine.
    """
    for start in range(0, len(matrix), BLOCK):
        block = matrix[start : start + BLOCK] @ matrix[start:].T
        ones, others = np.nonzero(np.triu(block >= threshold, k=1))
        for one, other in zip(ones.tolist(), others.tolist(), strict=True):
            yield start + one, start + other, float(block[one, other])


def _parts_of_one(first: Entry, second: Entry) -> bool:
    """Return whether one entry stands below the other, or both below one that is not the top."""
    one, other = first.headings, second.headings
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), -1)
    return shared >= 2 or (shared < 0 and len(one) != len(other))


def _same(first: StoredEntry, second: StoredEntry, excess: float) -> bool:
    """Return whether two entries that are close in meaning say the same.

    Args:
        first: One.
        second: The other.
        excess: By how much their cosine is over the threshold.
    """
    words, other_words = _words(first), _words(second)
    if min(len(words), len(other_words)) < LEAST_WORDS:
        return False
    names, other_names = _names(first), _names(second)
    if names and names == other_names:
        return True
    if excess < 0 or (names and other_names):
        return excess >= 0 and bool(names & other_names)
    return len(words & other_words) >= LEAST_SHARED * min(len(words), len(other_words))


def _names(stored: StoredEntry) -> set[str]:
    """Return the names in an entry's heading, without what stands before their last dot."""
    headings: Sequence[str] = stored.entry.headings
    found = NAME.findall(headings[-1]) if headings else []
    return {name.rpartition(".")[2].lower().strip("_") for name in found} - {""}


def _words(stored: StoredEntry) -> set[str]:
    """Return the distinct words below an entry's heading."""
    return set(analyzer.terms(stored.entry.text[stored.entry.body :]))
