"""What a database may do that anybody may have written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from indexes import Case
from shell import Shell, stand_in_folder

from assistant.errors import IndexDamagedError
from assistant.store import schema, tables
from assistant.store.files import ASIDE, DATABASE
from assistant.store.manifest import last_sources
from assistant.store.snapshot import Snapshot

pytestmark = pytest.mark.usefixtures("without_calibration")

QUESTION = "call torch.cuda.empty_cache() to release cached memory"

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"

CHANGES = {
    "view": f"DROP TABLE manifest; CREATE VIEW manifest AS {ENDLESS}"
    " SELECT group_concat(i) AS content, 1 AS checksum FROM n;",
    "trigger": "CREATE TRIGGER t AFTER INSERT ON vectors BEGIN DELETE FROM notes"
    " WHERE id IN (SELECT value FROM json_each('[1]')); END;",
    "table": "CREATE TABLE more (x);",
    "index": "CREATE INDEX more ON notes (abs(size));",
    "generated": "DROP TABLE states; CREATE TABLE states (digest TEXT PRIMARY KEY,"
    " pieces BLOB GENERATED ALWAYS AS (zeroblob(1000000000)), checksum INTEGER NOT NULL);",
    "missing": "DROP TABLE map;",
    "other virtual table": "DROP TABLE lexical;"
    " CREATE VIRTUAL TABLE lexical USING fts5 (headings, body, content = 'notes');",
}
"""Schemas that are almost an index's, as SQL that makes them of one."""


def change(path: Path, sql: str) -> None:
    """Run SQL on a database."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)


def test_the_digest_is_that_of_the_tables() -> None:
    """The digest that is compared with is that of the tables; with them changes ``SCHEMA``."""
    assert schema.digest_made_by(tables.TABLES) == tables.DIGEST


def test_another_sqlite_may_word_the_tables_of_fts5_otherwise(case: Case) -> None:
    """What counts is what the SQLite at hand makes of the tables, if that is not the digest."""
    with closing(sqlite3.connect(case.index / DATABASE)) as connection:
        assert schema.is_made_by(connection, tables.TABLES, "of another SQLite")
        assert not schema.is_made_by(connection, "CREATE TABLE notes (x)", "of another SQLite")


@pytest.mark.parametrize("name", CHANGES)
def test_another_schema_is_damage_that_a_build_repairs(case: Case, name: str) -> None:
    """An index with anything beside or in place of its tables is read by nobody, and built anew."""
    before = case.ask("free GPU memory")
    change(case.index / DATABASE, CHANGES[name])
    with pytest.raises(IndexDamagedError, match="its tables are not those of an index"):
        Snapshot(case.index)
    case.build()
    assert case.ask("free GPU memory") == before


@pytest.mark.parametrize("version", [0, 3, 99, tables.SCHEMA])
def test_an_endless_view_is_asked_by_nobody(
    case: Case,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    version: int,
) -> None:
    """Whatever version a database says to be of, no command reads a view in the place of a table.

    SQLite ends each query here after some steps, and the test with it, so that it cannot hang.
    """
    steps: list[None] = []

    def too_many() -> bool:
        steps.append(None)
        return True

    monkeypatch.setattr(schema, "_go_on", too_many)
    stand_in_folder(case.model, case.folder, monkeypatch)
    shell = Shell(case, monkeypatch, capfd)
    change(case.index / DATABASE, f"{CHANGES['view']} PRAGMA user_version = {version};")
    codes = {
        command: shell(*command.split()).code
        for command in ("status", "doctor", "show pytorch.md", "duplicates")
    }
    assert set(codes.values()) == {3}
    assert last_sources(case.index) == ()
    # Where a database is of no version, no build has ended, and a question makes an index.
    assert shell("ask", QUESTION).code == (3 if version else 0)
    assert shell("build").code == 0
    assert shell("status").code == 0
    assert steps == []


@pytest.mark.parametrize("table", ["vectors", "states"])
def test_what_is_saved_is_read_from_tables(case: Case, table: str) -> None:
    """Of a database that was set aside a view of vectors is passed over."""
    case.build()
    (case.index / DATABASE).rename(case.index / ASIDE)
    change(
        case.index / ASIDE,
        f"DROP TABLE {table}; CREATE VIEW {table} AS {ENDLESS}"
        " SELECT i AS digest, i AS vector, i AS pieces, NULL AS checksum FROM n;",
    )
    case.encoder.encoded.clear()
    case.build()
    assert case.ask("free GPU memory")


@pytest.mark.parametrize(
    ("sql", "plain"),
    [
        ("CREATE TABLE t (a TEXT PRIMARY KEY, b BLOB NOT NULL)", True),
        ("CREATE TABLE t (a DEFAULT (abs(1)))", False),
        ("CREATE TABLE t (a, b AS (a))", False),
        ("CREATE TABLE t (a CHECK (a > 1))", False),
        ("CREATE VIEW t AS SELECT 1 AS a", False),
        ("CREATE VIRTUAL TABLE t USING fts5 (a)", False),
        ("CREATE TABLE other (a)", False),
    ],
)
def test_plain_tables_compute_nothing(sql: str, plain: bool) -> None:
    """A table of another version is read if it holds values alone."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(sql)
        assert schema.is_plain(connection, "t") is plain


def test_ctrl_c_ends_a_query_within(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Ctrl-C raises while SQLite works comes out of the query as it went in."""

    def pressed() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "_go_on", pressed)
    with Snapshot(case.index) as snapshot, pytest.raises(KeyboardInterrupt):
        snapshot.query(f"{ENDLESS} SELECT count(*) FROM n")
