"""The public interface: notes, opened once, that answer questions and follow edits.

Little is imported until it is needed, so that ``Notes.opening`` opens the model meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from assistant import answering, embedding, indexing, notes, search, store
from assistant.errors import (
    IndexMissingError,
    ModelUnavailableError,
)
from assistant.library import sources as of_index
from assistant.library.open_index import OpenIndex
from assistant.library.reading import Reading
from assistant.records import Source
from assistant.settings import Settings, load

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Future

    from assistant.embedding import Encoder
    from assistant.indexing import Changes, Progress, Report
    from assistant.library.build_process import Counts
    from assistant.library.doctor import Checkup
    from assistant.library.status import Status
    from assistant.results import Answer, Filter
    from assistant.search import Searcher

T = TypeVar("T")


class Notes(Reading):
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
        self._open_encoder = open_encoder or embedding.background.open_encoder
        again, other = self._encoders(settings)
        super().__init__(OpenIndex(settings.index, again, encoder, other))
        self.settings = settings
        self._left_out: Changes | None = None

    @property
    def left_out(self) -> Changes:
        """What the index does not know yet of the notes, as of the last ``refresh``."""
        return self._left_out or indexing.Changes()

    @property
    def newer_notes(self) -> int:
        """How many notes of ``left_out`` are new or changed."""
        return len(self.left_out.newer)

    @property
    def has_notes(self) -> bool:
        """Whether there is any note to build from.

        Raises:
            ConfigError: Nobody ever said where the notes are.
            NotesUnreadableError: A folder is missing, or cannot be listed.
        """
        return bool(notes.walk(self.sources())[0])

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
            index: The index folder, or a server's address; None for what the settings say here.
            notes: Folders and files of notes, to build from; unless given, those that the index
                was built from by you. One from elsewhere answers, and follows none.
            model: A sentence-transformers model, by name or folder; the index's unless given.

        Raises:
            ConfigError: The settings file is wrong.
        """
        settings = load.load() if index is None else of_index.settings_of(of_index.place(index))
        if notes:
            settings = of_index.of_given(settings, list(map(Path, notes)))
        if model:
            settings = replace(settings, model=model, fetches=True)
        return cls(settings)

    @classmethod
    def apart(cls, settings: Settings) -> Self:
        """Open nothing yet, and the model in a process of its own: for who serves for long."""
        return cls(settings, open_encoder=embedding.background.open_encoder_apart)

    @classmethod
    def opening(cls, settings: Settings, *, few: bool = False) -> Self:
        """Begin to open the model, before what else a question needs is even imported.

        Args:
            settings: As for ``Notes``.
            few: For a question or two, see ``OnnxEncoder``; a build opens its own.
        """
        opened = embedding.background.open_encoder(settings.model, few=few, fetch=settings.fetches)
        return cls(settings, opened)

    def open_model(self) -> None:
        """Begin to open the model; nothing waits for it before the first question."""
        _ = self._index.model

    def follow(self, settings: Settings) -> None:
        """Take the notes and the model of other settings from now on."""
        with self._index.lock:
            if settings.model != self.settings.model:
                self._index.change_model(*self._encoders(settings))
            self.settings = of_index.following(self.settings, settings)

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
            note: Only notes whose path matches this glob, or lies in this folder (``work/``); or
                the one that is called so, as in ``entry``.
            tags: Only notes that have each of these tags; ``a`` is also ``a/b``.
            since: Only notes of this day, month or year (``2026-03``) or later.
            until: Only notes of this day, month or year or earlier.
            limits: All of these at once, in place of them.
            why: Say of the verdict and of each passage what speaks for it.
            refresh: Look first whether notes have changed; see ``refresh``.

        Raises:
            UsageError: The question is empty, a date is none, or the count is not positive.
            NotFoundError: No note is within the limits.
            IndexUnusableError: There is no index and no notes to build it from, or it is damaged.
            ModelUnavailableError: The model cannot be opened.
        """
        from assistant.library import limits as narrowing
        from assistant.library.refresh import is_cut_otherwise

        wanted = narrowing.of(note, tags, since, until, limits)
        count = narrowing.checked(count)
        self._index.retry_model()
        with self._index.in_use():
            searcher = self._refreshed() if refresh else self._index.newest()
            among = narrowing.within(searcher.snapshot, wanted, search.filters.chunks)
            found = answering.answer.ask(searcher, question, count, why=why, among=among)
            if found.hindered == "notes" and found.verdict != "found":
                store.index_at(self.settings.index).note_asked_in_others()
            return replace(
                found,
                newer_notes=self.newer_notes,
                gone_notes=len(self.left_out.gone),
                unreadable=self.left_out.unreadable,
                unfollowed=self.left_out.unfollowed,
                built_otherwise=is_cut_otherwise(searcher),
            )

    def refresh(self, progress: Progress | None = None) -> None:
        """Build the index if there is none, and take in notes that changed since, when few.

        Raises:
            AssistantError: There is no usable index, or no notes to make one of.
        """
        self._index.retry_model()
        with self._index.in_use():
            self._refreshed(progress)

    def take_in_edits(self, progress: Progress | None = None) -> Changes:
        """Take in notes that changed since the build as a question does; return what stays out.

        Unlike ``refresh`` it opens the model only where some did, and builds no missing index.
        """
        from assistant.library import refresh

        with self._index.snapshot() as snapshot:
            self._left_out = refresh.changes(self.settings, snapshot)
        if self._left_out.count and not self._left_out.unreadable:
            with suppress(ModelUnavailableError):
                self.refresh(progress)
        return self.left_out

    def build(
        self,
        notes: Sequence[Path | Source] = (),
        *,
        full: bool = False,
        check: bool = True,
        wait: bool = False,
        progress: Progress | None = None,
        workers: str = "",
    ) -> Report:
        """Bring the index up to date; only texts never seen are embedded.

        Args:
            notes: Folders and files; those that the index follows unless given, see ``sources``.
            full: Read and cut every note again.
            check: Look first whether everything in the index is whole, which takes a moment.
            wait: Wait for another process that builds to end.
            progress: Called with (stage, done, total) as it goes.
            workers: ``ray`` or ``ray://HOST:PORT``: a cluster whose cores embed.

        Raises:
            ConfigError: Nobody ever said where the notes are.
            NotesUnreadableError: None of the notes can be read.
            IndexUnusableError: The index cannot be written, or another process builds it.
            ModelUnavailableError: The model cannot be opened.
        """
        from assistant.library.refresh import rebuild

        sources = of_index.of_build(self.settings, notes) if notes else self.sources()
        self._index.wait_for_model()
        return rebuild(
            self.settings,
            sources,
            full=full,
            check=check,
            wait=wait,
            progress=progress,
            open_encoder=lambda: self._index.model.result(),
            workers=workers,
        )

    def build_apart(self, progress: Callable[[int, int], None]) -> Counts:
        """Bring the index up to date in a process of its own, which gives its memory back.

        Args:
            progress: Called with how many word pieces are embedded, and of how many.

        Raises:
            AssistantError: As for ``build``.
            CalledProcessError: It broke off; its traceback is on standard error.
        """
        from assistant.library import build_process

        self._index.retry_model()
        self._index.model.result()  # it may be exporting the model, which only one process can do
        return build_process.build(self.settings, self.sources(), progress)

    def watch(
        self,
        tell: Callable[[str], None],
        stop: threading.Event | None = None,
        load: Callable[[], Settings] | None = None,
    ) -> None:
        """Build at every save until told to stop, or interrupted.

        Args:
            tell: Takes one line for each thing worth knowing.
            stop: Set to end it.
            load: Returns the settings as they are now, to follow the notes that they name.

        Raises:
            ConfigError: Nobody ever said where the notes are.
            ModelUnavailableError: The model cannot be opened.
        """
        from assistant.library.watcher import Watcher

        self._index.model.result()
        Watcher(self, self.sources(), tell, load).run(stop)

    def status(self) -> Status:
        """Return what the index holds and how far it is behind the notes.

        Raises:
            IndexUnusableError: There is none, or it cannot be read.
        """
        from assistant.library import status

        return status.of(self.settings)

    def examine(self) -> Checkup:
        """Look whether all that a build and a question need is there and whole; change nothing."""
        from assistant.library import doctor

        return doctor.examine(self.settings)

    def sources(self) -> tuple[Source, ...]:
        """Return the folders and files of notes that the index follows, with names and patterns.

        Raises:
            ConfigError: Nobody ever said where the notes are.
        """
        return of_index.followed(self.settings)

    def usual_sources(self) -> tuple[Source, ...]:
        """Return what the index is of when no build names others: the settings', or its own.

        Raises:
            ConfigError: Nobody ever said where the notes are.
        """
        return of_index.of_build(self.settings)

    def place_on_map(self, question: str) -> tuple[float, float] | None:
        """Return where a question lies on the map, see ``points``; None where there is none.

        Raises:
            IndexUnusableError: There is no index, or it is damaged.
            ModelUnavailableError: The model cannot be opened.
        """
        return self.lend_to(lambda searcher: searcher.place_on_map(question))

    def lend_to(self, work: Callable[[Searcher], T]) -> T:
        """Return what a function makes of the newest state of the index, ready to be searched.

        For those who measure and explain; what is asked meanwhile is of the same state.

        Raises:
            IndexUnusableError: There is no index, or it is damaged.
        """
        self._index.retry_model()
        with self._index.in_use():
            return work(self._index.newest())

    def close(self) -> None:
        """Let go of the index for good: what is asked later raises ValueError."""
        self._index.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _encoders(
        self, settings: Settings
    ) -> tuple[Callable[[], Future[Encoder]], Callable[[], Encoder] | None]:
        """Return what opens the model of some settings, and the encoder of other languages."""
        again = partial(self._open_encoder, settings.model, fetch=settings.fetches)
        return again, indexing.scope.encoder(settings.multilingual, settings.model)

    def _refreshed(self, progress: Progress | None = None) -> Searcher:
        """Return the index with the notes as they are now, see ``refresh``."""
        from assistant.library import refresh

        if (searcher := self._index.in_outer_use) is not None:
            return searcher
        try:
            searcher = self._index.newest()
        except IndexMissingError:
            refresh.check_that_nobody_builds(self.settings.index)
            if not self.settings.notes:
                raise
            self._index.model.result()  # it may be exporting it; the build opens its own, for many
            refresh.first_build(self.settings, progress)
            searcher = self._index.newest()
        try:
            self._left_out = refresh.catch_up(
                self.settings, searcher, self._index.model, progress, self._left_out
            )
        except BaseException:
            self._index.close()  # what could not be opened anew is not to be asked again
            raise
        if searcher.snapshot.manifest.unread and self.settings.background:
            from assistant.library import build_process

            build_process.leave_the_rest(self.settings, searcher)
        return searcher
