"""Tests of the public interface, `assistant.Notes`."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from notes_of_page import write

import assistant
from assistant import Notes
from assistant.embedding.encoder import Encoder
from assistant.errors import (
    IndexDamagedError,
    IndexMissingError,
    ModelUnavailableError,
    NotFoundError,
)
from assistant.records import Source
from assistant.settings import load
from assistant.store.local import vector_index

DOCS = Path(__file__).parents[2] / "docs" / "python.md"


@pytest.fixture
def folder(tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the notes of the page under ``notes``."""
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def notes(folder: Path) -> Iterator[Notes]:
    """The notes, with an index."""
    with Notes.open("index", ["notes"]) as opened:
        opened.build()
        yield opened


def test_notes_given_to_open_are_followed(notes: Notes, folder: Path) -> None:
    """Folders that `open` is given are what is built and asked, whatever the index was made of."""
    (folder / "other").mkdir()
    (folder / "other" / "new.md").write_text("# Kettles\n\nDescale a kettle with vinegar.\n")
    with Notes.open("index", ["other"]) as opened:
        assert [source.path for source in opened.sources()] == [folder / "other"]
        assert {r.note for r in opened.ask("descale a kettle").results} == {"new.md"}
    with Notes.open("index") as again:
        assert [source.path for source in again.sources()] == [folder / "other"]


def test_examples_of_the_docs_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every Python block of the page runs, one after the other, and prints answers."""
    blocks = [t.content for t in MarkdownIt().parse(DOCS.read_text()) if t.info == "python"]
    namespace: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(DOCS), "exec"), namespace)  # the project's own docs

    printed = capsys.readouterr().out
    assert len(blocks) == 6
    assert "Boil an egg" in printed
    assert "no-such-index" in printed


def test_index_keeps_its_own_notes_and_model(notes: Notes) -> None:
    """An index opened by itself knows what it was built from."""
    with Notes.open("index") as again:
        assert again.settings.notes == notes.settings.notes
        assert again.settings.model == notes.settings.model
        assert again.ask("boil an egg").results[0].headings == ("Boil an egg",)


def test_open_without_arguments_takes_the_settings_in_force(folder: Path) -> None:
    """What the command line would use here is used."""
    with Notes.open() as opened:
        assert opened.settings == load.load()
        assert opened.settings.file == folder / "assistant.toml"


def test_question_builds_a_missing_index_and_sees_edits(folder: Path) -> None:
    """The first question needs no build, and one after an edit sees the edit."""
    with Notes.open("index", ["notes"]) as opened:
        assert opened.ask("boil an egg").results[0].headings == ("Boil an egg",)
        (folder / "notes" / "new.md").write_text("# Poach an egg\n\nStir vinegar in.\n")

        assert opened.ask("poach an egg", refresh=False).results[0].note != "new.md"
        assert opened.ask("poach an egg").results[0].note == "new.md"
        assert opened.newer_notes == 0


def test_half_a_character_in_a_question_is_answered(notes: Notes) -> None:
    """Half of a pair, such as of an emoji that was cut, counts as a sign of its own."""
    notes.build()
    assert notes.ask("free memory \ud83d").question == "free memory \ufffd"
    assert notes.place_on_map("free memory \ud83d") == notes.place_on_map("free memory \ufffd")


def test_builds_of_others_are_seen(notes: Notes, folder: Path) -> None:
    """An open index follows what another process builds."""
    notes.ask("boil an egg")
    (folder / "notes" / "new.md").write_text("# Poach an egg\n\nStir vinegar in.\n")
    with Notes.open("index") as other:
        other.build()

    assert "new.md" in {summary.note for summary in notes.list_notes()}


def test_no_index_and_no_notes_is_an_error(folder: Path) -> None:
    """Without notes to build from a question raises what the command line prints."""
    with Notes.open("nowhere") as opened, pytest.raises(IndexMissingError):
        opened.ask("boil an egg")


def test_entry_is_found_by_note_and_line(notes: Notes) -> None:
    """A line leads to the entry around it; a wrong one to an error that names the lines."""
    first = notes.entry("eggs.md")
    found = notes.entry("kitchen/eggs.md", first.entry.first_line + 1)

    assert found.row == first.row
    line = first.entry.first_line
    assert notes.entry(f"eggs.md:{line}-{line + 9}") == notes.entry(f"eggs.md:{line}") == first
    with pytest.raises(NotFoundError, match="is not in any entry"):
        notes.entry("eggs.md", 900)
    with pytest.raises(NotFoundError, match="there is no note") as raised:
        notes.entry("egs.md")
    assert raised.value.remedy == "did you mean 'kitchen/eggs.md'?"


def test_reading_opens_no_model(
    notes: Notes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists, entries and similar ones come from the index alone, as do those of the commands."""

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("the model was opened")

    monkeypatch.setattr("assistant.embedding.background.open_encoder", opened)
    with Notes.open("index") as reading:
        listed = {summary.note: summary for summary in reading.list_notes()}
        entries = reading.entries("eggs.md")
        first = reading.entry("eggs.md")
        around = reading.around("eggs.md", entries[1].entry.first_line)
        similar = reading.similar("eggs.md", entries[1].entry.first_line, 2)
        assert reading.status().manifest.entries == sum(one.entries for one in listed.values())
        assert reading.duplicates(1.0) == []
        choices, points = reading.choices(), reading.points()
        view = reading.view(first.row, related=2)
        assert reading.complete("tag", "kit") == ("words", [("kitchen", "")])
        assert reading.complete("language", "e") == ("words", [("en", "English")])
        assert sum(len(heads) for _, heads in reading.outlines()) == len(points)
        assert reading.find_again(first) == first.row

    assert sorted(listed) == ["chinese.md", "hostile.md", "kitchen/eggs.md"]
    eggs = listed["kitchen/eggs.md"]
    assert (eggs.title, eggs.tags, eggs.entries) == ("Eggs", ("kitchen", "short"), len(entries))
    assert eggs.absolute == folder / "notes" / "kitchen" / "eggs.md"
    assert first == entries[0]
    assert around == entries[:3]
    assert len(similar) == 2
    assert entries[1] not in [one.stored for one in similar]
    assert list(choices.notes) == sorted(listed)
    assert (choices.folders, choices.tags) == (("kitchen/",), ("danger", "kitchen", "short"))
    assert len(points) == sum(one.entries for one in listed.values())
    assert (view.stored, view.before, len(view.related)) == (first, None, 2)
    assert view.after is not None
    assert view.after.row == entries[1].row


