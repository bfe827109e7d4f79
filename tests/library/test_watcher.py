"""Tests of `assistant watch`: what makes it build, what it says, and the files that start it."""

from __future__ import annotations

import os
import plistlib
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from notes_of_page import write
from project import ROOT

from assistant.cli import autostart
from assistant.errors import IndexBusyError, NotesUnreadableError, UsageError
from assistant.indexing.up_to_date import Report
from assistant.library import watcher as watch
from assistant.library.api import Notes
from assistant.library.watcher import Watcher
from assistant.records import Skipped, Source
from assistant.settings import load as config
from assistant.settings.load import Settings
from assistant.store.manifest import Manifest

PATIENCE = 60.0
"""Seconds that a loaded machine may take for what takes a moment."""


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def report(
    read: int = 0, embedded: int = 0, removed: int = 0, skipped: tuple[Skipped, ...] = ()
) -> Report:
    """Return what a build did, with no index behind it."""
    manifest = Manifest.__new__(Manifest)
    object.__setattr__(manifest, "skipped", skipped)
    return Report(manifest, read=read, embedded=embedded, removed=removed)


class Builds(Notes):
    """Counts builds instead of building, and does what it is told to meanwhile."""

    def __init__(self, index: Path) -> None:
        super().__init__(Settings(index=index))
        self.index = index
        self.count = 0
        self.errors: list[Exception] = []
        self.results: list[Report] = []
        self.models: list[str] = []

    def build(self, *given: object, **_: object) -> Report:
        """Count a build."""
        self.count += 1
        self.models.append(self.settings.model)
        self.given = given
        if self.index.is_dir():
            (self.index / f"dense-{self.count}.faiss").write_bytes(b"x")
        if self.errors:
            raise self.errors.pop(0)
        return self.results.pop(0) if self.results else report()


