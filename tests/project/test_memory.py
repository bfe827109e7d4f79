"""Limits of memory, and memory that is used up: a cause and a remedy, and no traceback."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from indexes import Case
from shell import Shell, stand_in_folder

from assistant import memory
from assistant.cli.commands import COMMANDS
from assistant.embedding.model import unopenable
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.errors import ModelUnavailableError

MODEL_COMMANDS = {"ask", "build", "web", "watch", "mcp", "eval", "why-not", "model"}
ARGUMENTS = {"ask": ["q"], "eval": ["q.jsonl"], "why-not": ["q", "a.md"], "open": ["a.md"]}
ARGUMENTS |= {"model": ["try", "tiny"]}
ARGUMENTS |= {"show": ["a.md"], "similar": ["a.md"]}


@pytest.fixture
def shell(case: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    """Runs commands in a folder with two indexed notes."""
    stand_in_folder(case.model, case.folder, monkeypatch)
    return Shell(case, monkeypatch, capfd)


@pytest.mark.parametrize("command", [name for name, told in COMMANDS.items() if told.memory])
@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_a_limit_is_told_before_a_library_ends_the_process(
    tmp_path: Path, command: str, limit: str
) -> None:
    """Where a command cannot have the memory that it takes, it says so and what to run."""
    resource = pytest.importorskip("resource")
    allowed = 120_000_000
    program = (
        f"import resource; resource.setrlimit(resource.{limit}, ({allowed}, {allowed}));"
        "from assistant.__main__ import run; run()"
    )
    assert getattr(resource, limit)
    done = subprocess.run(
        [sys.executable, "-c", program, command, *ARGUMENTS.get(command, [])],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    cause, remedy = done.stderr.splitlines()
    assert done.returncode == (4 if command in MODEL_COMMANDS else 71)
    assert cause.startswith("Error: memory is limited to 120 MB here, and this takes some ")
    assert remedy == f"raise the limit: ulimit -{limit[7].lower().replace('a', 'v')} unlimited"


def test_commands_that_need_little_run_under_a_limit(tmp_path: Path) -> None:
    """Settings and completion work where there is no room for an index."""
    pytest.importorskip("resource")
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (120_000_000, 120_000_000));"
        "from assistant.__main__ import run; run()"
    )
    for arguments in (["config"], ["completion", "bash"], ["--version"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("error", "used_up"),
    [
        (MemoryError(), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (RuntimeError("can't start new thread"), True),
        (ImportError("libfaiss.so: failed to map segment from shared object"), True),
        (RuntimeError("Exception during initialization: std::bad_alloc"), True),
        (RuntimeError("BFCArena: Failed to allocate memory for requested buffer"), True),
        (OSError(errno.ENOENT, "No such file or directory"), False),
        (RuntimeError("invalid graph"), False),
        (ValueError(), False),
    ],
)
def test_want_of_memory_is_known_by_what_libraries_say(error: Exception, used_up: bool) -> None:
    """Python, the loader, ONNX Runtime and FAISS each say in their way that there is no more."""
    assert memory.is_used_up(error) == used_up
    told = unopenable(Path("model"), error)
    assert told.exit_code == 4
    assert ("ulimit" in told.remedy) == used_up
    assert ("delete that folder" in told.remedy) != used_up


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't start new thread")])
def test_memory_that_is_used_up_is_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Wherever memory ends, a command ends with 71, a line of cause and one of remedy."""

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("assistant.library.status.gather", fails)
    ran = shell("status")
    assert (ran.code, ran.out) == (71, "")
    cause, remedy = ran.err.splitlines()
    assert cause.startswith("Error: out of memory: ")
    assert remedy == memory.REMEDY


def test_a_bug_keeps_its_traceback(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not want of memory is raised as it is."""

    def fails(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("assistant.library.status.gather", fails)
    with pytest.raises(RuntimeError, match="a bug"):
        shell("status")


def test_a_text_that_does_not_fit_is_told(
    encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model running out of memory is a model that is unavailable; its bugs stay bugs."""

    class Session:
        def __init__(self, words: str) -> None:
            self.words = words

        def run(self, *_: object) -> list[np.ndarray]:
            raise RuntimeError(self.words)

    monkeypatch.setattr(encoder, "_session", Session("std::bad_alloc"))
    with pytest.raises(ModelUnavailableError, match="needs more memory: std::bad_alloc"):
        encoder.encode_query("a question")
    monkeypatch.setattr(encoder, "_session", Session("wrong shape"))
    with pytest.raises(RuntimeError, match="wrong shape"):
        encoder.encode_query("a question")
