"""What searches the chunks of an index: the interface that an engine keeps to.

The catalog says what a chunk is and where it stands; an engine finds chunks by vector and by term.
The interface asks for no SQL, no files and no transactions: what ``put`` and ``remove`` were given
counts as one generation once ``commit`` has named it, and whoever has opened an earlier one goes on
to see that. The number of a chunk is given once and never again.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from assistant.embedding import Ids, Vectors

Alternatives = tuple[tuple[str, ...], ...]
"""A word as terms: a chunk holds it that has all terms of one alternative."""

Found = list[tuple[int, float]]
"""Chunks, each with its score, best first; equal ones in the order of their numbers."""

Depth = Literal["glance", "ids", "vectors"]
"""How closely to look for faults: as far as costs a question nothing, whether it holds the chunks
that it is to hold, or whether their vectors are those that were put."""

HEADING_WEIGHT, NAME_WEIGHT = 1.5, 1.5
"""How often a term of the heading path or of a name of the note counts, beside one of the text:
BM25F (Robertson, Zaragoza and Taylor 2004) with one length for all fields."""

BATCH = 1000
"""Chunks that an engine is given at once."""


class Vocabulary(Mapping[str, int]):
    """In how many chunks each term stands: looked up one by one, or read at once to be walked."""

    def __init__(self, count: Callable[[str], int], every: Callable[[], Mapping[str, int]]) -> None:
        """Read nothing yet.

        Args:
            count: Returns the number of one term; 0 for none.
            every: Returns the numbers of all terms.
        """
        self._count = count
        self._every = every

    @cached_property
    def _all(self) -> Mapping[str, int]:
        return self._every()

    def __getitem__(self, word: str) -> int:
        if count := self._count(word):
            return count
        raise KeyError(word)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def items(self) -> ItemsView[str, int]:
        """Return all terms with their numbers, read at once."""
        return self._all.items()


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A chunk as an engine takes it."""

    row: int
    """The number under which it is found."""
    vector: Vectors | None
    """Shape (d,), unit length; None for one that is found by its terms alone until it gets one."""
    heading_terms: str
    body_terms: str
    name_terms: str = ""
    """Of its heading path, its text, and the names of its note: index terms, between spaces; see
    ``analyzer.terms``."""


class Searches(Protocol):
    """The half of an engine that finds; it shows one generation."""

    def search_vectors(self, vectors: Vectors, count: int, among: Ids | None = None) -> list[Found]:
        """Return for each of some vectors the nearest chunks with their cosines.

        Args:
            vectors: Shape (n, d), unit length.
            count: Results for each at most.
            among: The only chunks to consider; None for all.

        Raises:
            IndexDamagedError: What it searches is missing or damaged.
        """

    def search_terms(
        self, terms: Sequence[str], count: int, among: Iterable[int] | None = None
    ) -> Found:
        """Return the chunks that hold any of some terms, with their BM25 (higher is better).

        Args:
            terms: From ``analyzer.query_terms``; none finds nothing.
            count: Results at most.
            among: The only chunks to consider; None for all.
        """

    def count(self, word: Alternatives, most: int) -> int:
        """Return how many chunks hold a word, counting no further than ``most``."""

    def holding(self, word: Alternatives, among: Iterable[int]) -> set[int]:
        """Return those of some chunks that hold a word."""

    def vocabulary(self) -> Mapping[str, int]:
        """Return the terms as they were put, unstemmed, and in how many chunks each stands."""

    def faults(self, depth: Depth) -> Iterator[str]:
        """Yield what is wrong with the generation, a line each."""


class Engine(Searches, Protocol):
    """An engine that the holder of the lock changes."""

    def put(self, chunks: Sequence[IndexedChunk]) -> None:
        """Take chunks in, whose numbers are above all that it has had."""

    def put_vectors(self, vectors: Mapping[int, Vectors]) -> None:
        """Take in the vectors of chunks that were put without, by number."""

    def remove(self, rows: Sequence[int]) -> None:
        """Take chunks out."""

    def clear(self) -> None:
        """Take all chunks out."""

    def commit(self, generation: int) -> Mapping[str, str]:
        """Make what was put and removed since the last time one generation, and show that.

        Returns:
            What the manifest has to say of it, so that a snapshot opens it: fields of ``Manifest``.

        Raises:
            IndexUnusableError: It cannot be kept.
        """

    def discard(self) -> None:
        """Give up the generation that was committed, since its manifest will not be."""
