"""Tests of what the page's process holds: one index for all tabs, and a build beside it."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import filelock
import pytest
from notes_of_page import write

from assistant.embedding import background, export
from assistant.embedding.encoder import Encoder
from assistant.errors import IndexBusyError, ModelUnavailableError
from assistant.library import build_process
from assistant.library.api import Notes
from assistant.library.refresh import rebuild
from assistant.results import Filter
from assistant.settings import load
from assistant.store.files import LOCK
from assistant.web.shared import Build, Hub

PATIENCE = 120


def wait_for(build: Build | None) -> Build:
    """Wait for a build to end."""
    assert build is not None
    end = time.monotonic() + PATIENCE
    while build.running:
        assert time.monotonic() < end
        time.sleep(0.05)
    return build


@pytest.fixture
def opened(tmp_path: Path, model_folder: Path) -> Hub:
    """A hub over the notes of the page, without an index yet."""
    write(tmp_path)
    return Hub(load.load(environment={}, here=tmp_path))


def test_first_build_then_questions(opened: Hub) -> None:
    """Without an index there is nothing to ask; after a build there is, with its counts."""
    assert not opened.has_index
    opened.start_build()
    build = wait_for(opened.build)

    assert build.error is None
    assert build.report is not None
    assert build.report.read == 3
    assert build.share == 1
    assert opened.has_index
    answer = opened.ask("how long do I boil an egg", 2, Filter())
    assert answer.results[0].headings == ("Boil an egg",)
    assert opened.ask("egg", 2, Filter(language="zh")).results[0].note == "chinese.md"


def test_build_takes_its_memory_elsewhere(opened: Hub) -> None:
    """What embeds many texts is not loaded by the process that answers."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from assistant.library import build_process\n"
        "from assistant.settings import load\n"
        "found = load.load(Path(sys.argv[1]), environment={})\n"
        "build_process.build(found, found.notes, lambda done, total: None)\n"
        "heavy = {'assistant.indexing.build', 'assistant.embedding.onnx_encoder', 'onnxruntime'}\n"
        "assert not heavy & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code, str(opened.settings.file)], check=True)

    assert opened.has_index


def test_build_that_breaks_off_keeps_the_index(
    opened: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build whose process dies has ended with neither report nor remedy."""
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(subprocess.CalledProcessError):
        build_process.build(opened.settings, opened.settings.notes, lambda done, total: None)

    assert not opened.has_index


def test_questions_see_edits_and_other_builds(opened: Hub, tmp_path: Path) -> None:
    """A question after an edit sees it, whoever built the index meanwhile."""
    opened.start_build()
    wait_for(opened.build)
    opened.ask("egg", 1, Filter())
    note = tmp_path / "notes" / "kitchen" / "eggs.md"
    note.write_text("# Eggs\n\n## Poach an egg\n\nStir vinegar into water.\n", encoding="utf-8")

    assert opened.ask("poach an egg", 1, Filter()).results[0].headings == ("Poach an egg",)

    note.write_text("# Eggs\n\n## Scramble an egg\n\nStir it.\n", encoding="utf-8")
    rebuild(opened.settings, opened.settings.notes)

    assert opened.notes.entries("eggs.md")[-1].entry.headings[-1] == "Scramble an egg"


def test_questions_are_answered_from_many_threads(opened: Hub) -> None:
    """Tabs that ask at once are answered one after the other."""
    opened.start_build()
    wait_for(opened.build)
    found: list[str] = []

    def work(question: str) -> None:
        found.append(opened.ask(question, 1, Filter()).results[0].headings[-1])

    threads = [threading.Thread(target=work, args=(q,)) for q in ("boil an egg", "fry an egg") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert sorted(found) == ["Boil an egg"] * 4 + ["Fry an egg"] * 4


def test_build_beside_another_process_says_so(opened: Hub, tmp_path: Path) -> None:
    """While another process builds, a build fails with the reason and questions go on."""
    opened.start_build()
    wait_for(opened.build)
    (tmp_path / "notes" / "new.md").write_text("# New\n\nwords\n", encoding="utf-8")
    assert isinstance(opened.settings.index, Path)
    with filelock.FileLock(opened.settings.index / LOCK):
        opened.start_build()
        build = wait_for(opened.build)

        assert isinstance(build.error, IndexBusyError)
        answer = opened.ask("boil an egg", 1, Filter())
        assert answer.results
        assert answer.newer_notes == 1


def test_question_lies_on_the_map(opened: Hub) -> None:
    """A question has a place on the map, and the entry next to it is of the note that answers."""
    opened.start_build()
    wait_for(opened.build)
    place = opened.notes.place_on_map("how long do I boil an egg")

    assert place is not None
    points = opened.notes.points()

    assert len({point.note for point in points}) == 3
    nearest = min(points, key=lambda point: math.dist(place, (point.x, point.y)))
    assert nearest.note == "kitchen/eggs.md"


def test_model_never_used_is_exported_by_another_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Torch, which exporting needs, is never loaded by the page itself."""
    told: list[list[str]] = []
    monkeypatch.setattr(export, "ready", lambda *_, **__: None)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: told.append(command))
    done: Future[None] = Future()
    done.set_result(None)
    monkeypatch.setattr(background, "open_encoder", lambda *_, **__: done)

    background.open_encoder_apart("some-model").result(PATIENCE)

    assert [command[-1] for command in told] == ["some-model"]


def test_model_that_was_repaired_is_opened_again(opened: Hub) -> None:
    """A model that could not be opened is tried again by the next build or question."""
    failed: Future[Encoder] = Future()
    failed.set_exception(ModelUnavailableError("no model", "install it"))
    opened.notes = Notes(opened.settings, failed)
    opened.start_build()

    assert wait_for(opened.build).error is None
