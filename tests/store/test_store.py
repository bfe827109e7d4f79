"""The index on disk: one writer, readers that see one generation whole, and repairing of damage."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import FakeEncoder
from indexes import PYTORCH, Case, contents, generation, ready
from project import ENVIRONMENT

from assistant.answering.answer import ask
from assistant.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexUnusableError,
)
from assistant.records import Skipped
from assistant.search.searcher import Searcher
from assistant.store import connection as tables
from assistant.store import update
from assistant.store.files import ASIDE, DATABASE, LOCK, locked
from assistant.store.local import vector_index
from assistant.store.manifest import Manifest
from assistant.store.repair import integrity
from assistant.store.snapshot import Snapshot

QUESTION = "release cached GPU memory"
ANSWER = "pytorch.md: Free GPU memory"


pytestmark = pytest.mark.usefixtures("without_calibration")


@contextmanager
def database(case: Case) -> Iterator[sqlite3.Connection]:
    """Open the database behind the program's back."""
    with closing(sqlite3.connect(case.index / DATABASE, isolation_level=None)) as connection:
        yield connection


def dense_file(case: Case) -> Path:
    """Return the file of vectors in force."""
    with Snapshot(case.index) as snapshot:
        return case.index / snapshot.manifest.dense


# The manifest


def test_a_manifest_survives_storage(case: Case) -> None:
    """What is read of a manifest is what was written."""
    with Snapshot(case.index) as snapshot:
        manifest = replace(snapshot.manifest, skipped=(Skipped("字.md", "hidden", 1, 2),))
    assert Manifest.from_json(manifest.to_json()) == manifest


# Readers and the writer


def test_a_reader_sees_one_generation_whole(case: Case) -> None:
    """A reader from before a commit sees the old generation to its end, a new one the new."""
    old = Searcher(case.index, ready(case.encoder))
    before = ask(old, QUESTION)
    for number in range(2):
        case.edit("pytorch.md", "# PyTorch\n", f"# PyTorch\n\nGPU memory {number}\n")
        (case.notes / "sub/tools.md").unlink(missing_ok=True)
        case.build()
        assert ask(old, QUESTION) == before
        assert old.snapshot.manifest.generation == 1
        assert "sub/tools.md" in {file.path for file in old.snapshot.digests()}
    assert generation(case.index) == 3
    old.refresh()
    assert old.snapshot.manifest.generation == 3
    assert ask(old, QUESTION) != before
    assert {file.path for file in old.snapshot.digests()} == {"pytorch.md"}
    old.close()


