"""Vectors and states out of the pages of a database: what SQLite would read, and no bad row."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from indexes import PYTORCH, TOOLS, Case

from assistant.store import tables
from assistant.store.files import DATABASE
from assistant.store.repair import carving
from assistant.store.repair.recovery import STATES, VECTORS

pytestmark = pytest.mark.usefixtures("without_calibration")

Kept = dict[tuple[int, str], bytes]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Notes with many small entries and one of many words, indexed."""
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.write("sub/tools.md", TOOLS)
    case.write("more.md", "".join(f"## Part {n}\n\nnumber{n} and words\n\n" for n in range(150)))
    case.write("long.md", "# Long\n\n" + " ".join(f"word{n}" for n in range(900)))
    case.build()
    return case


def by_sqlite(path: Path) -> Kept:
    """Return the rows of both tables as SQLite reads them."""
    with closing(sqlite3.connect(path)) as connection:
        tables = ((VECTORS, "digest, vector", "vectors"), (STATES, "digest, pieces", "states"))
        return {
            (columns, digest): content
            for columns, names, table in tables
            for digest, content in connection.execute(f"SELECT {names} FROM {table}")
        }


def carved(path: Path) -> Kept:
    """Return the rows that the pages hold."""
    return {(row.columns, row.digest): row.content for row in carving.rows(path)}


def test_all_rows_of_a_sound_database(case: Case) -> None:
    """The pages give what SQLite reads, rows that span several pages among them."""
    path = case.index / DATABASE
    assert carved(path) == by_sqlite(path)
    assert max(map(len, carved(path).values())) > 4096


@pytest.mark.parametrize("size", [512, 1024, 8192, 65536])
def test_pages_of_any_size(case: Case, size: int) -> None:
    """A database whose pages have another size is read by what it says of itself."""
    path = case.index / DATABASE
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA page_size = {size}")
        connection.execute("VACUUM")
    assert path.read_bytes()[16:18] == (size % 65535).to_bytes(2)
    assert carved(path) == by_sqlite(path)


@pytest.fixture
def logged(case: Case) -> Path:
    """A database with a log that holds newer pages, some of them more than once."""
    copy = case.folder / "copy"
    with closing(sqlite3.connect(case.index / DATABASE)) as idle:
        idle.execute("PRAGMA wal_autocheckpoint = 0")
        ((size,),) = idle.execute("PRAGMA page_size").fetchall()
        for number in range(8):
            digest, content = f"{number:032x}", random.Random(number).randbytes(size + number)
            row = (digest, content, tables.row_sum(digest, content))
            idle.execute("INSERT INTO states VALUES (?, ?, ?)", row)
            idle.execute("DELETE FROM states WHERE rowid = ?", (number + 1,))
            idle.commit()
        copy.mkdir()
        for end in ("", "-wal"):
            shutil.copy(case.index / f"{DATABASE}{end}", copy / f"{DATABASE}{end}")
    return copy / DATABASE


def test_rows_of_the_log(logged: Path) -> None:
    """What stands in the log alone is found, without a database and without its first page, too."""
    newest = {key for key in carved(logged) if key[1] < "1"}
    assert len({key for key in newest if key[0] == STATES and key[1] < f"{8:032x}"}) == 8
    before = carved(logged)
    logged.write_bytes(b"\0" * 4096 + logged.read_bytes()[4096:])
    assert carved(logged) == before
    shutil.copy(logged, logged.with_name("aside"))
    wanted = by_sqlite_without_damage(logged)
    assert wanted.items() <= before.items()


def by_sqlite_without_damage(damaged: Path) -> Kept:
    """Return what SQLite reads of a database whose first page stands in the log as well."""
    with closing(sqlite3.connect(damaged)) as connection:
        rows = connection.execute("SELECT digest, pieces FROM states").fetchall()
    return {(STATES, digest): content for digest, content in rows}


def test_a_log_of_an_earlier_time_does_not_hide_what_is_newer(case: Case) -> None:
    """Frames behind those of the log in force are of pages that have changed since."""
    path = case.index / DATABASE
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE vectors SET used = 7")  # a long log
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        connection.execute("DELETE FROM states WHERE rowid % 2")  # written over its beginning
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        connection.execute("UPDATE manifest SET content = content")
        assert (case.index / f"{DATABASE}-wal").stat().st_size > 10 * 4096
        assert by_sqlite(path).items() <= carved(path).items()


def test_no_damage_makes_a_row(case: Case) -> None:
    """Whatever bytes change, what comes out was written, and nothing fails."""
    path, sound = case.index / DATABASE, carved(case.index / DATABASE)
    whole = path.read_bytes()
    for seed in range(60):
        chance = random.Random(seed)
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 2000)):
            at = chance.randrange(len(content))
            content[at] = chance.choice((0, 0xFF, chance.randrange(256), content[at] ^ 1))
        path.write_bytes(content)
        assert carved(path).items() <= sound.items()


def test_any_bytes_are_looked_through(tmp_path: Path) -> None:
    """Bytes of anything are no reason to fail, nor those of leaves that say anything."""
    chance = random.Random(0)
    path, log = tmp_path / "x", tmp_path / "x-wal"
    head = bytes.fromhex("377f0682002de21800000200")
    for _ in range(100):
        leaves = [b"\x0d" + chance.randbytes(511) for _ in range(20)]
        path.write_bytes(b"".join(leaves))
        log.write_bytes(head + chance.randbytes(20) + b"".join(leaves))
        assert carved(path) == {}
