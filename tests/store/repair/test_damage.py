"""Files of the index that a disk changed: noticed, named, repaired; what is still good stays."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEncoder
from indexes import PYTORCH, TOOLS, Case, as_stored, contents, put_manifest, ready
from shell import Shell, stand_in_folder

from assistant.answering.answer import ask
from assistant.errors import IndexUnusableError
from assistant.indexing.freshness import since_build
from assistant.search.searcher import Searcher
from assistant.store.files import DATABASE
from assistant.store.local import checksums, vector_index
from assistant.store.repair.integrity import Finding, check
from assistant.store.snapshot import Snapshot

QUESTIONS = ("release cached GPU memory", "查看进程", "list files of a folder")


pytestmark = pytest.mark.usefixtures("without_calibration")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Some notes, indexed, with an older generation beside."""
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.build()
    shutil.copytree(case.index, tmp_path / "older")
    case.write("sub/tools.md", TOOLS)
    case.write("more.md", "".join(f"## Part {n}\n\nnumber{n} and words\n\n" for n in range(20)))
    case.build()
    shutil.copytree(case.index, tmp_path / "sound")
    return case


def restore(case: Case) -> None:
    """Put the index back as it was."""
    shutil.rmtree(case.index)
    shutil.copytree(case.folder / "sound", case.index)


def flip(path: Path, at: int, bit: int = 0) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.unlink()
    path.write_bytes(content)


def dense_file(case: Case) -> Path:
    """Return the file of vectors in force."""
    with Snapshot(case.folder / "sound") as snapshot:
        return case.index / snapshot.manifest.dense


def shown(case: Case) -> list[str] | None:
    """Return the passages that answer some questions, or None if the index tells of its damage."""
    try:
        with closing(Searcher(case.index, ready(FakeEncoder()))) as searcher:
            since_build(searcher.snapshot, searcher.snapshot.manifest.sources)
            return [r.snippet for question in QUESTIONS for r in ask(searcher, question).results]
    except IndexUnusableError as error:
        told = re.fullmatch("(run `assistant build`|build it: assistant build).*", error.remedy)
        return None if told else [str(error)]


def errors(case: Case) -> list[Finding]:
    """Return the findings that are no good news."""
    return [finding for finding in check(case.index) if finding.level == "error"]


def repaired(case: Case) -> int:
    """Build as `assistant build` does; return how many texts were embedded."""
    case.encoder.encoded.clear()
    case.build(check=True)
    assert {finding.level for finding in check(case.index)} == {"ok"}
    return len(case.encoder.encoded)


def test_a_sound_index_has_no_faults(case: Case) -> None:
    """Each check passes on an index as it was built, and says what it found to be well."""
    found = check(case.index)
    assert {finding.level for finding in found} == {"ok"}
    assert len({finding.what for finding in found}) == len(found)
    assert {finding.remedy for finding in found} == {""}


def test_a_bit_of_the_database_that_flips(case: Case) -> None:
    """Wherever it is, no changed text is shown, and a build makes the index what it was.

    Of the vectors it embeds those again that the bit made unreadable, a page full at most.
    """
    before = contents(case.index)
    notes = "\n".join(path.read_text() for path in case.notes.rglob("*.md"))
    chance, size = random.Random(0), (case.index / DATABASE).stat().st_size
    found = 0
    for at in sorted(chance.sample(range(size), 60)):
        restore(case)
        flip(case.index / DATABASE, at, chance.randrange(8))
        for snippet in shown(case) or ():
            assert snippet in notes, at
        found += bool(errors(case))
        assert repaired(case) <= 8, at
        assert contents(case.index) == before, at
    assert found > 5


