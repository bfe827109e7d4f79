"""The same commands over an index on a server, and nothing of it imported unasked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from indexes import Case
from milvus_server import MilvusServer
from project import ENVIRONMENT
from shell import Shell, stand_in_folder

from assistant.store import index_at


@pytest.fixture
def shell(
    two_notes: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shell:
    """Two notes, not indexed."""
    stand_in_folder(two_notes.model, two_notes.folder, monkeypatch)
    return Shell(two_notes, monkeypatch, capfd)


def test_the_commands_work_on_an_address(shell: Shell, milvus: MilvusServer) -> None:
    """Build, ask, status, doctor, list, show; edits are taken in by a question."""
    address = str(milvus.address("commands", "ann"))
    named = ("--index", address)
    assert shell(*named, "build", str(shell.case.notes)).code == 0
    assert "pytorch.md" in shell(*named, "ask", "free gpu memory").out
    assert address in shell(*named, "status").out
    assert "pytorch.md" in shell(*named, "list").out
    assert "empty_cache" in shell(*named, "show", "pytorch.md:3").out
    shell.case.write("cake.md", "# Cake\n\nBake the cake for an hour.\n")
    assert "cake.md" in shell(*named, "ask", "bake the cake").out
    told = shell(*named, "doctor").out
    assert "the server is milvus_lite" in told
    assert "the server finds passages by their words" in told
    assert "as many as the manifests say" in told


def test_doctor_counts_rows(shell: Shell, milvus: MilvusServer) -> None:
    """A chunk that somebody took away is missed."""
    from assistant.store.milvus.server import Server

    address = milvus.address("counted", "ann")
    shell.case.build(index=address)
    server = Server(address)
    (row, *_) = server.query("counted", "born > 0", ["id"])
    server.delete("counted", f"id == {row['id']}")
    told = shell("--index", str(address), "doctor")
    assert told.code == 3
    assert "were put" in told.out
    assert shell("--index", str(address), "ask", "list files").code in (0, 1)


def test_copy_there_and_back(shell: Shell, milvus: MilvusServer, tmp_path: Path) -> None:
    """By folder and address."""
    address = str(milvus.address("copied", "ann"))
    shell.case.build()
    assert "2 notes" in shell("copy", str(shell.case.index), address).err
    assert "2 notes" in shell("copy", address, str(tmp_path / "back")).err
    with index_at(tmp_path / "back").snapshot() as snapshot:
        assert snapshot.manifest.notes == 2
    assert shell("copy", address, address).code == 2


def test_no_server_is_told_with_exit_code_3(shell: Shell) -> None:
    """One line of cause, one of remedy, whatever was asked for."""
    for command in (("ask", "anything"), ("build",), ("status",), ("doctor",), ("list",)):
        told = shell("--index", "milvus://127.0.0.1:9/notes", *command)
        assert told.code == 3
        assert "does not answer" in told.err + told.out
        assert "Traceback" not in told.err


PROGRAM = """
import sys
from assistant.__main__ import run
try:
    run()
finally:
    assert not {"pymilvus", "grpc", "ray", "pandas"} & sys.modules.keys()
    assert not [name for name in sys.modules if name.startswith("assistant.store.milvus.")]
"""


def test_an_index_in_a_folder_imports_nothing_of_servers(case: Case) -> None:
    """Neither the client nor what is ours around it: `status` reads as a question does."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--index", str(case.index), "status"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        cwd=case.folder,
    )
    assert (run.returncode, run.stderr) == (0, "")
