"""What the index holds, read without asking: none of it opens the model.

A question imports this before the model is opened, hence next to nothing at the top.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from assistant import search, store
from assistant.errors import ConfigError, IndexDamagedError, IndexUnusableError
from assistant.results import DUPLICATE_THRESHOLD

if TYPE_CHECKING:
    from assistant.library.browse import Choices, EntryView, Point, Region
    from assistant.library.completion import Wanted
    from assistant.library.open_index import OpenIndex
    from assistant.records import EntryHead, NoteSummary, StoredEntry
    from assistant.results import Filter, Result
    from assistant.search import Pair, Similar


class Reading:
    """Notes as their index has them.

    Every method raises IndexUnusableError when there is no index, or it is damaged. Rows of
    entries are good for one generation of the index; ``find_again`` leads over to the next.
    """

    def __init__(self, index: OpenIndex) -> None:
        """Read nothing yet."""
        self._index = index

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold one state of the index: what is read meanwhile, by this thread alone, is of it."""
        with self._index.snapshot():
            yield

    def let_go(self) -> None:
        """Let go of the index until it is used again."""
        self._index.close()

    @property
    def generation(self) -> int:
        """Number of the newest build that changed something."""
        with self._index.snapshot() as snapshot:
            return snapshot.manifest.generation

    @property
    def has_index(self) -> bool:
        """Whether a build ever ended, even if what it wrote is damaged by now."""
        try:
            with store.Index(self._index.folder).snapshot():
                return True
        except IndexUnusableError as error:
            return isinstance(error, IndexDamagedError)

    @property
    def share_read(self) -> float:
        """Share of the index that is read by meaning, in 0..1; see ``Answer.read``."""
        with self._index.snapshot() as snapshot:
            return snapshot.manifest.share_read

    @property
    def is_read_on(self) -> bool:
        """Whether a process in the background reads by meaning what is not read yet."""
        try:
            return store.Index(self._index.folder).is_read_on
        except (ConfigError, IndexUnusableError):
            return False

    def list_notes(
        self,
        *,
        note: str = "",
        tags: Sequence[str] = (),
        since: str = "",
        until: str = "",
        limits: Filter | None = None,
    ) -> list[NoteSummary]:
        """Return the notes of the index in order of path; the limits are those of ``ask``.

        Raises:
            UsageError: A date is none.
            NotFoundError: No note is within the limits.
            IndexUnusableError: There is no index, or it is damaged.
        """
        from assistant.library import browse
        from assistant.library import limits as narrowing

        wanted = narrowing.of(note, tags, since, until, limits)
        with self._index.snapshot() as snapshot:
            return browse.summaries(
                snapshot, narrowing.within(snapshot, wanted, search.filters.notes)
            )

    def choices(self) -> Choices:
        """Return the notes, folders, tags and languages that a question may be limited to."""
        from assistant.library import browse

        with self._index.snapshot() as snapshot:
            return browse.choices(snapshot)

    def examples(self, count: int) -> list[str]:
        """Return headings to ask: questions where there are enough, from many notes."""
        from assistant.library import browse

        with self._index.snapshot() as snapshot:
            return browse.examples(snapshot, count)

    def complete(self, wanted: Wanted, word: str) -> tuple[str, list[tuple[str, str]]]:
        """Return what a word that is being typed may become, see ``completion.of``.

        Raises:
            UsageError: The note's name is of several.
        """
        from assistant.library import completion

        with self._index.snapshot() as snapshot:
            return completion.of(snapshot, wanted, word)

    def outlines(self) -> list[tuple[NoteSummary, list[EntryHead]]]:
        """Return every note with its entries, both in order."""
        from assistant.library import browse

        with self._index.snapshot() as snapshot:
            return browse.outlines(snapshot)

    def points(self) -> list[Point]:
        """Return every entry as a point of the map, in order of the notes."""
        from assistant.library import browse

        with self._index.snapshot() as snapshot:
            return browse.points(snapshot)

    def regions(self, shown: Sequence[Point]) -> list[Region]:
        """Return where points of the map, see ``points``, lie close together, and what they say."""
        from assistant.library import browse

        with self._index.snapshot() as snapshot:
            return browse.regions(snapshot, shown)

    def entries(self, note: str) -> list[StoredEntry]:
        """Return all entries of a note, as they were when it was indexed, in order.

        Args:
            note: Path of the note in the index, the end of it, or its path on the disk.

        Raises:
            NotFoundError: There is no such note.
            UsageError: Several are called so.
        """
        with self._index.snapshot() as snapshot:
            return search.locate.entries(snapshot, note)

    def whole(self, note: str) -> StoredEntry | None:
        """Return a note as one entry, its front matter left out; None where a line is named.

        Args:
            note: As for ``entry``.

        Raises:
            UsageError: Several notes are called so.
        """
        from assistant.library import browse

        with self._index.snapshot() as snapshot:
            found = search.locate.whole(snapshot, note)
            return browse.joined(snapshot, found) if found else None

    def outline(self, note: str) -> list[EntryHead]:
        """Return the entries of a note without their text, in order.

        Args:
            note: As for ``entries``.

        Raises:
            NotFoundError: There is no such note.
            UsageError: Several are called so.
        """
        with self._index.snapshot() as snapshot:
            return search.locate.outline(snapshot, note)

    def entry(self, note: str, line: int = 0) -> StoredEntry:
        """Return the entry at a line of a note, as it was when it was indexed.

        Args:
            note: As for ``entries``, or with the line: ``NOTE:LINE``.
            line: From 1; 0 for the note's first entry.

        Raises:
            NotFoundError: There is no such note or line.
            UsageError: Several notes are called so.
        """
        with self._index.snapshot() as snapshot:
            return search.locate.find(snapshot, _place(note, line))

    def locate(self, note: str) -> tuple[Path, int]:
        """Return the file of a note, and the line that is named or else its first entry's.

        Args:
            note: ``NOTE``, ``NOTE:LINE`` or ``NOTE:LINE-LINE``, as for ``entry``.

        Raises:
            NotFoundError: There is no such note or line.
            UsageError: Several notes are called so.
        """
        stored = self.entry(note)
        readings = search.locate.readings(note)
        line = next((line for _, line in reversed(readings) if line), 0)
        return stored.file.absolute, line or stored.entry.first_line

    def around(self, note: str, line: int = 0, context: int = 1) -> list[StoredEntry]:
        """Return the entry that ``entry`` does with those before and after it in its note.

        Args:
            note: As for ``entry``.
            line: As for ``entry``.
            context: Neighbours on either side at most.

        Raises:
            NotFoundError: There is no such note or line.
            UsageError: Several notes are called so.
        """
        with self._index.snapshot() as snapshot:
            row = search.locate.find(snapshot, _place(note, line)).row
            return search.locate.around(snapshot, row, context)

    def similar(self, note: str, line: int = 0, count: int = 10) -> list[Similar]:
        """Return the entries closest in meaning to the one that ``entry`` returns, best first.

        Raises:
            NotFoundError: There is no such note or line.
            UsageError: Several notes are called so.
        """
        with self._index.snapshot() as snapshot:
            stored = search.locate.find(snapshot, _place(note, line))
            return search.similar.nearest(snapshot, stored, count)

    def duplicates(self, threshold: float = DUPLICATE_THRESHOLD) -> list[Pair]:
        """Return the pairs of entries that seem to say the same, best first.

        Args:
            threshold: Least cosine of a pair, in 0..1.
        """
        with self._index.snapshot() as snapshot:
            return search.similar.duplicates(snapshot, threshold)

    def view(self, row: int, related: int) -> EntryView:
        """Return an entry with those before and after it, and some that are close in meaning.

        Args:
            row: Of the entry.
            related: Entries close in meaning at most.
        """
        from assistant.library import browse

        with self._index.snapshot() as snapshot:
            return browse.view(snapshot, row, related)

    def row_of(self, result: Result) -> int | None:
        """Return the entry that a passage stands in; None when its note has gone since."""
        from assistant.library import browse

        with self._index.snapshot() as snapshot:
            return browse.entry_at(snapshot, result.absolute, result.lines[0])

    def find_again(self, old: StoredEntry) -> int | None:
        """Return the entry that an earlier generation knew: by its headings, else by its line."""
        from assistant.library import browse

        with self._index.snapshot() as snapshot:
            return browse.find_again(snapshot, old)


def _place(note: str, line: int) -> str:
    """Return a note and a line as users write them."""
    return f"{note}:{line}" if line else note
