"""The public interface: notes, opened once, that answer questions and follow edits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from assistant.embedding import background
from assistant.errors import IndexDamagedError, IndexMissingError, IndexUnusableError
from assistant.indexing import Changes
from assistant.library import session
from assistant.records import Filter, Source, StoredEntry
from assistant.settings import Settings, load
from assistant.store import Index, Snapshot, last_sources

if TYPE_CHECKING:
    from assistant.embedding import Encoder
    from assistant.indexing import Progress, Report
    from assistant.library.status import Status
    from assistant.records import Answer, NoteSummary
    from assistant.search import Pair, Searcher, Similar


class Notes:
    """An index of notes and its model, for any number of questions, from any thread.

    Questions are answered one at a time; another thread or process may build meanwhile.

    Example:
        >>> with Notes.open("index") as notes:
        ...     answer = notes.ask("how do I free GPU memory")
        >>> answer.verdict
        'found'
    """

    def __init__(
        self,
        settings: Settings,
        encoder: Future[Encoder] | None = None,
        *,
        open_encoder: Callable[..., Future[Encoder]] | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            settings: Where the notes and the index are; see ``load.load`` and ``Notes.open``.
            encoder: The model, where the caller opens it.
            open_encoder: Opens the model by its name, at need or again after a failure; by a
                thread of this process unless given. Told by ``fetch`` whether it may be fetched.
        """
        self.settings = settings
        self.left_out = Changes()
        """What the index does not know yet of the notes, as of the last ``refresh``."""
        self._encoder = encoder
        self._open_encoder = open_encoder or background.open_encoder
        self._lock = threading.RLock()
        self._searcher: Searcher | None = None
        self._uses = 0
        """How many uses of the index are under way, one inside the other."""

    @property
    def encoder(self) -> Future[Encoder]:
        """The model, opened by a thread from the first look on; who uses it waits for it."""
        with self._lock:
            self._encoder = self._encoder or self._open_encoder(
                self.settings.model, fetch=self.settings.fetches
            )
            return self._encoder

    @property
    def newer_notes(self) -> int:
        """Notes that the index does not know yet, as of the last ``refresh``."""
        return len(self.left_out.newer)

    @property
    def has_index(self) -> bool:
        """Whether a build ever ended, even if what it wrote is damaged by now."""
        try:
            with Index(self.settings.index).snapshot():
                return True
        except IndexUnusableError as error:
            return isinstance(error, IndexDamagedError)

    @classmethod
    def open(
        cls,
        index: str | Path | None = None,
        notes: Sequence[str | Path] = (),
        *,
        model: str = "",
    ) -> Self:
        """Open an index.

        Args:
            index: The index folder; None for the settings that the command line has here.
            notes: Folders and files of notes, to build from; unless given, those that the index
                was built from by you. One from elsewhere answers, and follows none.
            model: A sentence-transformers model, by name or folder; the index's unless given.

        Raises:
            ConfigError: The settings file is wrong.
        """
        settings = load.load() if index is None else _settings_of(Path(index).expanduser())
        if notes:
            paths = (Path(note).expanduser().absolute() for note in notes)
            given = tuple(session.given_folder(settings, path) for path in paths)
            settings = replace(settings, notes=given, index_named=False)
        if model:
            settings = replace(settings, model=model, fetches=True)
        return cls(settings)

    @classmethod
    def apart(cls, settings: Settings) -> Self:
        """Open nothing yet, and the model in a process of its own: for who serves for long."""
        return cls(settings, open_encoder=background.open_encoder_apart)

    def open_model(self) -> None:
        """Begin to open the model; nothing waits for it before the first question."""
        _ = self.encoder

    def follow(self, sources: Sequence[Source]) -> None:
        """Take other notes for those of the settings from now on."""
        with self._lock:
            self.settings = replace(self.settings, notes=tuple(sources))

    def ask(
        self,
        question: str,
        count: int = 5,
        *,
        note: str = "",
        tags: Sequence[str] = (),
        since: str = "",
        until: str = "",
        limits: Filter | None = None,
        why: bool = False,
        refresh: bool = True,
    ) -> Answer:
        """Answer a question with passages of the notes.

        Args:
            question: In plain words, English or Chinese.
            count: Passages at most.
            note: Only notes whose path matches this glob, or lies in this folder (``work/``).
            tags: Only notes that have each of these tags; ``a`` is also ``a/b``.
            since: Only notes of this day, month or year (``2026-03``) or later.
            until: Only notes of this day, month or year or earlier.
            limits: All of these at once, in place of them.
            why: Say of the verdict and of each passage what speaks for it.
            refresh: Look first whether notes have changed; see ``refresh``.

        Raises:
            UsageError: The question is empty, or a date is none.
            NotFoundError: No note is within the limits.
            IndexUnusableError: There is no index and no notes to build it from, or it is damaged.
            ModelUnavailableError: The model cannot be opened.
        """
        with self.searcher(refresh=refresh) as searcher:
            from assistant.answering import answer
            from assistant.search import filters

            limits = limits or Filter(note, tuple(tags), since=since, until=until)
            among = filters.chunks(searcher.snapshot, limits)
            return replace(
                answer.ask(searcher, question, count, why=why, among=among),
                newer_notes=len(self.left_out.newer),
                gone_notes=len(self.left_out.gone),
                unreadable=self.left_out.unreadable,
                unfollowed=self.left_out.unfollowed,
                built_otherwise=session.is_cut_otherwise(searcher),
            )

    def refresh(self, progress: Progress | None = None) -> None:
        """Build the index if there is none, and take in notes that changed since, when few.

        Raises:
            AssistantError: There is no usable index, or no notes to make one of.
        """
        self.retry_model()
        with self._in_use():
            self._refreshed(progress)

    def build(
        self,
        notes: Sequence[Path | Source] = (),
        *,
        full: bool = False,
        check: bool = True,
        progress: Progress | None = None,
    ) -> Report:
        """Bring the index up to date; only texts never seen are embedded.

        Args:
            notes: Folders and files; those of the settings or of the last build unless given.
            full: Read and cut every note again.
            check: Look first whether everything in the index is whole, which takes a moment.
            progress: Called with (stage, done, total) as it goes.

        Raises:
            ConfigError: Nobody ever said where the notes are.
            NotesUnreadableError: None of the notes can be read.
            IndexUnusableError: The index cannot be written, or another process builds it.
            ModelUnavailableError: The model cannot be opened.
        """
        sources = session.sources_of(self.settings, notes) if notes else self.sources()
        return session.rebuild(
            self.settings,
            sources,
            full=full,
            check=check,
            progress=progress,
            encoder=self.encoder,
        )

    def status(self) -> Status:
        """Return what the index holds and how far it is behind the notes.

        Raises:
            IndexUnusableError: There is none, or it cannot be read.
        """
        return session.status_of(self.settings)

    def sources(self) -> tuple[Source, ...]:
        """Return the folders and files of notes that the index follows, with names and patterns.

        Raises:
            ConfigError: Nobody ever said where the notes are.
        """
        return session.followed(self.settings)

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
        from assistant.search import filters

        limits = limits or Filter(note, tuple(tags), since=since, until=until)
        with self.snapshot() as snapshot:
            return browse.summaries(snapshot, filters.notes(snapshot, limits))

    def entries(self, note: str) -> list[StoredEntry]:
        """Return all entries of a note, as they were when it was indexed, in order.

        Args:
            note: Path of the note in the index, the end of it, or its path on the disk; where none
                is meant, its title or another name of its front matter.

        Raises:
            NotFoundError: There is no such note.
            UsageError: Several are called so.
        """
        from assistant.search import locate

        with self.snapshot() as snapshot:
            return locate.entries(snapshot, note)

    def entry(self, note: str, line: int = 0) -> StoredEntry:
        """Return the entry at a line of a note, as it was when it was indexed.

        Args:
            note: As for ``entries``, or with the line: ``NOTE:LINE``.
            line: From 1; 0 for the note's first entry.

        Raises:
            NotFoundError: There is no such note or line.
            UsageError: Several notes are called so.
        """
        from assistant.search import locate

        with self.snapshot() as snapshot:
            return locate.find(snapshot, _place(note, line))

    def locate(self, note: str) -> tuple[Path, int]:
        """Return the file of a note, and the line that is named or else its first entry's.

        Args:
            note: ``NOTE``, ``NOTE:LINE`` or ``NOTE:LINE-LINE``, as for ``entry``.

        Raises:
            NotFoundError: There is no such note or line.
            UsageError: Several notes are called so.
        """
        from assistant.search import locate

        stored = self.entry(note)
        line = next((line for _, line in reversed(locate.readings(note)) if line), 0)
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
        from assistant.search import locate

        with self.snapshot() as snapshot:
            return locate.around(snapshot, locate.find(snapshot, _place(note, line)).row, context)

    def similar(self, note: str, line: int = 0, count: int = 10) -> list[Similar]:
        """Return the entries closest in meaning to the one that ``entry`` returns, best first.

        Raises:
            NotFoundError: There is no such note or line.
            UsageError: Several notes are called so.
        """
        from assistant.search import locate, similar

        with self.snapshot() as snapshot:
            return similar.nearest(snapshot, locate.find(snapshot, _place(note, line)), count)

    def duplicates(self, threshold: float | None = None) -> list[Pair]:
        """Return the pairs of entries that seem to say the same, best first.

        Args:
            threshold: Least cosine of a pair, in 0..1; None for the usual one.
        """
        from assistant.search import similar

        with self.snapshot() as snapshot:
            return similar.duplicates(
                snapshot, similar.THRESHOLD if threshold is None else threshold
            )

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Lend the newest state of the index, to one thread at a time; no model is opened.

        Raises:
            IndexUnusableError: There is none, or it is damaged.
        """
        with self._in_use():
            if self._searcher is not None:
                yield self._newest().snapshot
            else:
                with Index(self.settings.index).snapshot() as snapshot:
                    yield snapshot

    @contextmanager
    def searcher(self, *, refresh: bool = True) -> Iterator[Searcher]:
        """Lend the index ready for searches of one's own, to one thread at a time.

        What is asked of these notes meanwhile is of the same state.

        Args:
            refresh: Look first whether notes have changed; else the newest build is enough.

        Raises:
            AssistantError: There is no usable index, or no notes to make one of.
        """
        self.retry_model()
        with self._in_use():
            yield self._refreshed() if refresh else self._newest()

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Keep others out; let go of the state of the index when the outermost use ends.

        While one is held, a writer cannot clear its log away.
        """
        with self._lock:
            self._uses += 1
            try:
                yield
            finally:
                self._uses -= 1
                if self._searcher is not None and not self._uses:
                    self._searcher.pause()

    def retry_model(self) -> None:
        """Forget a model that could not be opened; the user may have fixed it since."""
        with self._lock:
            model = self._encoder
            if self._uses or model is None or not model.done():
                return
            if model.exception() is not None:
                self.close()
                self._encoder = None

    def close(self) -> None:
        """Let go of the index."""
        with self._lock:
            if self._searcher is not None:
                self._searcher.close()
                self._searcher = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refreshed(self, progress: Progress | None = None) -> Searcher:
        """Return the index with the notes as they are now, see ``refresh``."""
        if self._uses > 1 and self._searcher is not None:
            return self._searcher  # as those have it who use it already
        try:
            searcher = self._newest()
        except IndexMissingError:
            if not self.settings.notes:
                raise
            self.encoder.result()  # it may be exporting the model, which only one thread can do
            # The encoder at hand may be one for few texts: the build opens its own.
            session.rebuild(self.settings, self.settings.notes, progress=progress)
            searcher = self._newest()
        try:
            self.left_out = session.catch_up(self.settings, searcher, self.encoder, progress)
        except BaseException:
            self.close()  # what could not be opened anew is not to be asked again
            raise
        return searcher

    def _newest(self) -> Searcher:
        """Return the index, opened anew when another generation is there."""
        if self._searcher is None:
            from assistant.search import Searcher

            self._searcher = Searcher(self.settings.index, self.encoder)
            return self._searcher
        try:
            self._searcher.resume()
        except BaseException:
            self.close()
            raise
        return self._searcher


def _place(note: str, line: int) -> str:
    """Return a note and a line as users write them."""
    return f"{note}:{line}" if line else note


def _settings_of(index: Path) -> Settings:
    """Return settings for an index by itself: its own model, its own notes."""
    settings = Settings(index=index.absolute(), index_named=True)
    try:
        with Index(settings.index).snapshot() as snapshot:
            manifest = snapshot.manifest
    except IndexUnusableError:  # a build repairs it
        return replace(settings, notes=last_sources(settings.index))
    return replace(
        settings,
        notes=manifest.named(settings.index).sources,
        model=manifest.model,
        fetches=False,  # anybody may have written that name
        late_interaction=manifest.late_interaction,
    )
