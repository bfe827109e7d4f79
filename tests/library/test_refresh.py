"""What a question takes in by the way, and what it says while it does."""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fakes import FakeEncoder
from indexes import PYTORCH, Case, ready
from shell import Shell, stand_in_folder

from assistant import Notes
from assistant.cli.terminal import progress
from assistant.embedding import Embedding
from assistant.indexing import pace
from assistant.library import refresh
from assistant.records import Source
from assistant.settings import Settings
from assistant.store import Index

pytestmark = pytest.mark.usefixtures("without_calibration")

LONG = "".join(f"## Part {n}\n\nwords of part {n}\n\n" for n in range(100))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setattr(pace, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def notes(case: Case, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notes]:
    """Two notes, indexed, on a machine that embeds a hundred word pieces while a question waits."""
    assert not cache.exists()
    monkeypatch.setattr("assistant.embedding.export.exported", lambda *_, **__: case.model)
    monkeypatch.setattr(pace, "of_machine", lambda *_, **__: 100 / refresh.MOST_SECONDS)
    settings = Settings(index=case.index, index_named=True, notes=(Source(case.notes),))
    with Notes(settings, ready(case.encoder)) as opened:
        yield opened


def test_what_embeds_quickly_is_taken_in_whatever_its_size(notes: Notes, case: Case) -> None:
    """A picture of some megabytes in a note is no text to embed."""
    case.write("shot.md", f"# Shot\n\nquokka ![](data:image/png;base64,{'iVBORw0K' * 600_000})\n")
    answer = notes.ask("quokka")
    assert answer.newer_notes == 0
    assert "shot.md" in {result.note for result in answer.results}


def test_what_takes_long_to_embed_stays_out_and_is_tried_once(
    notes: Notes, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small as the note is: nothing is embedded, and only another change makes it try again."""
    case.write("long.md", LONG)
    case.encoder.encoded.clear()
    assert notes.ask("words of part 7").newer_notes == 1
    assert case.encoder.encoded == ["words of part 7"]
    with monkeypatch.context() as patch:
        patch.setattr(refresh, "rebuild", None)
        assert notes.ask("words of part 7").newer_notes == 1
    case.write("long.md", LONG[:200])
    assert notes.ask("words of part 7").newer_notes == 0


def test_texts_embedded_before_count_for_nothing(notes: Notes, case: Case) -> None:
    """A long note that is emptied and put back is taken in each time."""
    case.write("long.md", LONG)
    case.build()
    for text in ("", LONG):
        case.write("long.md", text)
        assert notes.ask("words of part 7").newer_notes == 0


def test_builds_measure_the_pace_of_the_machine(cache: Path) -> None:
    """What a question was given counts for questions, else its share of a build; never nonsense."""
    assert pace.of_machine("m", asked=True) == pace.UNMEASURED
    pace.keep("m", 8_000, 2, asked=False)
    assert pace.of_machine("m", asked=False) == 4_000
    assert 0 < pace.of_machine("m", asked=True) <= 4_000
    pace.keep("m", 3_000, 2, asked=True)
    assert pace.of_machine("m", asked=True) == 1_500
    pace.keep("m", 10, 2, asked=True)  # of so few nothing is learnt
    assert pace.of_machine("m", asked=True) == 1_500
    assert pace.of_machine("other", asked=True) == pace.UNMEASURED
    for broken in ("", "[]", '{"question": "fast"}', '{"question": -1.0}', '{"question": NaN}'):
        (cache / "pace-m.json").write_text(broken)
        assert pace.of_machine("m", asked=True) == pace.UNMEASURED


class Stream(io.StringIO):
    """Not a terminal; tells when something is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def flush(self) -> None:
        """Note that a line is whole."""
        self.written.set()


def test_a_pipe_is_told_what_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line after a moment of work, once; none when it is over by then, or nothing to wait for."""
    stream = Stream()
    monkeypatch.setattr(progress, "SILENT_SECONDS", 0)
    with progress.Bar(stream, "wait") as bar:
        assert stream.getvalue() == ""
        bar("reading", 0, 1)
        assert stream.written.wait(60)
        bar("embedding", 1, 10)
    assert stream.getvalue() == "wait\n"
    monkeypatch.setattr(progress, "SILENT_SECONDS", 3600)
    with progress.Bar(stream, "wait") as bar:
        bar("reading", 0, 1)
    assert stream.getvalue() == "wait\n"


def test_a_question_that_waits_says_so(
    case: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """On standard error, so that what it prints for programs stays as it is."""
    stand_in_folder(case.model, case.folder, monkeypatch)
    shell = Shell(case, monkeypatch, capfd)
    shell("build")
    told = threading.Event()
    tell, encode = progress.Bar._tell, FakeEncoder.encode_passages

    def tell_it(bar: progress.Bar) -> None:
        tell(bar)
        told.set()

    def encode_late(encoder: FakeEncoder, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        assert told.wait(60)
        return encode(encoder, texts)

    monkeypatch.setattr(progress, "SILENT_SECONDS", 0)
    monkeypatch.setattr(progress.Bar, "_tell", tell_it)
    monkeypatch.setattr(FakeEncoder, "encode_passages", encode_late)
    case.write("new.md", PYTORCH.replace("PyTorch", "quokka"))
    ran = shell("ask", "--json", "quokka")
    assert ran.record["results"]
    assert ran.err == "taking in notes; this takes a moment\n"


def test_places_see_an_edit_as_questions_do(
    case: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """`show`, `open` and `similar` see edits; without one, no model opens."""
    stand_in_folder(case.model, case.folder, monkeypatch)
    shell = Shell(case, monkeypatch, capfd)
    opened: list[tuple[Path, int]] = []
    monkeypatch.setattr(
        "assistant.cli.terminal.editor.open_at", lambda file, line, _: opened.append((file, line))
    )
    shell("build")
    case.edit("pytorch.md", "## Free GPU", "Added above.\n\nAnd more.\n\n## Free GPU")
    assert "Added above" in shell("show", "pytorch.md:3").out
    case.edit("pytorch.md", "Added above.", "Added\n\n## Quokka\n\nabove.")
    assert "Quokka" in shell("similar", "sub/tools.md").out
    case.edit("pytorch.md", "# PyTorch\n", "\n\n\n# PyTorch\n")
    shell("open", "pytorch.md")
    assert opened == [(case.notes / "pytorch.md", 4)]
    with monkeypatch.context() as patch:
        patch.setattr("assistant.library.open_index.OpenIndex.model", None)
        assert "Quokka" in shell("show", "pytorch.md:10").out
    for number in range(refresh.FEW_NOTES + 1):
        case.write(f"new/{number}.md", "# New\n")
    ran = shell("show", "pytorch.md:10")
    assert "Quokka" in ran.out
    assert ran.err == "21 notes are newer than the index: `assistant build` takes them in.\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_fork_while_another_thread_asks_does_not_hang(case: Case) -> None:
    """The child opens the index anew: nobody there would let go of the lock."""
    settings = Settings(index=case.index, index_named=True, notes=(Source(case.notes),))
    model = ready(FakeEncoder())
    with Notes(settings, model, open_encoder=lambda *_, **__: ready(FakeEncoder())) as notes:
        assert notes.ask("release cached memory", refresh=False).results
        held, over = threading.Event(), threading.Event()

        def hold() -> None:
            with notes.held():
                held.set()
                over.wait(60)

        thread = threading.Thread(target=hold)
        thread.start()
        assert held.wait(60)
        child = os.fork()
        if not child:
            signal.alarm(30)
            found = notes.ask("release cached memory", refresh=False).results
            os._exit(0 if found else 1)
        _, status = os.waitpid(child, 0)
        over.set()
        thread.join()
        assert status == 0
        assert notes.ask("release cached memory", refresh=False).results


@pytest.mark.parametrize("named", [True, False])
def test_a_first_build_of_another_process_is_told(
    two_notes: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], named: bool
) -> None:
    """There is no index yet that could answer meanwhile, whether the notes are known or not."""
    stand_in_folder(two_notes.model, two_notes.folder, monkeypatch)
    shell = Shell(two_notes, monkeypatch, capfd)
    if not named:
        (two_notes.folder / "assistant.toml").write_text('index = "index"\n')
    with Index(two_notes.index).locked():
        ran = shell("ask", "release cached memory")
    assert (ran.code, ran.out) == (3, "")
    assert "another process is building the index" in ran.err
    assert "for the first time\nask again in a moment" in ran.err
    assert shell("ask", "release cached memory").code == (0 if named else 3)
