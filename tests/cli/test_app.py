"""The command line: exit codes, messages, the JSON contract, and what a shell does to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from fakes import CARD, write_model
from indexes import PYTORCH, TOOLS, Case, generation
from shell import Ran, Shell, stand_in_folder

import assistant
from assistant.answering import snippet
from assistant.cli import app
from assistant.cli.commands import build
from assistant.cli.common import say
from assistant.embedding.model import ModelCard
from assistant.embedding.speed import devices
from assistant.indexing import up_to_date
from assistant.library import refresh
from assistant.records import Calibration
from assistant.rendering import answers
from assistant.store.files import DATABASE, locked
from assistant.store.local import vector_index
from assistant.store.snapshot import Snapshot

ROOT = Path(__file__).parents[2]

QUESTION = "Free GPU memory: call torch.cuda.empty_cache() to release cached memory"

STRANGE_QUESTIONS = {
    "words": "word " * 20_000,
    "no spaces": "a" * 100_000,
    "joined": "a.b_" * 25_000,
    "Chinese": "如何释放显存" * 16_667,
    "punctuation": "?!.,;" * 20_000,
    "quotes": '"' * 100_000,
    "operators": 'AND OR NOT NEAR(a b) "x" * ^ :' * 3_000,
    "emoji": "🦀" * 25_000,
    "lines": "\n".join(["a"] * 50_000) + "\n",
    "dates": "2025-03-04 " * 9_000,
    "names": "Anna Bo. " * 11_000,
    "control": "\x1b[31mred\x07",
    "lone surrogate": "free \udcff memory",
}


@pytest.fixture(scope="module")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Calibration | None:
    """How the verdict is calibrated for the two notes; once, since it takes its time."""
    case = Case(tmp_path_factory.mktemp("calibration"))
    case.write("pytorch.md", PYTORCH)
    case.write("tools.md", TOOLS)
    return case.build().manifest.calibration


@pytest.fixture
def shell(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    calibration: Calibration | None,
) -> Shell:
    """Two notes with settings beside them, not indexed yet."""
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.write("sub/tools.md", TOOLS)
    stand_in_folder(case.model, tmp_path, monkeypatch)
    monkeypatch.setattr("assistant.indexing.build._calibration", lambda *_: calibration)
    return Shell(case, monkeypatch, capfd)


def failed(ran: Ran, code: int, cause: str, remedy: str) -> None:
    """Check that a command failed with one line of cause and one of remedy."""
    assert (ran.code, ran.out) == (code, "")
    first, second = ran.err.splitlines()
    assert re.fullmatch(f"Error: .*{cause}.*", first)
    assert re.search(remedy, second)


# Answers


def test_ask_answers(shell: Shell) -> None:
    """A first question builds the index, prints the passage with its place, and ends with 0."""
    ran = shell("ask", QUESTION)
    assert (ran.code, ran.err) == (0, "")
    assert "pytorch.md:5  Free GPU memory" in ran.out
    assert "Free GPU memory" in ran.out
    assert "\x1b" not in ran.out
    assert generation(shell.case.index) == 1


def test_a_question_needs_no_quotes(shell: Shell) -> None:
    """Several words are one question, with options before, between and behind them."""
    quoted = shell("ask", "--json", "-k", "1", QUESTION).record
    words = QUESTION.split()
    assert shell("ask", *words[:2], "--json", *words[2:], "-k", "1").record == quoted


def test_ask_says_when_nothing_answers(shell: Shell) -> None:
    """A question that the notes do not answer ends with 1, in every form."""
    assert shell("ask", "zyzzyva quokka").code == 1
    ran = shell("ask", "--json", "zyzzyva quokka")
    assert (ran.code, ran.record["verdict"]) == (1, "none")
    ran = shell("ask", "--code", "zyzzyva quokka")
    assert (ran.code, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1


def test_code_alone(shell: Shell) -> None:
    """With --code only the code is printed, as it stands in the note."""
    ran = shell("ask", "--code", QUESTION)
    assert (ran.code, ran.out, ran.err) == (0, "torch.cuda.empty_cache()\n", "")


def test_note_limits_the_search(shell: Shell) -> None:
    """With --note GLOB every result is of a matching note; a glob that matches none is an error."""
    results = shell("ask", "--json", "--note", "sub/*", QUESTION).record["results"]
    assert {result["note"] for result in results} == {"sub/tools.md"}
    failed(shell("ask", "--note", "none/*", QUESTION), 2, "no note matches", "status")


def test_note_without_text(shell: Shell) -> None:
    """A search in notes without text finds nothing."""
    shell.case.write("empty.md", "")
    ran = shell("ask", "--json", "--note", "empty.md", QUESTION)
    assert (ran.code, ran.record["results"]) == (1, [])


def test_why_is_told(shell: Shell) -> None:
    """The question with --why is answered as without."""
    plain, why = (shell("ask", "--json", *more, QUESTION).record for more in ([], ["--why"]))
    for result in why["results"]:
        result.pop("why", None)
    assert why == plain


@pytest.mark.parametrize(("count", "least", "most"), [("1", 1, 1), ("2", 2, 2), ("100", 5, 7)])
def test_count(shell: Shell, count: str, least: int, most: int) -> None:
    """Option -k bounds the results, and more than there are entries is no error."""
    results = shell("ask", "--json", "-k", count, QUESTION).record["results"]
    assert least <= len(results) <= most


def test_results_unless_told_otherwise(shell: Shell) -> None:
    """A passage and a list of two as text, as many as the settings say, and five as JSON."""
    out = shell("ask", QUESTION).out
    assert [line[:4] for line in out.splitlines() if ".md:" in line] == [
        "pyto",
        *("  2 ", "  3 ", "  wh"),
    ]
    assert len(shell("ask", "--full", QUESTION).out) > len(out)
    assert len(shell("ask", "--json", QUESTION).record["results"]) == 5
    (shell.case.folder / "assistant.toml").write_text('notes = ["notes"]\nresults = 1\n')
    assert "\n  2  " not in shell("ask", QUESTION).out


def check_contract(record: dict[str, Any], notes: Path, most: int = 5) -> None:
    """Check an answer as JSON against what the documents promise."""
    assert set(record) >= {"question", "verdict", "results"}
    assert record["verdict"] in ("found", "weak", "none")
    results = record["results"]
    assert len(results) <= most
    assert all(result["excerpt"].count("\n") < 30 for result in results)
    assert [result["rank"] for result in results] == list(range(1, len(results) + 1))
    scores = [result["score"] for result in results]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    for result in results:
        text = (notes / result["note"]).read_text("utf-8")
        first, last = result["lines"]
        assert result["snippet"] in "\n".join(text.split("\n")[first - 1 : last])
        assert result["snippet"].count("\n") == last - first
        assert len(result["snippet"]) <= {1: 3000, 2: 1500}.get(result["rank"], 1000)
        start, end = result["highlight"]
        assert 0 <= start < end <= len(result["snippet"])
        assert all(isinstance(heading, str) for heading in result["headings"])
        for code in result["code"]:
            assert set(code) == {"language", "text"}
            assert code["text"] in text


def test_json_keeps_its_contract(shell: Shell) -> None:
    """Keys, types, ranges, lines and lengths are as promised, on short entries and on long ones."""
    sentences = (f"Sentence {number} about memory of the GPU." for number in range(1000))
    shell.case.write("long.md", "---\ntags: [a]\n---\n\n## Long\n\n" + " ".join(sentences))
    lines = (f"- item {number} about cached memory 显存\n" for number in range(400))
    shell.case.write("lists.md", "".join(f"## List {n}\n\n" + "".join(lines) for n in range(2)))
    code = "\n".join(f"release(cached, memory, {number})" for number in range(300))
    shell.case.write("code.md", f"## Code\n\n```python\n{code}\n```\n")
    for question in (QUESTION, "sentence 500", "item 200 显存", "list files", "zyzzyva"):
        ran = shell("ask", "--json", question)
        assert ran.record["question"] == question
        assert set(ran.record) <= {"question", "verdict", "unknown", "lacking", "results"}
        check_contract(ran.record, shell.case.notes)
        assert ran.code == (ran.record["verdict"] == "none")
    assert snippet.LIMITS == (3000, 1500)


# Batches


def test_batch_answers_line_for_line(shell: Shell) -> None:
    """Each line in gives one line out, in order, blank ones included, plain or as JSON."""
    lines = ["list files", "", QUESTION, "   ", '{"id": 7, "question": "count parameters"}']
    lines += ["{x} in an f-string", '{"question": ""}', "查看进程"]
    asked = ["list files", "", QUESTION, "", "count parameters", "{x} in an f-string", ""]
    asked += ["查看进程"]
    content = "\r\n".join(lines).encode("utf-8-sig")
    (shell.case.folder / "questions.txt").write_bytes(content)
    from_file = shell("ask", "--json", "--batch", "questions.txt")
    from_input = shell("ask", "--json", "--batch", "-", stdin=content)
    assert (from_file.code, from_file.err) == (0, "")
    assert from_file == from_input
    records = [json.loads(line) for line in from_file.out.splitlines()]
    assert [record["question"] for record in records] == asked
    for record in records:
        check_contract(record, shell.case.notes)
        if not record["question"]:
            assert (record["verdict"], record["results"]) == ("none", [])
    assert records[0]["results"][0]["headings"] == ["List files"]
    assert records[4]["results"][0]["headings"] == ["Count parameters"]


def test_an_empty_batch(shell: Shell) -> None:
    """No line in, no line out."""
    ran = shell("ask", "--json", "--batch", "-", stdin=b"")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


@pytest.mark.parametrize("line", ['{"question": 3}', '{"id": 1}', '{"question": "a"', '{"a": 1} b'])
def test_a_broken_line_of_a_batch(shell: Shell, line: str) -> None:
    """A line that begins like JSON and holds no question ends the batch with 2."""
    shell("build")
    failed(shell("ask", "--json", "--batch", "-", stdin=line.encode()), 2, "JSON", "question")


def test_batches_that_cannot_be_read(shell: Shell) -> None:
    """A missing file, a folder and bytes that are not UTF-8 end with 2, and nothing is built."""
    failed(shell("ask", "--json", "--batch", "no.txt"), 2, "no.txt cannot be read", "UTF-8")
    failed(shell("ask", "--json", "--batch", "notes"), 2, "notes cannot be read", "UTF-8")
    assert not shell.case.index.exists()
    shell("build")
    failed(shell("ask", "--json", "--batch", "-", stdin=b"caf\xe9"), 2, "cannot be read", "UTF-8")


@pytest.mark.parametrize("broken", [b"caf\xe9\n", b'{"question": 3}\n'])
def test_a_batch_names_the_line_and_answers_those_before(shell: Shell, broken: bytes) -> None:
    """As a filter does that reads and writes line by line."""
    shell("build")
    (shell.case.folder / "q.txt").write_bytes(b"list files\n\n" + broken + b"list files\n")
    ran = shell("ask", "--json", "--batch", "q.txt")
    assert ran.code == 2
    assert [json.loads(line)["question"] for line in ran.out.splitlines()] == ["list files", ""]
    assert "q.txt cannot be read: line 3 is not UTF-8" in ran.err or "q.txt:3: " in ran.err


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_batch_may_be_utf_16(shell: Shell, encoding: str) -> None:
    """Windows PowerShell writes it."""
    shell("build")
    content = "\ufefflist files\r\n查看进程\r\n".encode(encoding)
    ran = shell("ask", "--json", "--batch", "-", stdin=content)
    asked = [json.loads(line)["question"] for line in ran.out.splitlines()]
    assert (ran.code, asked) == (0, ["list files", "查看进程"])
    assert shell("ask", "--json", "-", stdin=content).record["question"] == "list files\n查看进程"


# Questions and usage


@pytest.mark.parametrize("question", ["-1 degrees", "--k9 dogs"])
def test_a_question_that_begins_with_a_dash(shell: Shell, question: str) -> None:
    """It passes for an option, unless two dashes go before it, which the message says."""
    shell("build")
    ran = shell("ask", question)
    assert ran.code == 2
    assert 'ask -- "-1 degrees"' in ran.err
    assert shell("ask", "--json", "--", question).record["question"] == question


@pytest.mark.parametrize("question", STRANGE_QUESTIONS.values(), ids=STRANGE_QUESTIONS.keys())
def test_strange_questions(shell: Shell, question: str) -> None:
    """A question of any length and of any characters is answered."""
    ran = shell("ask", "--json", question)
    assert ran.code in (0, 1)
    assert ran.err == ""
    assert ran.record["question"] == question.replace("\udcff", "\ufffd")
    check_contract(ran.record, shell.case.notes)


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["ask"], "ask needs a question"),
        (["ask", ""], "the question is empty"),
        (["ask", " \n\t"], "the question is empty"),
        (["ask", "a", "--batch", "-"], "ask needs a question, or --batch"),
        (["ask", "--batch", "-", "--code"], "--batch and --code cannot"),
        (["--config", "no.toml", "status"], "there is no settings file .*no.toml"),
    ],
)
def test_wrong_usage(shell: Shell, arguments: list[str], cause: str) -> None:
    """What cannot be used ends with 2, and nothing is built."""
    failed(shell(*arguments), 2, cause, ".")
    assert not shell.case.index.exists()


@pytest.mark.parametrize(
    "arguments", [["--nonsense"], ["nonsense"], ["show", "a", "b"], ["ask", "a", "-k", "0"]]
)
def test_usage_that_the_parser_refuses(shell: Shell, arguments: list[str]) -> None:
    """Unknown commands, options and values end with 2 and a message on standard error."""
    ran = shell(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Error: " in ran.err


def test_broken_settings(shell: Shell) -> None:
    """Settings that cannot be read end with 2 and two lines, whatever the parser says."""
    for content in ("notes = [", 'note = ["a"]', "results = 0", "[a]\n[a]"):
        (shell.case.folder / "assistant.toml").write_text(content)
        failed(shell("status"), 2, "assistant.toml", ".")


# Notes


def test_build_tells_what_it_did(shell: Shell) -> None:
    """A build says on standard error what is indexed and what was skipped."""
    shell.case.write("binary.md", b"\0")
    ran = shell("build")
    assert (ran.code, ran.out) == (0, "")
    first, second = ran.err.splitlines()
    assert first == "2 notes, 7 entries, 7 chunks; 2 notes read, 7 embedded"
    assert second == "1 file skipped; see `assistant status`"
    (shell.case.notes / "binary.md").unlink()
    again = "2 notes, 7 entries, 7 chunks; nothing changed, 0 embedded\n"
    assert shell("build").err == again
    assert shell("build", "--full").err.endswith("2 notes read, 0 embedded\n")


def test_notes_that_cannot_be_read(shell: Shell) -> None:
    """A missing folder, one without notes, and nothing but unreadable notes end with 5."""
    failed(shell("build", "nowhere"), 5, "there is no .*nowhere", "name a folder")
    failed(shell("build", "assistant.toml"), 5, "neither a folder nor a Markdown", "name a folder")
    (shell.case.folder / "empty").mkdir()
    failed(shell("build", "empty"), 5, "no Markdown notes in .*empty", "name another folder")
    (shell.case.folder / "empty/a.md").write_bytes(b"\0")
    failed(shell("build", "empty"), 5, "a.md: binary", "fix or replace")
    (shell.case.folder / "empty/a.md").write_bytes(b"caf\xe9")
    failed(shell("build", "empty"), 5, "a.md: not UTF-8", "fix or replace")
    (shell.case.folder / "assistant.toml").write_text('notes = ["nowhere"]\n')
    failed(shell("ask", QUESTION), 5, "there is no .*nowhere", "name a folder")


def test_a_failed_build_keeps_the_index(shell: Shell) -> None:
    """After a build that found no notes, questions are answered as before."""
    before = shell("ask", QUESTION)
    failed(shell("build", "nowhere"), 5, "nowhere", ".")
    assert shell("ask", QUESTION) == before


def test_no_notes_folder_known(shell: Shell) -> None:
    """Where nobody said what the notes are, a build asks for them and a question for an index."""
    (shell.case.folder / "assistant.toml").write_text("")
    failed(shell("build"), 2, "no notes folder is known", "assistant build NOTES")
    failed(shell("ask", QUESTION), 3, "there is no index", "assistant build")
    failed(shell("status"), 3, "there is no index", "assistant build")
    assert shell("build", "notes").code == 0
    assert shell("build").code == 0
    assert shell("ask", QUESTION).code == 0


# Indexes


def test_an_index_of_another_model(shell: Shell) -> None:
    """A question to an index of another model ends with 3; a build makes it this model's."""
    shell("build")
    write_model(shell.case.model, ModelCard("other", "other", CARD.dimensions, 256, CARD.inputs))
    failed(shell("ask", QUESTION), 3, "another model, fake", "assistant build")
    shell.case.edit("pytorch.md", "Call ", "Then call ")
    failed(shell("ask", QUESTION), 3, "another model, fake", "assistant build")
    assert shell("build").code == 0
    assert shell("ask", QUESTION).code == 0