def test_readers_see_nothing_of_a_transaction(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the writer is at work, who opens the index gets the last generation and its answers."""
    write, seen = vector_index.write, []

    def look_before_writing(index: vector_index.Index, path: Path) -> None:
        seen.extend([generation(case.index), case.ask(QUESTION)[0]])
        write(index, path)

    monkeypatch.setattr(vector_index, "write", look_before_writing)
    case.edit("pytorch.md", "Call ", "Release cached GPU memory. Call ")
    case.build()
    assert seen == [1, ANSWER]
    assert generation(case.index) == 2


def test_a_first_generation_is_committed_as_it_is_written(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In parts, it is the same in the end, and nobody sees an index before."""
    before = contents(case.index)
    shutil.rmtree(case.index)
    monkeypatch.setattr(update, "AHEAD", 1)
    write, seen = vector_index.write, []

    def look_before_writing(index: vector_index.Index, path: Path) -> None:
        with database(case) as connection:
            seen.extend(connection.execute("SELECT count(*) FROM notes").fetchall())
        with pytest.raises(IndexMissingError):
            Snapshot(case.index)
        write(index, path)

    with monkeypatch.context() as patch:
        patch.setattr(vector_index, "write", look_before_writing)
        case.build()
    assert seen == [(before["counts"][0],)]
    assert contents(case.index) == before


def test_a_first_generation_that_was_stopped_is_begun_anew(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a build committed before it was stopped is no index, and nothing of it is left."""
    before = contents(case.index)
    shutil.rmtree(case.index)
    with monkeypatch.context() as patch:
        patch.setattr(update, "AHEAD", 1)
        patch.setattr(vector_index, "write", _stop)
        with pytest.raises(KeyboardInterrupt):
            case.build()
    with database(case) as connection:
        assert connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    with pytest.raises(IndexMissingError):
        case.ask(QUESTION)
    (case.notes / "sub/tools.md").unlink()
    case.build()
    assert case.ask(QUESTION)[0] == ANSWER
    assert contents(case.index)["counts"][0] == before["counts"][0] - 1


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_second_writer_is_told_while_readers_answer(case: Case) -> None:
    """While another process holds the lock, a build says so, and questions are answered."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom assistant.store.files import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(case.index)],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(IndexBusyError, match="another process") as caught:
            case.build()
        assert "answers meanwhile" in caught.value.remedy
        assert case.ask(QUESTION)[0] == ANSWER
        other.communicate()
    case.build()


def test_a_writer_that_waits(case: Case) -> None:
    """A build that waits begins when the one before it has ended, and not earlier."""
    case.edit("pytorch.md", "Call ", "Then call ")
    with ThreadPoolExecutor() as pool:
        with locked(case.index):
            waiting = pool.submit(case.build, wait=True)
            with pytest.raises(IndexBusyError):
                case.build()
            assert not waiting.done()
        assert waiting.result().read == 1


def test_a_reader_that_two_builds_overtake(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads a manifest, and opens its vectors after two builds, gets the newest index."""
    read = vector_index.read

    def late(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 (as the function)
        monkeypatch.setattr(vector_index, "read", read)
        for number in range(2):
            case.edit("pytorch.md", "Call ", f"Call {number} ")
            case.build()
        return read(*arguments, **options)

    monkeypatch.setattr(vector_index, "read", late)
    with closing(Searcher(case.index, ready(FakeEncoder()))) as searcher:
        assert searcher.snapshot.manifest.generation == 3
        assert "Call 1 0 " in ask(searcher, QUESTION).results[0].snippet


def test_a_writer_leaves_its_log_empty(case: Case) -> None:
    """What a build committed is in the database's own file before its connection closes.

    SQLite lets nobody open a database while the last connection to it writes its log over.
    """
    with closing(tables.connect(case.index)) as idle:
        idle.execute("SELECT 1 FROM manifest").fetchall()
        case.edit("pytorch.md", "Call ", "Then call ")
        case.build()
        without_log = f"{(case.index / DATABASE).as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(without_log, uri=True)) as connection:
            ((content,),) = connection.execute("SELECT content FROM manifest").fetchall()
    assert json.loads(content)["generation"] == 2


def test_an_index_that_cannot_be_written_answers(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no file can be made, as on a read-only file system, the index answers and is whole.

    Root may write anywhere, so the test says what such a folder says, and looks for new files.
    """
    before = sorted(case.index.iterdir())
    assert not [path for path in before if path.name.endswith(("-wal", "-shm"))]
    monkeypatch.setattr(os, "access", lambda *_: False)
    with closing(Searcher(case.index, ready(FakeEncoder()))) as searcher:
        assert "empty_cache" in ask(searcher, QUESTION).results[0].snippet
        assert sorted(case.index.iterdir()) == before
    assert {finding.level for finding in integrity.check(case.index)} == {"ok"}


def test_a_log_is_read_where_nothing_can_be_written(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a build left in the log is not passed over."""
    with closing(tables.connect(case.index, write=True)) as writing:
        writing.execute("INSERT INTO words VALUES ('late', 77)")
        monkeypatch.setattr(os, "access", lambda *_: False)
        with closing(tables.connect(case.index)) as reading:
            kept = reading.execute("SELECT chunks FROM words WHERE word = 'late'").fetchall()
            assert kept == [(77,)]


def test_the_lock_is_let_go_after_a_failure(tmp_path: Path) -> None:
    """An error under the lock frees it."""
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        raise ZeroDivisionError
    with locked(tmp_path):
        assert (tmp_path / LOCK).exists()


def test_only_two_generations_of_vectors_are_kept(case: Case) -> None:
    """The file in force and the one before stay, and older ones go; what says so stays, too."""
    (case.index / "README.md").write_text("mine")
    for number in range(3):
        case.write("new.md", f"# New\n\nnumber {number}\n")
        case.build()
    assert sorted(path.name for path in case.index.glob("dense-*")) == [
        "dense-3.faiss",
        "dense-4.faiss",
    ]
    assert (case.index / "README.md").read_text() == "mine"


# Builds that are killed


def test_a_first_build_that_is_killed_leaves_no_index(tmp_path: Path) -> None:
    """Before its first commit an index is missing, not damaged; vectors kept so far are used."""
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    with pytest.MonkeyPatch.context() as patch:

        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(vector_index, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            case.build()
    with pytest.raises(IndexMissingError, match="there is no index"):
        Snapshot(case.index)
    case.encoder.encoded.clear()
    assert case.build().embedded == 0
    assert case.ask(QUESTION)[0] == ANSWER


# Damage


def flip(path: Path, at: int) -> None:
    """Change one byte of a file, in a new file: the old one may be mapped."""
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.unlink()
    path.write_bytes(content)


def cut(path: Path, size: int) -> None:
    """Cut a file short."""
    content = path.read_bytes()[:size]
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        lambda path: cut(path, 0),
        lambda path: cut(path, 50),
        lambda path: cut(path, path.stat().st_size - 1),
        lambda path: flip(path, 0),
        lambda path: flip(path, 4),
        lambda path: flip(path, 9),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["deleted", "empty", "cut", "cut by one", "type", "dimensions", "count", "a folder"],
)
@pytest.mark.parametrize("changed", [False, True])
def test_damaged_vectors_are_repaired(
    case: Case, damage: Callable[[Path], object], changed: bool
) -> None:
    """Without its file of vectors an index says so, and a build writes it anew from those kept."""
    before = contents(case.index)
    damage(dense_file(case))
    with pytest.raises(IndexDamagedError, match="missing, damaged") as caught:
        case.ask(QUESTION)
    assert "`assistant build`" in caught.value.remedy
    if changed:
        case.edit("pytorch.md", "# PyTorch\n", "\n# PyTorch\n")
    case.encoder.encoded.clear()
    assert case.build().embedded == 0
    assert case.encoder.encoded == []
    assert case.ask(QUESTION)[0] == ANSWER
    after = contents(case.index)
    assert after["chunks"] == before["chunks"]
    assert after["vectors"] == before["vectors"]


def test_vectors_of_another_index_are_refused(case: Case) -> None:
    """A sound file with another number of vectors is as bad as a damaged one."""
    vectors = np.eye(64, dtype=np.float32)[:3]
    vector_index.write(vector_index.build(vectors, np.arange(3)), dense_file(case))
    with pytest.raises(IndexDamagedError):
        case.ask(QUESTION)
    case.build()
    assert case.ask(QUESTION)[0] == ANSWER


def spoil_pages(case: Case, table: str) -> None:
    """Overwrite the first page of a table."""
    with database(case) as connection:
        ((page,),) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchall()
        ((size,),) = connection.execute("PRAGMA page_size").fetchall()
    path = case.index / DATABASE
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xaa" * size
    path.write_bytes(content)


def sql(case: Case, statement: str) -> None:
    """Run a statement on the database behind the program's back."""
    with database(case) as connection:
        connection.execute(statement)


DAMAGES: dict[str, tuple[Callable[[Case], object], bool]] = {
    "garbage": (lambda case: (case.index / DATABASE).write_bytes(b"garbage" * 1000), False),
    "half": (lambda case: cut(case.index / DATABASE, 40 * 1024), False),
    "header": (lambda case: flip(case.index / DATABASE, 0), False),
    "entries": (lambda case: spoil_pages(case, "entries"), True),
    "notes": (lambda case: spoil_pages(case, "notes"), True),
    "no table": (lambda case: sql(case, "DROP TABLE entries"), True),
    "no manifest table": (lambda case: sql(case, "DROP TABLE manifest"), True),
    "manifest": (lambda case: sql(case, "UPDATE manifest SET content = '{}'"), True),
    "manifest type": (lambda case: sql(case, "UPDATE manifest SET content = '[1]'"), True),
    "manifest blob": (lambda case: sql(case, "UPDATE manifest SET content = x'ff'"), True),
    "other version": (lambda case: sql(case, "PRAGMA user_version = 99"), True),
}
"""What happens to a database, and whether its vectors can still be read after it."""


@pytest.mark.parametrize(("damage", "salvaged"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_database_is_repaired(
    case: Case, damage: Callable[[Case], object], salvaged: bool
) -> None:
    """A question tells of the damage; the build that it names repairs it, with the vectors left."""
    before = contents(case.index)
    damage(case)
    with pytest.raises(IndexDamagedError) as caught:
        case.ask(QUESTION)
    assert "`assistant build" in caught.value.remedy
    case.encoder.encoded.clear()
    report = case.build(check=True)
    if salvaged:
        assert case.encoder.encoded == []
    assert report.manifest.notes == 2
    assert contents(case.index) == before
    assert not (case.index / ASIDE).exists()


@pytest.mark.parametrize("damage", ["entries", "notes"])
def test_damage_met_on_the_way_is_repaired(case: Case, damage: str) -> None:
    """A build that meets the damage while it works starts over, and embeds only what is new."""
    spoil_pages(case, damage)
    case.edit("pytorch.md", "Call ", "Then call ")
    case.encoder.encoded.clear()
    case.build()
    assert len(case.encoder.encoded) == 1
    fresh = case.folder / "fresh"
    case.build(index=fresh)
    assert contents(case.index) == contents(fresh)


def test_a_lost_vector_is_embedded_again(case: Case) -> None:
    """Chunks whose vectors are gone from the database get them again."""
    before = contents(case.index)
    sql(case, "DELETE FROM vectors WHERE rowid % 2 = 0")
    dense_file(case).unlink()
    case.encoder.encoded.clear()
    case.build()
    assert 0 < len(case.encoder.encoded) < before["counts"][2]
    assert contents(case.index) == before


@pytest.mark.parametrize("spoilt", ["x'00'", "zeroblob(256)", "'text'", "NULL"])
def test_unsound_vectors_are_not_salvaged(case: Case, spoilt: str) -> None:
    """Of a damaged database only vectors of unit length are taken over."""
    before = contents(case.index)
    if spoilt != "NULL":
        sql(case, f"UPDATE vectors SET vector = {spoilt} WHERE rowid = 7")
    sql(case, "PRAGMA user_version = 99")
    case.encoder.encoded.clear()
    case.build()
    assert len(case.encoder.encoded) <= 1
    assert contents(case.index) == before


def test_an_empty_database_is_no_index(case: Case) -> None:
    """A database of no bytes is as good as none."""
    for suffix in ("", "-wal", "-shm"):
        (case.index / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    (case.index / DATABASE).touch()
    with pytest.raises(IndexMissingError):
        case.ask(QUESTION)
    case.build()
    assert case.ask(QUESTION)[0] == ANSWER


def test_what_was_set_aside_is_taken_over_later(case: Case) -> None:
    """Killed after it set a damaged database aside, a build leaves its vectors to the next."""
    before = contents(case.index)
    (case.index / DATABASE).rename(case.index / ASIDE)
    case.encoder.encoded.clear()
    case.build()
    assert case.encoder.encoded == []
    assert contents(case.index) == before
    assert not (case.index / ASIDE).exists()


def test_repairing_spares_the_file_that_a_reader_has_open(case: Case) -> None:
    """An index made anew does not write over the vectors that an open reader searches."""
    snapshot = Searcher(case.index, ready(FakeEncoder()))
    before = ask(snapshot, QUESTION)
    sql(case, "PRAGMA user_version = 99")
    case.edit("pytorch.md", "release cached memory", "do something else")
    case.build()
    assert ask(snapshot, QUESTION) == before
    snapshot.refresh()
    assert ask(snapshot, QUESTION) != before
    snapshot.close()


# Disks and folders that refuse


def unusable(case: Case) -> IndexUnusableError:
    """Build, and return the error with which it ends."""
    with pytest.raises(IndexUnusableError, match="cannot be written") as caught:
        case.build()
    assert type(caught.value) is IndexUnusableError
    assert "disk space" in caught.value.remedy
    return caught.value


def test_a_full_disk_at_the_vectors_keeps_the_old_index(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the file of vectors finds no room, what was written of it goes and the old one stays."""
    before = contents(case.index)
    files = {path.name for path in case.index.iterdir()}

    def refuse(_: vector_index.Index, path: Path) -> None:
        path.write_bytes(b"a part")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    case.edit("pytorch.md", "Call ", "Then call ")
    with monkeypatch.context() as patch:
        patch.setattr(vector_index, "write", refuse)
        assert "No space left" in unusable(case).cause
    assert contents(case.index) == before
    assert {path.name for path in case.index.iterdir()} <= files | {
        f"{DATABASE}-{x}" for x in ("wal", "shm")
    }
    case.encoder.encoded.clear()
    assert case.build().embedded == 0
    assert case.ask("then call")[0] == ANSWER


def test_a_full_disk_at_the_database_keeps_the_old_index(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When SQLite finds no room for vectors or entries, the old index answers."""
    before = contents(case.index)
    with database(case) as connection:
        ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
    connect = tables.connect

    for more in (0, 20):

        def connect_small(folder: Path, *, more: int = more, **how: Any) -> sqlite3.Connection:  # noqa: ANN401 (as the function)
            connection = connect(folder, **how)
            connection.execute(f"PRAGMA max_page_count = {pages + more}")
            return connection

        case.write("large.md", "".join(f"## {n}\n\nword{n} and text\n\n" for n in range(500)))
        with monkeypatch.context() as patch:
            patch.setattr(update, "connect", connect_small)
            assert "full" in unusable(case).cause
        assert contents(case.index) == before
        assert case.ask(QUESTION)[0] == ANSWER
    assert case.build().manifest.notes == 3


def test_an_index_folder_that_is_a_file(tmp_path: Path) -> None:
    """A file where the index folder should be is told, and left alone."""
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.index.write_text("mine")
    assert str(case.index) in unusable(case).cause
    with pytest.raises(IndexMissingError):
        case.ask(QUESTION)
    assert case.index.read_text() == "mine"


def test_a_folder_that_takes_no_files(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without permission to write, or without locks, a build says so and questions are answered."""
    acquire = "filelock.FileLock.acquire"
    refusals = (
        PermissionError(errno.EACCES, "Permission denied"),
        OSError(errno.EROFS, "Read-only file system"),
        NotImplementedError("no flock here"),
    )
    for refusal in refusals:

        def refuse(*_: object, refusal: Exception = refusal, **__: object) -> None:
            raise refusal

        with monkeypatch.context() as patch:
            patch.setattr(acquire, refuse)
            assert str(refusal.args[-1]) in unusable(case).cause
    assert case.ask(QUESTION)[0] == ANSWER


def test_a_database_that_is_a_folder(case: Case) -> None:
    """A folder in place of the database is an index that cannot be used, not a crash."""
    for path in case.index.glob(f"{DATABASE}*"):
        path.unlink()
    (case.index / DATABASE).mkdir()
    for work in (case.build, lambda: case.ask(QUESTION)):
        with pytest.raises(IndexUnusableError):
            work()


def test_a_copy_of_an_index_answers(case: Case) -> None:
    """An index folder may be copied or moved: nothing in it names its own place."""
    copy = case.folder / "copy"
    shutil.copytree(case.index, copy)
    assert case.ask(QUESTION, index=copy)[0] == ANSWER
    assert json.loads(json.dumps(contents(copy)["counts"])) == [2, 7, 7]
