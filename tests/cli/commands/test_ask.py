"""`assistant ask` among other programs: places, Markdown, standard input, pipes, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import IO

import pytest
import typer
from indexes import PYTORCH, TOOLS, Case
from shell import Shell, stand_in_folder
from typist import CTRL_C, Typist

from assistant.cli.commands.ask import print_for_programs
from assistant.cli.terminal import interrupts
from assistant.rendering import markdown_text
from assistant.results import Answer, Code, Result, Verdict

ROOT = Path(__file__).parents[3]

QUESTION = "Free GPU memory: call torch.cuda.empty_cache() to release cached memory"

PROGRAM = """
from assistant.cli.terminal import interrupts
interrupts.leave_at_once()  # as `run` does first of all
try:
    print("started", flush=True)
except OSError:
    pass
from assistant.__main__ import run
run()
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shell:
    """Two notes with settings beside them."""
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.write("sub/tools.md", TOOLS)
    stand_in_folder(case.model, tmp_path, monkeypatch)
    return Shell(case, monkeypatch, capfd)


def test_paths_are_lines_of_files_that_are_there(shell: Shell) -> None:
    """Each line names a file from here and the line in it where the best sentence begins."""
    ran = shell("ask", QUESTION, "--paths")
    results = shell("ask", QUESTION, "--json", "-k", "3").record["results"]

    assert ran.code == 0
    for line, result in zip(ran.out.splitlines(), results, strict=True):
        file, number = line.rsplit(":", 1)
        assert not Path(file).is_absolute()
        best = result["snippet"][slice(*result["highlight"])].splitlines()[0]
        assert best in Path(file).read_text("utf-8").splitlines()[int(number) - 1]