def test_a_result_leads_to_its_entry(notes: Notes) -> None:
    """Whoever shows a passage finds the entry around it."""
    (best,) = notes.ask("boil an egg", 1).results
    row = notes.row_of(best)

    assert row is not None
    assert notes.view(row, related=0).stored.entry.headings == best.headings


def test_notes_named_at_a_build_are_followed_and_not_usual(notes: Notes, folder: Path) -> None:
    """A build that names none goes back to the settings' notes; questions keep to those named."""
    settings = replace(notes.settings, notes=(Source(folder / "usual"),))
    with Notes(settings) as opened:
        assert [source.path for source in opened.sources()] == [folder / "notes"]
        assert [source.path for source in opened.usual_sources()] == [folder / "usual"]
        assert opened.has_notes


def test_a_build_with_nothing_to_do_opens_no_model(notes: Notes) -> None:
    """Seeing that nothing changed takes no model."""
    with Notes(notes.settings, open_encoder=lambda *_, **__: pytest.fail("opened")) as opened:
        assert opened.build().read == 0


def test_a_question_opens_its_model_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model opens while nothing is asked yet, as one for few texts if there are few."""
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(
        "assistant.embedding.background.open_encoder",
        lambda model, *, few, fetch: asked.append((model, few, fetch)),
    )
    settings = Notes.open(folder / "index").settings
    Notes.opening(settings, few=True)

    assert asked == [(settings.model, True, settings.fetches)]


def test_model_that_was_repaired_is_opened_again(notes: Notes) -> None:
    """A model that could not be opened does not stay so for as long as the notes are open."""
    failed: Future[Encoder] = Future()
    failed.set_exception(ModelUnavailableError("no model", "install it"))
    with Notes(notes.settings, failed) as opened:
        assert opened.ask("boil an egg").results[0].headings == ("Boil an egg",)


def test_lists_are_narrowed_as_questions_are(notes: Notes) -> None:
    """Limits of a list let through what they do for a question; a wrong one is the same error."""
    assert [one.note for one in notes.list_notes(tags=["kitchen"])] == ["kitchen/eggs.md"]
    assert [one.note for one in notes.list_notes(note="*.md", until="9999")] == [
        one.note for one in notes.list_notes()
    ]
    with pytest.raises(NotFoundError, match="kichen"):
        notes.list_notes(tags=["kichen"])
    with pytest.raises(NotFoundError, match=r"egs\.md"):
        notes.entries("egs.md")


def test_one_object_answers_many_threads(notes: Notes) -> None:
    """Questions from several threads are answered one after the other."""
    found: list[str] = []

    def work(question: str) -> None:
        found.append(notes.ask(question, 1).results[0].headings[-1])

    threads = [threading.Thread(target=work, args=(q,)) for q in ("boil an egg", "fry an egg") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == ["Boil an egg"] * 3 + ["Fry an egg"] * 3


def test_index_damaged_while_open_is_told_until_it_is_repaired(
    notes: Notes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A generation that cannot be opened is not taken for the one before."""
    notes.ask("boil an egg")
    (folder / "notes" / "new.md").write_text("# Poach an egg\n\nStir vinegar in.\n")

    def damaged(*_: object, **__: object) -> None:
        raise IndexDamagedError("the vectors are damaged", "run `assistant build`")

    with monkeypatch.context() as patch:
        patch.setattr(vector_index, "read", damaged)
        for _ in range(2):
            with pytest.raises(IndexDamagedError):
                notes.ask("poach an egg")

    assert notes.ask("poach an egg").results[0].note == "new.md"


def test_public_names_are_there_and_cost_nothing_until_used() -> None:
    """Importing the package imports none of its parts."""
    assert all(getattr(assistant, name) for name in assistant.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = assistant.nothing
    code = "import sys, assistant; print(sum(m.startswith('assistant.') for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"0"