def pages(path: Path) -> dict[int, tuple[str, int]]:
    """Return the kind of each page of a database, and how many texts have a part on it."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            rows = connection.execute("SELECT pageno, name, pagetype, ncell FROM dbstat").fetchall()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite does not tell what its pages are for")
        ((count,),) = connection.execute("PRAGMA page_count").fetchall()
    found = dict.fromkeys(range(1, count + 1), ("free", 0))
    for number, name, kind, cells in rows:
        holds = name in ("vectors", "states") and kind != "internal"
        found[number] = (f"{name} {kind}", (cells if kind == "leaf" else 1) if holds else 0)
    return found


@pytest.mark.parametrize("damage", ["zeroed", "a bit in its head"])
def test_a_page_that_is_lost_costs_what_was_on_it(case: Case, damage: str) -> None:
    """Whichever page it is, the first, one inside a tree or a leaf, all other vectors are kept.

    A page of each kind is damaged, and some more.
    """
    case.write("long.md", "# Long\n\n" + " ".join(f"word{n}" for n in range(900)))
    case.write("many.md", "".join(f"## Section {n}\n\ntext{n} and words\n\n" for n in range(60)))
    (case.notes / "more.md").unlink()
    case.build()
    shutil.rmtree(case.folder / "sound")
    shutil.copytree(case.index, case.folder / "sound")
    before, kinds = contents(case.index), pages(case.index / DATABASE)
    chance = random.Random(0)
    chosen = {kind: number for number, (kind, _) in kinds.items()}
    assert {"vectors internal", "states internal", "states overflow"} <= {*chosen}
    for number in sorted({1, *chosen.values(), *chance.sample(sorted(kinds), 4)}):
        restore(case)
        path = case.index / DATABASE
        content = bytearray(path.read_bytes())
        at = (number - 1) * 4096
        if damage == "zeroed":
            content[at : at + 4096] = bytes(4096)
        else:
            content[at + chance.randrange(12)] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        assert repaired(case) <= kinds[number][1], (number, kinds[number])
        assert contents(case.index) == before


def test_vectors_that_stand_in_the_log_alone(case: Case) -> None:
    """Where the database is of no use, what a build has kept in its log is not embedded again."""
    with Snapshot(case.index):  # holds the log back from being tidied up
        case.write("late.md", "".join(f"## Late {n}\n\nlate{n} words\n\n" for n in range(40)))
        case.build()
        before = contents(case.index)
        left = case.folder / "left"
        shutil.copytree(case.index, left)
    assert (left / f"{DATABASE}-wal").stat().st_size > 40_000
    for cut in (None, 0):
        shutil.rmtree(case.index)
        shutil.copytree(left, case.index)
        (case.index / f"{DATABASE}-shm").unlink()
        content = bytes(100) + (left / DATABASE).read_bytes()[100:]
        (case.index / DATABASE).write_bytes(content[:cut])
        shown(case)
        assert repaired(case) <= (0 if cut is None else before["counts"][2] - 40)
        assert contents(case.index) == before


def place(case: Case, table: str, column: str) -> int:
    """Return where in the file of the database the middle of a value stands."""
    with closing(sqlite3.connect(case.index / DATABASE)) as connection:
        value = max((v for (v,) in connection.execute(f"SELECT {column} FROM {table}")), key=len)
    needle = value if isinstance(value, bytes) else value.encode()
    # A long value is parted among pages: what lies on the first one is looked for.
    at = (case.index / DATABASE).read_bytes().index(needle[:40])
    return at + min(20, len(needle) // 2)


@pytest.mark.parametrize(
    ("table", "column", "what", "lost"),
    [
        ("entries", "text", "rows of the table entries", 0),
        ("entries", "headings", "rows of the table entries", 0),
        ("chunks", "text_digest", "rows of the table chunks", 0),
        ("notes", "centroid", "rows of the table notes", 0),
        ("vectors", "vector", "rows of the table vectors", 1),
        ("states", "pieces", "rows of the table states", 1),
        ("lexical_content", "c1", "malformed|counts of", 0),
        ("manifest", "content", "manifest", 0),
    ],
)
def test_a_byte_of_a_row_that_changes_is_named(
    case: Case, table: str, column: str, what: str, lost: int
) -> None:
    """The check names the table, a build repairs it, and one vector at most is embedded again."""
    before = contents(case.index)
    flip(case.index / DATABASE, place(case, table, column))
    found = errors(case)
    assert found
    assert any(re.search(what, finding.what) for finding in found), found
    assert repaired(case) <= lost
    assert contents(case.index) == before


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE notes SET title = 'x' WHERE id = 1", "1 rows of the table notes"),
        ("UPDATE notes SET title = CAST(title AS BLOB) WHERE id = 1", "1 rows of the table notes"),
        ("UPDATE words SET chunks = chunks + 1", "counts of .* words"),
        ("DELETE FROM words WHERE word = 'memory'", "counts of 1 words"),
        ("DELETE FROM lexical WHERE rowid = 1", "table lexical has"),
        ("DELETE FROM notes WHERE id = 1", "refer to rows missing from notes"),
        ("DELETE FROM vectors WHERE rowid = 1", "chunks have no vectors"),
        ("DELETE FROM states WHERE rowid = 1", "1 chunks have no token states"),
        ("UPDATE chunks SET end = 100000", "outside its entry"),
        ("UPDATE entries SET body = 100000", "outside its text"),
        ("UPDATE vectors SET vector = zeroblob(128)", "not of unit length"),
        ("UPDATE vectors SET vector = x'00'", "not of unit length"),
        ("UPDATE vectors SET vector = zeroblob(128)", "differ from those in the database"),
        ("UPDATE map SET x = 0.5", "rows of the table map"),
        ("UPDATE plane SET content = x'00'", "1 rows of the table plane"),
        ("UPDATE manifest SET content = '{}'", "manifest cannot be read"),
    ],
)
def test_each_kind_of_fault_is_named(case: Case, statement: str, what: str) -> None:
    """Whatever does not fit together is named in a line with what repairs it, which it does."""
    before = contents(case.index)
    with closing(sqlite3.connect(case.index / DATABASE)) as connection:
        connection.execute(statement)
        connection.commit()
    found = errors(case)
    assert any(re.search(what, finding.what) for finding in found), found
    assert all(finding.remedy.startswith("run `assistant build`") for finding in found)
    repaired(case)
    assert contents(case.index) == before


def test_a_changed_row_is_noticed_by_who_reads_it(case: Case) -> None:
    """A question does not show a text, nor rank by a vector, that is not as it was written."""
    for table, column in (("entries", "text"), ("states", "pieces"), ("notes", "centroid")):
        restore(case)
        with closing(sqlite3.connect(case.index / DATABASE)) as connection:
            name = f"CAST({column} AS BLOB)"
            connection.execute(
                f"UPDATE {table} SET {column} ="
                f" CAST(substr({name}, 1, 3) || x'41' || substr({name}, 5) AS"
                f" {'TEXT' if column == 'text' else 'BLOB'})"
            )
            connection.commit()
        assert shown(case) is None, table
        repaired(case)
        assert shown(case)


@pytest.mark.parametrize("column", ["root", "path"])
def test_a_note_whose_path_is_no_text(case: Case, column: str) -> None:
    """A bit of a row's head can make a number of a text, which a question tells as damage."""
    with closing(sqlite3.connect(case.index / DATABASE)) as connection:
        connection.execute(f"UPDATE notes SET {column} = CAST('x' AS BLOB) WHERE id = 1")
        connection.commit()
    assert shown(case) is None