def test_paths_of_files_elsewhere_are_absolute(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a folder that the notes do not lie in, files are named in full."""
    shell("build")
    monkeypatch.chdir(shell.case.notes / "sub")
    lines = shell("ask", QUESTION, "--paths", "-k", "9").out.splitlines()

    assert f"{shell.case.notes / 'pytorch.md'}:" in lines[0]
    assert any(line.startswith("tools.md:") for line in lines)


def test_markdown_is_heading_passage_source(shell: Shell) -> None:
    """What is pasted says under which heading and in which lines it stands."""
    ran = shell("ask", QUESTION, "--markdown", "-k", "1")

    heading, rest = ran.out.split("\n\n", 1)
    passage, source = rest.rstrip("\n").rsplit("\n\n", 1)
    assert (ran.code, heading.startswith("### "), "Free GPU memory" in heading) == (0, True, True)
    assert "torch.cuda.empty_cache()" in passage
    assert "Free GPU memory" not in passage
    assert source == "Source: pytorch.md:3-9"


@pytest.mark.parametrize(
    ("snippet", "code", "expected"),
    [
        ("## A\n\nText.", (), "Text."),
        ("Text.\n\n```sh\nls", ("sh", "ls\npwd\n"), "Text.\n\n```sh\nls\n```"),
        ("ls\npwd\n```\n\nText.", ("sh", "ls\npwd\n"), "```sh\nls\npwd\n```\n\nText."),
        ("- a\n\n  ~~~~sh\n  ls", ("sh", "ls\n"), "- a\n\n  ~~~~sh\n  ls\n  ~~~~"),
        ("> ```\n> ls", ("", "ls\n"), "> ```\n> ls\n> ```"),
        ("1. ```sh\n   ls", ("sh", "ls\n"), "1. ```sh\n   ls\n   ```"),
        ("Red \x1b[31m", (), "Red ␛[31m"),
    ],
)
def test_pasted_passage_is_whole(
    snippet: str, code: tuple[str, str] | tuple[()], expected: str
) -> None:
    """Fences that a passage cuts are closed, its own heading is not told twice."""
    blocks = (Code(*code),) if code else ()
    at = Path("/n/a_b.md")
    result = Result(1, 0.9, "a_b.md", at, ("A",), (1, 9), snippet, (0, 1), code=blocks)

    text = markdown_text.to_markdown(Answer("q", "found", (result,)))

    assert text == f"### A\n\n{expected}\n\nSource: a_b.md:1-9"


def test_pasted_heading_is_plain_text() -> None:
    """A heading that looks like Markdown is shown as it is."""
    at = Path("/n/a.md")
    result = Result(1, 0.9, "a.md", at, ("__init__ *x* a_b",), (1, 1), "Text.", (0, 1))

    text = markdown_text.to_markdown(Answer("q", "found", (result,)))

    assert text.splitlines()[0] == r"### \__init_\_ \*x\* a_b"


@pytest.mark.parametrize("form", ["--paths", "--markdown", "--code"])
def test_nothing_is_printed_for_programs_unless_it_answers(shell: Shell, form: str) -> None:
    """Where the notes do not answer, standard output is empty and the exit code 1."""
    ran = shell("ask", "zyzzyva quokka", form)
    assert (ran.code, ran.out, ran.err) == (1, "", "the notes do not answer\n")


@pytest.mark.parametrize(
    ("verdict", "out", "err"),
    [("found", "rm -rf old\n", ""), ("weak", "", "the code deletes or overwrites")],
)
def test_code_that_deletes_is_printed_only_as_an_answer(
    verdict: Verdict, out: str, err: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the notes may answer, a command that deletes is not handed to a shell."""
    block = Code("sh", "rm -rf old\n", destroys=True)
    at = Path("/n/a.md")
    result = Result(1, 0.5, "a.md", at, ("A",), (1, 9), "text", (0, 1), code=(block,))
    answer = Answer("q", verdict, (result,))

    with nullcontext() if out else pytest.raises(typer.Exit):
        print_for_programs(answer, "--code")

    printed = capsys.readouterr()
    assert printed.out == out
    assert printed.err.startswith(err)


def test_question_from_standard_input(shell: Shell) -> None:
    """`ask -` reads all of standard input as one question, in UTF-8."""
    piped = shell("ask", "-", "--json", stdin=f"\ufeff{QUESTION}\n查看进程\n".encode())
    assert piped.record["question"] == f"{QUESTION}\n查看进程"
    for nothing in (b"", b" \n"):
        ran = shell("ask", "-", stdin=nothing)
        assert (ran.code, "the question is empty" in ran.err) == (2, True)
    ran = shell("ask", "-", stdin=b"caf\xe9")
    assert (ran.code, "standard input cannot be read" in ran.err) == (2, True)


@pytest.mark.parametrize(
    "forms", [["--json", "--code"], ["--paths", "--markdown"], ["--code", "--paths", "--json"]]
)
def test_forms_exclude_each_other(shell: Shell, forms: list[str]) -> None:
    """Two forms of one answer are wrong usage, and both are named."""
    ran = shell("ask", QUESTION, *forms)
    assert (ran.code, ran.out) == (2, "")
    assert "cannot be used together" in ran.err
    assert all(form in ran.err for form in forms)
    assert not shell.case.index.exists()


# The real command, in a process of its own, with the real model


@pytest.fixture(scope="module")
def real(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with settings, notes and their index, built by the real command."""
    assert model_folder
    case = Case(tmp_path_factory.mktemp("real"))
    case.write("pytorch.md", PYTORCH)
    (case.folder / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n')
    with start(case.folder, "build") as process:
        process.communicate()
    return case.folder


def start(folder: Path, *arguments: str, out: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start the command in a folder, as a shell starts one in the foreground."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=out or subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_closed_pipe_is_no_answer_of_its_own(real: Path) -> None:
    """When the reader has gone, the exit code is that of SIGPIPE, and nothing is said."""
    with start(real, "ask", "list files") as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"started\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize("wait", [0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3])
def test_interrupt_is_quiet_at_every_stage(real: Path, wait: float) -> None:
    """Ctrl-C during imports, while the model opens and in the search: 130, nothing said."""
    with start(real, "ask", "release cached GPU memory") as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"started\n"
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b""
    assert process.returncode in (0, 130)


@pytest.mark.parametrize("command", ["build", "ask"])
def test_interrupt_of_a_build_takes_the_bar_away(
    model_folder: Path, tmp_path: Path, command: str
) -> None:
    """Ctrl-C while a bar runs ends with 130, gives the cursor back, and the next build goes on."""
    assert model_folder
    case = Case(tmp_path)
    words = [f"word{number * number % 9973} about thing{number % 89}" for number in range(20_000)]
    parts = [f"## Part {at}\n\n{'. '.join(words[at : at + 100])}\n" for at in range(0, 20_000, 100)]
    case.write("long.md", "\n".join(parts))
    (tmp_path / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n')
    arguments = [command, *(["list files"] if command == "ask" else [])]
    run = [sys.executable, "-m", "assistant", *arguments]
    with Typist(run, tmp_path, {"PYTHONPATH": str(ROOT)}) as typist:
        typist.until("embedding")
        typist.type(CTRL_C)
        assert typist.leave() == 130
        assert "\x1b[?25h" in typist.seen
        assert "Traceback" not in typist.seen


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_output_that_cannot_be_written(real: Path) -> None:
    """A full disk behind standard output is told in two lines."""
    with (
        Path("/dev/full").open("wb") as full,
        start(real, "ask", "list files", out=full) as process,
    ):
        assert process.stderr
        assert b"the output cannot be written" in process.stderr.read()
    assert process.returncode == 74


def test_closed_standard_output(real: Path) -> None:
    """Where there is no standard output, a question still ends with its code."""
    ended = subprocess.run(
        ["sh", "-c", '"$0" -m assistant ask "list files" >&- <&-', sys.executable],
        cwd=real,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) in ((0, b""), (1, b""))


# One step of Python's for as long as the test waits: SQLite lets nobody in within a function.
STUCK = """
import sqlite3, sys
from assistant.cli.terminal import interrupts
interrupts.leave_at_once()
if sys.argv[1] == "raise":
    interrupts.raise_again()
connection = sqlite3.connect(":memory:")
print("started", flush=True)
connection.execute("SELECT instr(?, ?)", ("a" * 9_000_000, "a" * 4_500_000 + "b")).fetchall()
print("ended", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals come otherwise")
@pytest.mark.parametrize("what", ["leave", "raise"])
def test_an_interrupt_ends_what_python_cannot_leave(what: str) -> None:
    """Ctrl-C ends a process with 130 that is within one step of a library, however long that is."""
    with subprocess.Popen(
        [sys.executable, "-c", STUCK, what],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"started\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == b""
    # By the signal itself, where it came before the step began.
    assert process.returncode in (130, -signal.SIGINT)


def test_interrupt_is_raised_where_there_is_something_to_tidy_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process leaves at once until it says that it has more to do; ignored stays ignored."""
    monkeypatch.setattr(interrupts, "_listen", lambda: None)
    before = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        interrupts.leave_at_once()
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        interrupts.raise_again()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        interrupts.leave_at_once()
        interrupts.raise_again()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


ANSWERED = """
import os, signal, time
from assistant.cli.terminal import interrupts
interrupts.leave_at_once()
interrupts.raise_again()
for _ in range(5):
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)
    except KeyboardInterrupt:
        pass
time.sleep(2 * interrupts.LOOKS * interrupts.LOOK_SECONDS)  # longer than an answer is waited for
print("alive", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals come otherwise")
def test_interrupts_that_were_heard_end_nothing() -> None:
    """A process that answers one interrupt after the other goes on."""
    with subprocess.Popen(
        [sys.executable, "-c", ANSWERED],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout
        assert process.stdout.read() == b"alive\n"
    assert process.returncode == 0