def test_an_index_cut_by_other_rules(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index whose texts were cut otherwise answers, says so, and is not rebuilt by the way."""
    shell("build")
    monkeypatch.setattr(up_to_date, "TEXT_FORM", "next")
    for change in ("Then call ", "Now call "):
        ran = shell("ask", QUESTION)
        assert (ran.code, ran.err) == (0, f"{answers.BUILT_OTHERWISE}\n")
        assert "Free GPU memory" in ran.out
        assert generation(shell.case.index) == 1
        text = (shell.case.notes / "pytorch.md").read_text("utf-8")
        shell.case.write("pytorch.md", text.replace("Call ", change))
    assert shell("build").code == 0
    assert generation(shell.case.index) == 2
    assert shell("ask", QUESTION).err == ""


def test_a_folder_that_holds_other_files(shell: Shell) -> None:
    """A build into a folder of something else ends with 2 and leaves it alone."""
    ran = shell("--index", shell.case.notes, "build")
    failed(ran, 2, "files that do not belong to an index", "--index")
    assert sorted(path.name for path in shell.case.notes.iterdir()) == ["pytorch.md", "sub"]


@pytest.mark.parametrize("name", [DATABASE, "dense-1.faiss"])
def test_a_damaged_index(shell: Shell, name: str) -> None:
    """A damaged file ends a question with 3 and the command that repairs it."""
    shell("build")
    before = shell("ask", QUESTION)
    file = shell.case.index / name
    file.unlink()
    file.write_bytes(b"garbage" * 5000)
    ran = shell("ask", QUESTION)
    failed(ran, 3, "damaged", "run `assistant build")
    remedy = re.search("`assistant (build[^`]*)`", ran.err)
    assert remedy
    assert shell(*remedy[1].split()).code == 0
    assert shell("ask", QUESTION) == before


def test_an_index_of_another_version(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions and the status of an index with other tables end with 3."""
    shell("build")
    for module in ("manifest", "update"):
        monkeypatch.setattr(f"assistant.store.{module}.SCHEMA", 99)
    for command in (["ask", QUESTION], ["status"]):
        failed(shell(*command), 3, "another version", "run `assistant build`")
    assert shell("build").code == 0
    assert shell("ask", QUESTION).code == 0


def test_an_index_folder_that_is_a_file(shell: Shell) -> None:
    """A file in place of the index folder ends with 3."""
    shell.case.index.write_text("mine")
    for command in (["build"], ["ask", QUESTION]):
        failed(shell(*command), 3, "cannot be written", "name another folder")
    failed(shell("status"), 3, "there is no index", "assistant build")


def test_while_another_builds(shell: Shell) -> None:
    """While the lock is held a build ends with 3; a question is answered and told of the edit."""
    shell("build")
    shell.case.edit("sub/tools.md", "lists", "shows")
    with locked(shell.case.index):
        failed(shell("build"), 3, "another process is building", "wait until it finishes")
        ran = shell("ask", QUESTION)
    assert ran.code == 0
    assert "1 note is newer" in ran.out


def test_waiting_for_another_build(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --wait a build says that it waits, and goes on when the other has ended."""
    shell("build")
    shell.case.edit("sub/tools.md", "lists", "shows")
    held = locked(shell.case.index)
    held.__enter__()
    told_by = say

    def end_the_other(text: str) -> None:
        told_by(text)
        if "waiting" in text:
            held.__exit__(None, None, None)

    monkeypatch.setattr(build, "say", end_the_other)
    ran = shell("build", "--wait")
    assert ran.code == 0
    told, done = ran.err.splitlines()
    assert re.fullmatch("another process is building .*; waiting until it finishes", told)
    assert "1 note read" in done


def test_a_full_disk(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build on a full disk ends with 3; a question is answered and told of the newer note."""
    shell("build")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vector_index, "write", refuse)
    shell.case.write("new.md", "# New\n\nnew\n")
    failed(shell("build"), 3, "No space left", "free some disk space")
    ran = shell("ask", QUESTION)
    assert ran.code == 0
    assert "1 note is newer" in ran.out
    assert shell("ask", "--json", QUESTION).record["newer_notes"] == 1


def test_a_model_folder_that_is_none(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model folder without a model, and a name that is not cached, end with 4."""
    shell("build")
    monkeypatch.undo()
    monkeypatch.chdir(shell.case.folder)
    (shell.case.folder / "nothing").mkdir()
    for model in ("nothing", "no-such-model-anywhere"):
        (shell.case.folder / "assistant.toml").write_text(
            f'notes = ["notes"]\nindex = "index"\nmodel = "{model}"\n'
        )
        for command in (["build"], ["ask", QUESTION]):
            failed(shell(*command), 4, model, "set `model` to")


# Edits since the build


def test_ask_sees_an_edit(shell: Shell) -> None:
    """A question after an edit, a new note or a deletion is answered from the notes as they are."""
    shell("build")
    shell.case.edit("pytorch.md", "release cached", "flush hoarded")
    ran = shell("ask", "-k", "1", "flush hoarded memory")
    assert "flush hoarded memory" in ran.out
    assert ran.err == ""
    shell.case.write("new.md", "# New\n\nquokka\n")
    assert shell("ask", "--json", "quokka").record["results"][0]["note"] == "new.md"
    (shell.case.notes / "new.md").unlink()
    notes = {result["note"] for result in shell("ask", "--json", "quokka").record["results"]}
    assert notes == {"pytorch.md", "sub/tools.md"}


def test_many_changes_are_told_of(shell: Shell) -> None:
    """With more changed notes than a question takes in, it says how many are newer."""
    shell("build")
    for number in range(refresh.FEW_NOTES + 1):
        shell.case.write(f"new/{number}.md", f"# New {number}\n\nquokka\n")
    ran = shell("ask", QUESTION)
    assert "21 notes are newer than the index: `assistant build` takes them in." in ran.out
    record = shell("ask", "--json", QUESTION).record
    assert record["newer_notes"] == 21
    check_contract(record, shell.case.notes)
    assert generation(shell.case.index) == 1
    shell("build")
    assert "newer_notes" not in shell("ask", "--json", QUESTION).record


def test_status(shell: Shell) -> None:
    """The status tells notes, changes and skipped files; its JSON has the promised keys."""
    shell.case.write("binary.md", b"\0")
    shell("build")
    (shell.case.notes / "sub/tools.md").unlink()
    shell.case.write("new.md", "# New\n\nnew\n")
    record = shell("status", "--json").record
    with Snapshot(shell.case.index) as snapshot:
        built = snapshot.manifest.built
    assert record.pop("device")  # another on another computer
    assert record.pop("bytes") > record.pop("late_interaction_bytes") > 0
    assert record == {
        "index": str(shell.case.index),
        "notes": 2,
        "entries": 7,
        "chunks": 7,
        "unread": 0,
        "read": 1.0,
        "model": "fake",
        "built": built,
        "generation": 1,
        "sources": [str(shell.case.notes)],
        "follows": [str(shell.case.notes)],
        "folders": [{"name": "", "path": str(shell.case.notes), "include": [], "exclude": []}],
        "newer": ["new.md"],
        "gone": ["sub/tools.md"],
        "unreadable": "",
        "skipped": [{"path": "binary.md", "reason": "binary: it holds NUL bytes"}],
        "dates_from": {"file": 2},
        "languages": {"en": 2},
        "multilingual_chunks": 0,
        "remarks": [],
    }
    lines = shell("status").out.splitlines()
    assert "newer      new.md" in lines
    assert "gone       sub/tools.md" in lines
    assert "skipped    binary.md: binary: it holds NUL bytes" in lines


def test_a_processor_that_is_not_there(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build for it ends with 2 and says what to do; status and doctor say the same."""
    absent = {name for name, of in devices.PROVIDERS.items() if of not in devices.installed()}
    monkeypatch.setenv("ASSISTANT_DEVICE", min(absent))
    ran = shell("build")

    assert ran.code == 2
    assert f'Provider, for device = "{min(absent)}"' in ran.err
    assert '"auto" or "cpu"' in ran.err

    monkeypatch.setenv("ASSISTANT_DEVICE", "cpu")
    assert shell("build").code == 0
    assert "device     cpu" in shell("status").out.splitlines()
    monkeypatch.setenv("ASSISTANT_DEVICE", min(absent))
    assert "device     the installed ONNX Runtime has no " in shell("status").out
    (found,) = [
        item for item in shell("doctor", "--json").record["findings"] if "ONNX" in item["what"]
    ]
    assert found["level"] == "error"


# Help


def commands() -> dict[str, str]:
    """Return the commands of the program with their help."""
    group = typer.main.get_command(app.app)
    found = getattr(group, "commands", {})
    return {name: command.help or "" for name, command in found.items()}


def test_every_command_has_an_example() -> None:
    """The help of each command shows it at work."""
    assert {"build", "ask", "status"} <= set(commands())
    for name, text in commands().items():
        assert f"Example: assistant {name}" in text


def test_readme_has_every_command() -> None:
    """The table of commands in README.md has each command, and no other."""
    rows = re.findall(r"^\| `assistant ([a-z-]+)", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert set(rows) == set(commands())


def test_version_and_help(shell: Shell) -> None:
    """--version and --help print to standard output and end with 0."""
    assert shell("--version") == Ran(0, f"assistant {assistant.__version__}\n", "")
    for arguments in (["--help"], *([name, "--help"] for name in commands())):
        ran = shell(*arguments)
        assert (ran.code, ran.err) == (0, "")
        assert "Usage: " in ran.out


# The real command, in a process of its own, with the real model

NEVER_IMPORTED = [
    *("torch", "transformers", "sentence_transformers", "scipy", "sklearn", "pandas", "streamlit"),
    *("rich", "huggingface_hub", "mcp", "pydantic", "anyio", "pymilvus", "ray"),
    "importlib.metadata",
]

TAKEN_IN = b"taking in notes; this takes a moment\n"
"""What a question says on a machine that is too busy to take a note in at once."""

PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
from assistant.cli.app import main
main()
"""


@pytest.fixture(scope="module")
def real(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with settings, notes and their index, built by the real command."""
    assert model_folder
    case = Case(tmp_path_factory.mktemp("real"))
    case.write("pytorch.md", PYTORCH)
    case.write("tools.md", TOOLS)
    (case.folder / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n')
    with start(case.folder, "build") as process:
        _, err = process.communicate()
    assert (process.returncode, err.count(b"\n")) == (0, 1)
    return case.folder


def start(
    folder: Path, *arguments: str, program: str = PROGRAM, **environment: str
) -> subprocess.Popen[bytes]:
    """Start the command in a folder."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_ask_imports_nothing_heavy(real: Path) -> None:
    """A question, in English or in Chinese, is answered without torch and its like."""
    program = f"""
import sys
from assistant.cli.app import main
try:
    main()
finally:
    print([name for name in {NEVER_IMPORTED} if name in sys.modules], file=sys.stderr)
"""
    for question, heading in (("how do I free GPU memory", "Free GPU"), ("查看进程", "查看进程")):
        with start(real, "ask", question, program=program) as process:
            out, err = process.communicate()
        assert (process.returncode, err.decode()) == (0, "[]\n")
        assert heading in out.decode()


def test_the_real_model_takes_strange_questions(real: Path) -> None:
    """The real tokenizer and model answer questions of any length and of any characters."""
    kinds = ("no spaces", "Chinese", "punctuation", "emoji", "lone surrogate")
    asked = ["a \0 b", *(STRANGE_QUESTIONS[kind] for kind in kinds)]
    lines = [json.dumps({"question": text}) for text in asked]
    with start(real, "ask", "--json", "--batch", "-") as process:
        out, err = process.communicate("\n".join(lines).encode())
    assert (process.returncode, err) == (0, b"")
    for line in out.decode().splitlines():
        check_contract(json.loads(line), real / "notes")
    assert out.count(b"\n") == len(lines)


def test_output_that_cannot_write_chinese(real: Path) -> None:
    """Where standard output is not UTF-8, text is escaped and JSON stays JSON."""
    (real / "notes/crab.md").write_text("# 🦀 螃蟹\n\nfree café 显存\n", "utf-8")
    with start(real, "build") as process:  # a question that took it in might say that it does
        process.communicate()
    question = "🦀 螃蟹 free café 显存"
    with start(real, "ask", "--json", "--batch", "-", PYTHONIOENCODING="ascii") as process:
        out, err = process.communicate(question.encode())
    assert process.returncode == 0
    assert err in (b"", TAKEN_IN)
    record = json.loads(out.decode("ascii"))
    assert record["question"] == question
    assert record["results"][0]["headings"] == ["🦀 螃蟹"]
    with start(real, "ask", question, PYTHONIOENCODING="latin-1") as process:
        out, err = process.communicate()
    assert err in (b"", TAKEN_IN)
    assert "\\U0001f980 \\u8783\\u87f9" in out.decode("latin-1")
    assert "café" in out.decode("latin-1")


def test_a_closed_pipe_is_quiet(real: Path) -> None:
    """When the reader of the output goes away, the command ends without a word."""
    with start(real, "ask", "--json", "--batch", "-") as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"list files\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith(b'{"question": "list files"')
        process.stdout.close()
        process.stdin.write(b"list files\n" * 3)
        process.stdin.close()
        assert process.stderr.read() == b""
    with start(real, "ask", "list files") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""


def test_an_interrupt_is_quiet(real: Path) -> None:
    """Ctrl-C ends a command with 130 and without a traceback."""
    with start(real, "ask", "--json", "--batch", "-") as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"list files\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b""
    assert process.returncode == 130


def test_no_colour_in_a_pipe(real: Path) -> None:
    """Neither answers nor messages have control codes when they go into a pipe or a file."""
    (real / "notes/control.md").write_text("# Red\n\nan \x1b[31mescape\x1b[0m sequence\n", "utf-8")
    for more in (["--why"], ["--json"]):
        with start(real, "ask", *more, "escape sequence", FORCE_COLOR="1") as process:
            out, err = process.communicate()
        assert b"escape" in out
        assert b"\x1b" not in out + err


@pytest.mark.skipif(os.name != "posix", reason="a working folder cannot be deleted elsewhere")
@pytest.mark.parametrize(
    "arguments",
    [["ask", "x"], ["build"], ["build", "notes"], ["status"], ["config"], ["init", "--yes"]],
)
def test_a_working_folder_that_was_deleted(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """It is told in a line with what to do, by every command."""
    gone = shell.case.folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    ran = shell(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "Error: the working folder no longer exists, or you may not enter it\n"
        "go to another one: cd ~\n"
    )