def test_a_bit_of_the_vectors_that_flips(case: Case) -> None:
    """Wherever it is, a question notices it, and a build writes the file anew from the database."""
    before = contents(case.index)
    chance, path = random.Random(0), dense_file(case)
    size = path.stat().st_size
    for at in [0, size // 2, size - 1, *chance.sample(range(size), 30)]:
        restore(case)
        flip(path, at, chance.randrange(8))
        assert shown(case) is None, at
        assert [f.what for f in errors(case) if "vectors in" in f.what], at
        assert repaired(case) == 0
        assert contents(case.index) == before


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.8, 0.99])
def test_a_database_cut_short(case: Case, share: float) -> None:
    """An empty or shortened database is told, and made anew with the vectors that are left."""
    before = contents(case.index)
    path = case.index / DATABASE
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert errors(case)
    for snippet in shown(case) or ():
        assert snippet.encode() in content
    assert repaired(case) <= before["counts"][2]
    assert contents(case.index) == before


def older_vectors(case: Case) -> None:
    """Put the vectors of the older generation in place of the newer's."""
    shutil.copy(case.folder / "older/dense-1.faiss", dense_file(case))


def older_database(case: Case) -> None:
    """Put the database of the older generation in place of the newer's."""
    shutil.copy(case.folder / "older" / DATABASE, case.index / DATABASE)
    (case.index / "dense-1.faiss").unlink()


def twin(case: Case) -> None:
    """Put vectors in place that are as many, of another index."""
    other = Case(case.folder / "other")
    for path in sorted(case.notes.rglob("*.md")):
        other.write(path.name, path.read_text().replace("words", "others"))
    other.build()
    shutil.copy(other.index / "dense-1.faiss", dense_file(case))


@pytest.mark.parametrize("swap", [older_vectors, older_database, twin])
def test_files_of_other_versions(case: Case, swap: Callable[[Case], None]) -> None:
    """Files that belong to different builds are never taken for one index."""
    before = contents(case.index)
    swap(case)
    assert shown(case) is None
    assert errors(case)
    repaired(case)
    assert contents(case.index) == before


def test_a_log_of_another_index(case: Case) -> None:
    """A write-ahead log that is not the database's own does no harm that a build leaves."""
    before = contents(case.index)
    with Snapshot(case.folder / "older"):  # holds the log
        other = Case(case.folder / "other")
        other.write("a.md", "# Other\n\nquite another text\n")
        other.build()
        with Snapshot(other.index):
            other.edit("a.md", "quite", "yet")
            other.build()
            shutil.copy(other.index / f"{DATABASE}-wal", case.index / f"{DATABASE}-wal")
    shown(case)
    repaired(case)
    assert contents(case.index) == before


def test_a_whole_older_index_is_brought_up_to_date(case: Case) -> None:
    """A folder restored from a backup is an index like any other."""
    before = contents(case.index)
    shutil.rmtree(case.index)
    shutil.copytree(case.folder / "older", case.index)
    assert shown(case)
    case.build()
    assert contents(case.index) == before


@pytest.mark.parametrize("width", [0, 1, -1])
def test_a_file_of_vectors_that_was_made_up(
    case: Case,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    width: int,
) -> None:
    """Vectors of another width, or of chunks that are not there, cost a line until a build."""
    with Snapshot(case.index) as snapshot:
        manifest = snapshot.manifest
    vectors = np.eye(manifest.chunks, manifest.dimensions + width, dtype=np.float32)
    path = case.index / manifest.dense
    vector_index.write(vector_index.build(vectors, np.arange(manifest.chunks) + 10**6), path)
    put_manifest(case.index, {**as_stored(case.index), "dense_seal": checksums.at_end(path)})
    stand_in_folder(case.model, case.folder, monkeypatch)
    shell = Shell(case, monkeypatch, capfd)

    for command in (("ask", QUESTIONS[0]), ("similar", "pytorch.md:3")):
        ran = shell(*command)
        assert ran.code == 3
        assert "run `assistant build`" in ran.err
    repaired(case)
    assert shell("ask", QUESTIONS[0]).code == 0
