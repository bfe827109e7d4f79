"""An index in the place of another: whole for every reader, and of the user's own notes only."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from indexes import PYTORCH, TOOLS, Case, generation, put_manifest

from assistant.errors import IndexMissingError
from assistant.store.files import NEW
from assistant.store.index import Index
from assistant.store.repair import exchange, recovery
from assistant.store.repair.integrity import check
from assistant.store.snapshot import Snapshot

pytestmark = pytest.mark.usefixtures("without_calibration")


@pytest.fixture
def two(tmp_path: Path) -> tuple[Case, Path]:
    """An index, and another of more notes beside it."""
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.build()
    case.write("tools.md", TOOLS)
    other = tmp_path / "other"
    case.build(index=other)
    return case, other


def become(case: Case, other: Path) -> None:
    """Exchange, with the lock held."""
    index = Index(case.index)
    with index.locked():
        index.become(other)


def test_a_reader_sees_the_old_index_or_the_new_one(two: tuple[Case, Path]) -> None:
    """Who has it open goes on with it; who opens it then sees the other, and it is whole."""
    case, other = two
    with Snapshot(case.index) as reader:
        reader.prepare_search()
        become(case, other)
        assert len(reader.notes()) == 1
        assert reader.manifest.dense == "dense-1.faiss"

    assert case.ask("list files of a folder")[0] == "tools.md: List files"
    assert generation(case.index) == 2
    assert [finding.what for finding in check(case.index) if finding.level != "ok"] == []
    assert not (case.index / NEW).exists()


def test_the_other_index_stays_and_builds_go_on(two: tuple[Case, Path]) -> None:
    """The copy is an index like any: its notes count as named, and an edit embeds one text."""
    case, other = two
    become(case, other)
    case.edit("tools.md", "lists files", "shows files")

    assert case.build().embedded == 1
    with Snapshot(case.index) as snapshot, Snapshot(other) as left:
        assert not snapshot.manifest.named(case.index).is_strange
        assert len(left.notes()) == 2


def test_an_index_of_a_strangers_notes_gets_no_mark(two: tuple[Case, Path]) -> None:
    """What the user never named is not named by the exchange."""
    case, other = two
    with Snapshot(other) as snapshot:
        fields = json.loads(snapshot.manifest.to_json())
    put_manifest(other, {**fields, "mark": "0" * 128})
    become(case, other)

    with Snapshot(case.index) as snapshot:
        assert snapshot.manifest.named(case.index).is_strange


def test_there_and_back_is_what_it_was(two: tuple[Case, Path], tmp_path: Path) -> None:
    """A copy taken before brings back every answer, and the mark."""
    case, other = two
    before = tmp_path / "before"
    before.mkdir()
    answers = case.answers(("release cached GPU memory", "list files"))
    Index(case.index).copy_to(before)

    become(case, other)
    become(case, before)

    assert case.answers(("release cached GPU memory", "list files")) == answers
    with Snapshot(case.index) as snapshot:
        assert not snapshot.manifest.named(case.index).is_strange


@pytest.mark.parametrize("at", ["put_in_place", "_stamped"])
def test_a_kill_leaves_one_of_the_two(
    two: tuple[Case, Path], monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Stopped before the copy is in place, the old index answers; the next build tidies up."""
    case, other = two

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    module = recovery if at == "put_in_place" else exchange
    monkeypatch.setattr(module, at, killed)
    with pytest.raises(KeyboardInterrupt):
        become(case, other)
    monkeypatch.undo()

    assert case.ask("release cached GPU memory")[0] == "pytorch.md: Free GPU memory"
    case.build()
    assert case.ask("list files of a folder")[0].startswith("tools.md")
    assert not (case.index / NEW).exists()


def test_an_index_that_is_missing_changes_nothing(two: tuple[Case, Path]) -> None:
    """Where there is none to take, the one in use stays."""
    case, other = two
    shutil.rmtree(other)
    with pytest.raises(IndexMissingError):
        become(case, other)

    assert case.ask("release cached GPU memory")[0] == "pytorch.md: Free GPU memory"
