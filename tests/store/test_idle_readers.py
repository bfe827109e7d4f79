"""Who waits for the next question holds nothing, and each question is of one state of the index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes import FakeEncoder
from indexes import Case, generation, ready
from project import ENVIRONMENT

from assistant import Notes
from assistant.records import Source
from assistant.search.searcher import Searcher
from assistant.settings.load import Settings
from assistant.store.files import DATABASE

pytestmark = pytest.mark.usefixtures("without_calibration")

IDLE = """\
import sys
from pathlib import Path
from fakes import FakeEncoder
from indexes import ready
from assistant import Notes
from assistant.settings.load import Settings
settings = Settings(index=Path(sys.argv[1]), index_named=True)
with Notes(settings, ready(FakeEncoder())) as notes:
    for _ in sys.stdin:
        print(len(notes.ask("part of words", refresh=False).results), flush=True)
"""
"""A program that answers a question for each line, and waits in between with the index open."""


def opened(case: Case) -> Notes:
    """Open the index of a case, which follows its notes."""
    settings = Settings(index=case.index, index_named=True, notes=(Source(case.notes),))
    return Notes(settings, ready(FakeEncoder()))


@contextmanager
def idle_process(index: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that has an index open."""
    with subprocess.Popen(
        [sys.executable, "-c", IDLE, str(index)],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.communicate()


def answers(process: subprocess.Popen[str]) -> bool:
    """Let the idle process answer a question."""
    assert process.stdin
    assert process.stdout
    process.stdin.write("ask\n")
    process.stdin.flush()
    return int(process.stdout.readline()) > 0


def note(parts: int, edit: int = -1) -> str:
    """Return a note of many parts, one of which has another word than before the edit."""
    return "".join(
        f"## Part {n}\n\nwords of part {n}{f' and edit {edit}' if n == edit % parts else ''}\n\n"
        for n in range(parts)
    )


def size(index: Path) -> int:
    """Return the bytes of the files of an index."""
    return sum(path.stat().st_size for path in index.iterdir())


def grown(case: Case, parts: int, notes_beside: int, edits: int) -> float:
    """Edit a word and build, again and again; return how many times larger the index was at most.

    Two that have the index open, one in another process, wait meanwhile or ask now and then.
    """
    case.write("a.md", note(parts, 0))
    for number in range(notes_beside):
        case.write(f"b{number}.md", note(parts).replace("words", f"words{number}"))
    case.build()
    before, most = size(case.index), 0
    with idle_process(case.index) as other, opened(case) as notes:
        for edit in range(1, edits + 1):
            if edit % 10 == 1:
                assert answers(other)
                assert notes.ask("words of part 3", refresh=False).results
            case.write("a.md", note(parts, edit))
            case.build()
            most = max(most, size(case.index))
    return most / before


def test_the_log_does_not_grow_while_readers_wait(tmp_path: Path) -> None:
    """However many edits are taken in, an index that others have open stays within 1.5 times."""
    assert grown(Case(tmp_path), 200, 1, 50) < 1.5


@pytest.mark.soak
def test_the_index_does_not_grow_over_500_edits(tmp_path: Path) -> None:
    """The same for 500 edits of a word in 6,000 lines of notes."""
    times = grown(Case(tmp_path), 500, 2, 500)
    sys.stdout.write(f"{times:.2f} times the size\n")
    assert times < 1.5


def test_builds_by_the_reader_itself_leave_no_log(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking in edits before a question, as the page does, lets the log be cleared away as well."""
    monkeypatch.setattr("assistant.embedding.export.exported", lambda *_, **__: case.model)
    with opened(case) as notes:
        for number in range(3):
            case.edit("pytorch.md", "Call ", f"Call {number} ")
            assert f"Call {number} " in notes.ask("release cached memory").results[0].snippet
            assert (case.index / f"{DATABASE}-wal").stat().st_size == 0
    assert generation(case.index) == 4


def test_all_that_is_asked_in_one_use_is_of_one_state(case: Case) -> None:
    """A build that ends in the middle is seen by the next use, and not by this one."""
    with opened(case) as notes:

        def ask_meanwhile(searcher: Searcher) -> None:
            before = searcher.snapshot.manifest.generation
            case.edit("pytorch.md", "Call ", "Now call ")
            case.build()
            notes.refresh()
            answer = notes.ask("release cached memory", refresh=False)
            assert "Now" not in answer.results[0].snippet
            assert notes.generation == before

        notes.lend_to(ask_meanwhile)
        assert "Now" in notes.ask("release cached memory", refresh=False).results[0].snippet


def test_what_is_read_while_one_state_is_held_is_of_it(case: Case) -> None:
    """Whoever reads several things that belong together holds a state, with no model opened."""
    with opened(case) as notes:
        for number in range(2):  # before the first question, and after it
            with notes.held():
                before = notes.generation
                case.edit("pytorch.md", "Call ", f"Call {number} ")
                case.build()
                assert notes.generation == before
                assert f"Call {number}" not in notes.entry("pytorch.md", 5).entry.text
            assert notes.generation == before + 1
            assert f"Call {number}" in notes.entry("pytorch.md", 5).entry.text
            assert notes.ask("release cached memory", refresh=False).results


def test_the_vectors_are_opened_anew_for_another_build_only(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions one after the other read neither the file of vectors nor open the database."""
    with opened(case) as notes:
        first = notes.ask("release cached memory", refresh=False)
        with monkeypatch.context() as patch:
            patch.setattr("assistant.store.local.vector_index.read", None)
            patch.setattr("assistant.store.snapshot.connect", None)
            assert notes.ask("release cached memory", refresh=False) == first


def test_a_database_put_in_the_place_of_the_open_one_is_seen(case: Case) -> None:
    """A reader does not wait for news of a file that has another's name no more."""
    with opened(case) as notes:
        assert notes.ask("release cached memory", refresh=False).results
        other = Case(case.folder / "other")
        other.write("b.md", "# Kettles\n\nDescale a kettle with vinegar.\n")
        other.build()
        shutil.copytree(other.index, case.folder / "copy")
        for path in (case.folder / "copy").iterdir():
            os.replace(path, case.index / path.name)  # noqa: PTH105 # over a file that is there
        found = notes.ask("descale a kettle", refresh=False).results
        assert [result.note for result in found] == ["b.md"]
