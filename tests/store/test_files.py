"""The folder of an index: its owner's alone, and nothing in it but an index."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from indexes import Case, as_stored, put_manifest

from assistant.errors import ConfigError, IndexDamagedError, IndexUnusableError
from assistant.evaluation.history import save
from assistant.indexing import up_to_date
from assistant.store import files
from assistant.store.files import DATABASE, LOCK
from assistant.store.snapshot import Snapshot

POSIX = pytest.mark.skipif(os.name != "posix", reason="there are no permissions of this kind")


pytestmark = pytest.mark.usefixtures("without_calibration")


@pytest.fixture
def loose() -> Iterator[None]:
    """Let files be made for everyone."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def case(two_notes: Case) -> Case:
    """Two notes, not indexed yet."""
    return two_notes


def modes(folder: Path) -> dict[str, int]:
    """Return the permissions of the files in a folder."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


@POSIX
@pytest.mark.usefixtures("loose")
def test_files_are_for_their_owner_alone(case: Case) -> None:
    """Whatever the umask, nobody else reads the index, its log, its lock, or its measurements."""
    case.build()
    with Snapshot(case.index), closing(sqlite3.connect(case.index / DATABASE)) as update:
        update.execute("UPDATE words SET chunks = chunks")
        update.commit()
        save(case.index / "eval-x.json", [])
        found = modes(case.index)
    assert {f"{DATABASE}-wal", f"{DATABASE}-shm", LOCK, "dense-1.faiss", "eval-x.json"} < {*found}
    assert set(found.values()) == {0o600}
    assert case.index.stat().st_mode & 0o777 == 0o700


@POSIX
@pytest.mark.usefixtures("loose")
def test_looser_files_are_tightened(case: Case) -> None:
    """A build takes from others what earlier ones let them read; a page in the folder stays."""
    case.build()
    (case.index / "README.md").write_text("an index")
    for path in case.index.iterdir():
        path.chmod(0o644)
    case.index.chmod(0o755)
    case.build()
    found = modes(case.index)
    assert found.pop("README.md") == found.pop(".gitignore") == 0o644
    assert set(found.values()) == {0o600}
    assert case.index.stat().st_mode & 0o777 == 0o700


@POSIX
def test_a_link_in_the_folder_is_not_followed(case: Case) -> None:
    """What a name of the index points to elsewhere keeps its permissions."""
    case.build()
    elsewhere = case.folder / "mine.faiss"
    elsewhere.write_text("mine")
    elsewhere.chmod(0o644)
    (case.index / "dense-7.faiss").symlink_to(elsewhere)
    case.build()
    assert elsewhere.read_text() == "mine"
    assert elsewhere.stat().st_mode & 0o777 == 0o644


OPENED = [
    *(DATABASE + end for end in ("", "-wal", "-shm", "-journal", ".damaged")),
    LOCK,
]
"""Names of an index folder by which a build opens files."""

KINDS = ["link", "dangling link", "second name", "pipe", "folder"]


def lead_away(path: Path, kind: str, elsewhere: Path) -> None:
    """Put something that is no file of an index in the place of one."""
    if kind.endswith("link"):
        path.symlink_to(elsewhere)
    elif kind == "second name":
        path.hardlink_to(elsewhere)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()


@POSIX
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OPENED)
def test_nothing_is_written_through_a_name_of_an_index(case: Case, name: str, kind: str) -> None:
    """A link, a second name, a pipe or a folder in the place of a file is named and refused."""
    case.build()
    elsewhere = case.folder / "other.db"
    if kind != "dangling link":
        with closing(sqlite3.connect(elsewhere)) as other:
            other.execute("CREATE TABLE mine (x)")
        elsewhere.chmod(0o644)
    before = elsewhere.read_bytes() if elsewhere.exists() else None
    (case.index / name).unlink(missing_ok=True)
    lead_away(case.index / name, kind, elsewhere)
    case.index.chmod(0o755)

    with pytest.raises(IndexUnusableError) as caught:
        case.build()
    assert str(case.index / name) in caught.value.cause
    if kind.endswith("link"):
        assert str(elsewhere) in caught.value.cause
    assert "assistant build" in caught.value.remedy
    if name.startswith(DATABASE) and not name.endswith(".damaged"):
        with pytest.raises(IndexUnusableError, match=re.escape(name)):
            Snapshot(case.index)
    assert (elsewhere.read_bytes() if elsewhere.exists() else None) == before
    if before is not None:
        assert elsewhere.stat().st_mode & 0o777 == 0o644
    assert case.index.stat().st_mode & 0o777 == 0o755


@POSIX
@pytest.mark.parametrize("kind", KINDS)
def test_the_file_of_vectors_is_a_file(case: Case, kind: str) -> None:
    """In its place a link, a pipe and the like count as damage, which a build repairs beside it."""
    case.build()
    dense = case.index / "dense-1.faiss"
    elsewhere = case.folder / "elsewhere"
    if kind != "dangling link":
        dense.rename(elsewhere)
    else:
        dense.unlink()
    lead_away(dense, kind, elsewhere)
    if kind == "second name":  # it holds what it must, and a question only reads it
        assert case.ask("free GPU memory")
        return
    with pytest.raises(IndexDamagedError, match=re.escape(str(dense))):
        case.ask("free GPU memory")
    before = elsewhere.read_bytes() if elsewhere.exists() else None
    case.build()
    assert case.ask("free GPU memory")
    assert (elsewhere.read_bytes() if elsewhere.exists() else None) == before


@POSIX
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_made_anew_or_not_at_all(tmp_path: Path, kind: str) -> None:
    """Nothing is written through a link, a pipe or a second name, and nothing waits."""
    elsewhere = tmp_path / "elsewhere"
    if kind != "dangling link":
        elsewhere.write_text("mine")
    lead_away(tmp_path / "name", kind, elsewhere)
    with pytest.raises(OSError):  # noqa: PT011 # each kind has an error of its own
        files.create(tmp_path / "name").close()
    assert not elsewhere.exists() or elsewhere.read_text() == "mine"


@pytest.mark.parametrize("name", ["../mine.faiss", "/mine.faiss", "", "dense-1.faiss/../x", 7])
def test_the_file_of_vectors_lies_in_the_folder(case: Case, name: object) -> None:
    """A manifest that names another file as that of its vectors is damaged."""
    case.build()
    fields = {**as_stored(case.index), "dense": name}
    put_manifest(case.index, fields)
    with pytest.raises(IndexDamagedError, match="manifest"):
        Snapshot(case.index)


@pytest.mark.parametrize(
    "fields", [{"built": "soon"}, {"built": "2026-01-01"}, {"chunks": "many"}, {"model": None}]
)
def test_a_manifest_that_was_made_up_is_damaged(case: Case, fields: dict[str, object]) -> None:
    """Values that no build writes are damage, though the checksum over them is right."""
    case.build()
    put_manifest(case.index, {**as_stored(case.index), **fields})
    with pytest.raises(IndexDamagedError, match="manifest"):
        Snapshot(case.index)


@pytest.mark.parametrize(
    "other", ["my notes.txt", "thesis.md", "dense-final.faiss", "old-index.sqlite3", "folder/"]
)
@pytest.mark.parametrize("full", [False, True])
def test_a_folder_with_other_files_is_refused(case: Case, other: str, full: bool) -> None:
    """A build in a folder that holds anything but an index changes nothing there, and says so."""
    case.index.mkdir(mode=0o755)
    if other.endswith("/"):
        (case.index / other).mkdir()
    else:
        (case.index / other).write_text("mine")
    before = modes(case.index)
    with pytest.raises(ConfigError, match=other.rstrip("/")) as caught:
        case.build(full=full)
    assert str(case.index) in caught.value.cause
    assert "--index" in caught.value.remedy
    assert caught.value.exit_code == 2
    assert modes(case.index) == before
    assert case.index.stat().st_mode & 0o777 == 0o755


def test_a_message_names_a_few_files(case: Case) -> None:
    """Of many files the first are named, and the rest counted."""
    for number in range(9):
        (case.index / f"{number}.txt").parent.mkdir(exist_ok=True)
        (case.index / f"{number}.txt").touch()
    with pytest.raises(ConfigError, match=r"0\.txt, 1\.txt, 2\.txt and 6 more;"):
        case.build()


@pytest.mark.parametrize("guest", ["README.md", ".gitignore", ".DS_Store", "Thumbs.db"])
@pytest.mark.parametrize("full", [False, True])
def test_what_says_what_a_folder_is_stays(case: Case, guest: str, full: bool) -> None:
    """A page about the folder and what systems leave in folders is neither refused nor deleted."""
    case.index.mkdir()
    (case.index / guest).write_text("mine")
    case.build()
    case.edit("pytorch.md", "Call ", "Then call ")
    case.build(full=full)
    assert (case.index / guest).read_text() == "mine"


def test_strays_are_only_what_a_build_wrote(tmp_path: Path) -> None:
    """Of files of vectors those in use stay; a folder of such a name is left alone."""
    for name in ("dense-1.faiss", "dense-2.faiss", "dense-3.faiss", "dense-x.faiss"):
        (tmp_path / name).touch()
    (tmp_path / "dense-9.faiss").mkdir()
    files.remove_strays(tmp_path, {"dense-2.faiss"})
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"dense-2.faiss", "dense-x.faiss", "dense-9.faiss"}


@pytest.mark.parametrize("when", ["before it is looked at", "after"])
def test_a_file_that_another_build_takes_away(
    case: Case, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """A file that goes while a second build looks at the folder is no reason to fail."""
    case.build()
    gone = case.index / "dense-9.faiss"
    own = files.own
    if when == "after":
        monkeypatch.setattr(files, "own", lambda folder: [*own(folder), gone])
    else:
        there = [*case.index.iterdir(), gone]
        monkeypatch.setattr(Path, "iterdir", lambda _: iter(there))
    files.prepare(case.index)
    assert not gone.exists()


def test_leftovers_go_though_nothing_changed(case: Case) -> None:
    """A build that has nothing to write deletes what another left that was stopped."""
    case.build()
    (case.index / "dense-9.faiss").write_bytes(b"IxM2 a part")
    with Snapshot(case.index) as snapshot:
        manifest = snapshot.manifest
    assert up_to_date.manifest(case.index, [case.notes], case.model, True) is None
    case.build()
    assert not (case.index / "dense-9.faiss").exists()
    assert up_to_date.manifest(case.index, [case.notes], case.model, True) == manifest