class Run:
    """A watcher in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.notes = folder / "notes"
        self.notes.mkdir()
        self.builds = Builds(self.notes / ".index")
        self.builds.index.mkdir()
        self.lines: list[str] = []
        self.stop = threading.Event()
        self.watcher = Watcher(self.builds, [self.notes], self.lines.append)
        self.thread = threading.Thread(target=self.watcher.run, args=(self.stop,))

    def start(self) -> None:
        """Begin, and wait until the folder is watched."""
        self.thread.start()
        until(lambda: self.builds.count, "the first build")
        # Until the watch has begun, which nothing tells, a change is made again and again.
        end = time.monotonic() + PATIENCE
        while self.builds.count < 2:
            assert time.monotonic() < end
            (self.notes / "begin.md").write_text(str(time.monotonic()))
            time.sleep(0.3)
        self.settle()

    def settle(self) -> int:
        """Wait until no build follows from what was done so far; return how many there were."""
        count = -1
        while count != self.builds.count:
            count = self.builds.count
            time.sleep(2.5 * (watch.SETTLE_MS + watch.LONGEST_MS) / 1000)
        return count

    def after(self, count: int) -> None:
        """Wait for a build after so many."""
        until(lambda: self.builds.count > count, "a build")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """A watcher that has not begun, four times as fast as the one for people who type."""
    monkeypatch.setattr(watch, "SETTLE_MS", watch.SETTLE_MS // 4)
    monkeypatch.setattr(watch, "LONGEST_MS", watch.LONGEST_MS // 4)
    monkeypatch.setattr(watch, "LOOK_SECONDS", watch.LOOK_SECONDS / 4)
    running = Run(tmp_path)
    yield running
    running.stop.set()
    if running.thread.ident:
        running.thread.join(PATIENCE)
        assert not running.thread.is_alive()


def test_every_way_of_saving_builds_and_nothing_else_does(run: Run) -> None:
    """Writes, renames into place, moved folders and ignore files count; other files do not."""
    run.start()
    notes = run.notes
    (notes / "a.txt").write_text("no note")
    (notes / ".git").mkdir()
    (notes / ".git" / "x.md").write_text("no note")
    quiet = run.settle()
    (notes / "b.png").write_bytes(b"no note")
    assert run.settle() == quiet

    def by_rename() -> None:
        (notes / "begin.md~").write_text("new")
        (notes / "begin.md~").rename(notes / "begin.md")

    def folder_moved_in() -> None:
        beside = notes.parent / "v1.2"
        beside.mkdir()
        (beside / "c.md").write_text("c")
        beside.rename(notes / "v1.2")

    for change in (
        lambda: (notes / "a.md").write_text("a"),
        by_rename,
        folder_moved_in,
        lambda: (notes / "v1.2").rename(notes.parent / "away"),
        lambda: (notes / ".gitignore").write_text("a.md"),
        lambda: (notes / "a.md").unlink(),
    ):
        count = run.builds.count
        change()
        run.after(count)
        run.settle()


def test_builds_do_not_feed_themselves(run: Run) -> None:
    """The index may lie among the notes: what a build writes makes no other build."""
    run.start()
    count = run.builds.count
    (run.notes / "a.md").write_text("a")
    run.after(count)

    assert run.settle() <= count + 2  # a save may fall into two


def test_settings_that_change_are_followed(tmp_path: Path) -> None:
    """Folders and patterns of the settings file hold from its next save on; a slip is told."""
    for name in "ab":
        (tmp_path / name).mkdir()
    file = tmp_path / "assistant.toml"
    file.write_text('notes = ["a"]')

    def load() -> Settings:
        return config.load(file, environment={})

    builds = Builds(tmp_path / "index")
    builds.settings = load()
    lines: list[str] = []
    stop = threading.Event()
    watcher = Watcher(builds, builds.settings.notes, lines.append, load)
    thread = threading.Thread(target=watcher.run, args=(stop,))
    thread.start()
    try:
        until(lambda: builds.count, "the first build")
        assert builds.given == ((Source(tmp_path / "a"),),)
        file.write_text("nots = []")
        until(lambda: lines, "a line about the slip")
        assert f"{file}:1: unknown setting 'nots'" in lines[0]
        file.write_text('notes = ["b"]\nexclude = ["x"]')
        wanted = (Source(tmp_path / "b", exclude=("x",)),)
        until(lambda: builds.given == (wanted,), "a build by the new settings")
        count = builds.count
        (tmp_path / "b" / "a.md").write_text("a")
        until(lambda: builds.count > count, "a build after a save in the new folder")
    finally:
        stop.set()
        thread.join(PATIENCE)


def test_another_model_is_followed(tmp_path: Path) -> None:
    """Once the settings name another model, no build has the index back for the one of before."""
    notes = tmp_path / "a"
    notes.mkdir()
    file = tmp_path / "assistant.toml"
    file.write_text('notes = ["a"]\nmodel = "small"')

    def load() -> Settings:
        return config.load(file, environment={})

    builds = Builds(tmp_path / "index")
    builds.settings = load()
    stop = threading.Event()
    watcher = Watcher(builds, builds.settings.notes, lambda _: None, load)
    thread = threading.Thread(target=watcher.run, args=(stop,))
    thread.start()
    try:
        until(lambda: builds.count, "the first build")
        file.write_text('notes = ["a"]\nmodel = "big"')
        before = builds.count
        for _ in range(3):
            (notes / "a.md").write_text(str(time.monotonic()))
            time.sleep(0.1)
        until(lambda: builds.models[-1] == "big", "a build with the other model")
    finally:
        stop.set()
        thread.join(PATIENCE)

    assert "small" not in builds.models[before + 1 :]  # one may have been under way


def test_folder_that_went_and_came_back_is_watched_again(run: Run) -> None:
    """What is wrong is told once; the folder's return makes a build, and later saves as well."""
    run.start()
    missing = NotesUnreadableError("there is no folder", "make it")
    run.builds.errors = [missing] * 50
    run.notes.rename(run.notes.parent / "away")
    until(lambda: run.lines, "the error")
    (run.notes.parent / "away").rename(run.notes)
    run.builds.errors.clear()
    count = run.builds.count
    run.after(count)
    run.settle()
    count = run.builds.count
    (run.notes / "later.md").write_text("later")
    run.after(count)

    assert sum("there is no folder; make it" in line for line in run.lines) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (AssertionError(), "AssertionError"),
        (RuntimeError("of FAISS\nat faiss.cpp"), "RuntimeError: of FAISS"),
        (subprocess.CalledProcessError(1, "build"), "CalledProcessError: Command 'build'"),
        (MemoryError(), "MemoryError"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_watching_survives_whatever_a_build_raises(run: Run, error: Exception, told: str) -> None:
    """It is told in a line, and the next save makes another build."""
    run.start()
    run.builds.errors = [error]
    count = run.builds.count
    (run.notes / "a.md").write_text("a")
    run.after(count)
    until(lambda: run.lines, "a line")
    assert f"  the build broke off ({told}" in run.lines[0]
    count = run.settle()
    (run.notes / "a.md").write_text("b")
    run.after(count)
    assert len(run.lines) == 1


def test_notes_that_cannot_be_read_are_told_once(tmp_path: Path) -> None:
    """Each by its name and the reason, when it begins to be so; what is passed over is no news."""
    lines: list[str] = []
    watcher = Watcher(Builds(tmp_path / "index"), [tmp_path], lines.append)
    unread = Skipped("a.md", "cannot be read: Permission denied")
    for skipped in ((unread, Skipped("x.txt", "not a note")), (unread,), (), (unread,)):
        watcher._say_unread(report(skipped=skipped).manifest.skipped)
    assert [line[10:] for line in lines] == ["a.md: cannot be read: Permission denied"] * 2


def test_build_of_another_process_is_waited_for(run: Run) -> None:
    """While another process builds, the build is tried again though nothing changes."""
    run.builds.errors = [IndexBusyError("another process builds", "wait")] * 2
    run.builds.results = []
    run.thread.start()
    until(lambda: run.builds.count >= 3, "a third try")

    assert sum("another process builds" in line for line in run.lines) == 1


def test_one_line_a_change_says_what_was_done(run: Run) -> None:
    """The line names the notes and counts; a build that did nothing is not told."""
    run.start()
    assert run.lines == []
    run.builds.results = [report(read=1, embedded=3)]
    count = run.builds.count
    (run.notes / "a.md").write_text("a")
    run.after(count)
    until(lambda: run.lines, "a line")

    assert run.lines[0][8:] == "  a.md: 1 note read, 3 embedded"
    assert watch._named(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert watch._named(["a.md", "sedX1"]) == "a.md"
    assert watch._counts(report(removed=2)) == "2 removed, 0 embedded"


def follow(process: subprocess.Popen[str], notes: Path) -> tuple[list[str], str]:
    """Edit a note until a watching process tells of it, interrupt it, and return what it wrote."""
    assert process.stdout is not None
    assert process.stderr is not None
    lines: list[str] = []
    out = process.stdout
    reading = threading.Thread(target=lambda: lines.extend(out))
    reading.start()
    try:
        until(lambda: any("notes read" in line for line in lines), "the first build")
        end = time.monotonic() + PATIENCE
        while not any("poach.md" in line for line in lines):
            assert time.monotonic() < end
            (notes / "poach.md").write_text(f"# Poach\n\n{time.monotonic()}\n")
            time.sleep(0.5)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
        reading.join(PATIENCE)
    return lines, process.stderr.read()


def test_watch_command_follows_edits_and_ends_with_130(tmp_path: Path, model_folder: Path) -> None:
    """The real command builds, takes in an edit, and ends quietly on Ctrl-C."""
    write(tmp_path)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSISTANT_")}
    with subprocess.Popen(
        [sys.executable, "-m", "assistant", "watch"],
        cwd=tmp_path,
        env=environment | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        _, said = follow(process, tmp_path / "notes")
    assert process.returncode == 130
    assert "Traceback" not in said
    with Notes.open(tmp_path / "index") as notes:
        assert notes.entry("poach.md").entry.headings == ("Poach",)


COMMAND = [
    "/opt/a b/python",
    "-m",
    "assistant",
    "--config",
    '/n/50%/$x "y"\\z/assistant.toml',
    "watch",
]


def test_systemd_unit_starts_the_command_as_it_is() -> None:
    """Spaces, quotes, percent and dollar signs reach the program unchanged."""
    unit = autostart.unit("linux", Path("/home/a b"), COMMAND, {"X": "1 2%"})
    (line,) = (line for line in unit.content.splitlines() if line.startswith("ExecStart="))

    # systemd's quotes and backslashes are a shell's; specifiers and variables are doubled.
    words = shlex.split(line.removeprefix("ExecStart="))
    assert [word.replace("%%", "%").replace("$$", "$") for word in words] == COMMAND
    assert 'Environment="X=1 2%%"' in unit.content
    assert unit.path == Path("/home/a b/.config/systemd/user/assistant-watch.service")
    assert shlex.split(unit.remove)[-1] == str(unit.path)


def test_launchd_agent_starts_the_command_as_it_is() -> None:
    """A property list carries the words as they are."""
    unit = autostart.unit("darwin", Path("/Users/a b"), COMMAND, {"X": "1"})
    content = plistlib.loads(unit.content.encode())

    assert content["ProgramArguments"] == COMMAND
    assert content["EnvironmentVariables"] == {"X": "1"}


def test_unit_replaces_its_own_and_no_other(tmp_path: Path) -> None:
    """A file of ours is written anew, another one stays; there are platforms without units."""
    for platform in ("linux", "darwin"):
        unit = autostart.unit(platform, tmp_path, COMMAND, {})
        autostart.install(unit)
        autostart.install(unit)
        assert unit.path.read_text() == unit.content
        unit.path.write_text("[Service]\nExecStart=other\n")
        with pytest.raises(UsageError, match="not written by this program"):
            autostart.install(unit)
        assert unit.path.read_text() == "[Service]\nExecStart=other\n"
    with pytest.raises(UsageError, match="no unit for win32"):
        autostart.unit("win32", tmp_path, COMMAND, {})
