"""What reads on in the background: who starts it, for which index, and when it ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from indexes import PYTORCH, TOOLS, Case, as_stored, put_manifest, ready

from assistant import Notes
from assistant.indexing import build, meaning
from assistant.library import build_process
from assistant.records import Source
from assistant.settings import Settings
from assistant.store import Index, files
from assistant.store.snapshot import Snapshot

pytestmark = pytest.mark.usefixtures("without_calibration")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[Source]]:
    """The sources of each process that would have been started."""
    found: list[Sequence[Source]] = []
    monkeypatch.setattr(build_process, "start_reading", lambda _, sources: found.append(sources))
    return found


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Two notes without an index, which take long; the model is a fake."""
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.write("tools.md", TOOLS)
    for name, value in {"LONG_SECONDS": 0, "ROUND_SECONDS": 0, "ROUND_COSTS": 0}.items():
        monkeypatch.setattr(meaning, name, float(value))
    monkeypatch.setattr(meaning, "AT_ONCE", 2)
    monkeypatch.setattr(build_process, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr("assistant.embedding.export.exported", lambda *_, **__: case.model)
    monkeypatch.setattr("assistant.embedding.OnnxEncoder", lambda _: case.encoder, raising=False)
    return case


def settings(case: Case, *, background: bool = True) -> Settings:
    """Return settings for the notes of a case."""
    return Settings(index=case.index, notes=(Source(case.notes),), background=background)


def unread(case: Case) -> int:
    """How many chunks are not read by meaning."""
    with Snapshot(case.index) as snapshot:
        return snapshot.manifest.unread


def words_only(case: Case) -> None:
    """Build as far as the first question does."""
    build.build(
        case.index,
        [Source(case.notes)],
        case.model,
        until="words",
        open_encoder=lambda: case.encoder,
    )
    assert unread(case)


def read_on(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do here what the process does."""
    command = build_process._command("read_on", settings(case), [Source(case.notes)])
    monkeypatch.setattr(sys, "argv", ["-c", command[-1]])
    monkeypatch.setattr(build_process, "_be_polite", lambda: None)
    build_process.read_on()


def test_a_first_question_is_answered_by_words(slow: Case, started: list[Any]) -> None:
    """It embeds nothing, says how much is read, and leaves that to a process."""
    with Notes(settings(slow), ready(slow.encoder)) as notes:
        slow.encoder.encoded.clear()
        found = notes.ask("list files of a folder")
    assert found.read == 0
    assert found.results[0].note == "tools.md"
    assert found.verdict != "found"
    assert len(slow.encoder.encoded) <= 2  # the question
    assert started == [(Source(slow.notes),)]


def test_without_a_background_a_question_waits(slow: Case, started: list[Any]) -> None:
    """As the setting says: then all is read."""
    with Notes(settings(slow, background=False), ready(slow.encoder)) as notes:
        assert notes.ask("list files of a folder").read == 1
    assert unread(slow) == 0
    assert started == []


def test_an_index_that_is_read_starts_nothing(slow: Case, started: list[Any]) -> None:
    """Nor does one that another process writes."""
    words_only(slow)
    with (
        Index(slow.index).locked(),
        Notes(settings(slow), ready(slow.encoder)) as notes,
    ):
        notes.ask("list files of a folder")
    assert started == []
    slow.build()
    with Notes(settings(slow), ready(slow.encoder)) as notes:
        notes.ask("list files of a folder")
    assert started == []


def test_a_strange_index_starts_nothing(slow: Case, started: list[Any]) -> None:
    """One that somebody else may have made answers as it is."""
    words_only(slow)
    put_manifest(slow.index, as_stored(slow.index) | {"mark": ""})
    with Notes(settings(slow), ready(slow.encoder)) as notes:
        assert notes.ask("list files of a folder", refresh=True).read == 0
    assert started == []


def test_it_reads_to_the_end(slow: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """And takes in what changed meanwhile."""
    words_only(slow)
    slow.write("new.md", "# New\n\nThe cellar is dry.\n")
    read_on(slow, monkeypatch)
    assert unread(slow) == 0
    assert slow.ask("is the cellar dry")[0] == "new.md: New"
    assert not Index(slow.index).is_read_on


def test_there_is_one_at_most(slow: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one ends at once."""
    words_only(slow)
    before = unread(slow)
    with Index(slow.index).reading_locked():
        assert Index(slow.index).is_read_on
        read_on(slow, monkeypatch)
    assert unread(slow) == before


def test_it_ends_with_the_index_and_with_the_notes(
    slow: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever deleted them does not find them made anew."""
    words_only(slow)
    before = unread(slow)
    away = slow.notes.rename(slow.folder / "away")
    read_on(slow, monkeypatch)
    assert unread(slow) == before
    away.rename(slow.notes)
    (slow.index / files.DATABASE).unlink()
    read_on(slow, monkeypatch)
    assert not (slow.index / files.DATABASE).exists()


def test_it_outlives_the_terminal(slow: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a session of its own, no stream of the question's, and one start serves."""
    calls: list[tuple[list[str], dict[str, Any]]] = []

    class Started:
        def __init__(self, command: list[str], **options: object) -> None:
            calls.append((command, options))

        def poll(self) -> None:
            """Run for ever."""

    monkeypatch.setattr(build_process, "_started", [])
    monkeypatch.setattr(subprocess, "Popen", Started)
    for _ in range(2):
        build_process.start_reading(settings(slow), [Source(slow.notes)])
    ((command, options),) = calls
    assert command[:2] == [sys.executable, "-P"]
    assert options["start_new_session"]
    assert {options[name] for name in ("stdin", "stdout", "stderr")} == {subprocess.DEVNULL}
    assert not Path(options["cwd"]).is_relative_to(slow.folder)
