"""Every command over one collection that means harm: no control sequence comes out."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
from indexes import Case, uncalibrated
from shell import Shell, stand_in_folder

from assistant.cli.terminal import editor

HARM = (
    "\x1b]8;;http://evil.example\x1b\\x\x1b[2J\x07\x9b31m\u202eabc\u2066\u200b\u200f\x7f\x85\u2028"
)
NAME = "evil \x1b[31m\u202e\x07\x9b'\"\n$(x) `y`.md"

NOTE = f"""---
title: T {HARM}
tags: ["a\\e[31mb", "{HARM}"]
---
# Heading {HARM}

Words to free the poisoned memory {HARM} here.

```python {HARM}
poison() # {HARM}
```
"""

UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
QUESTION = f"free the poisoned memory {HARM}"


@pytest.fixture
def poisoned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shell:
    """A shell beside notes whose text, headings, tags and names hold control sequences."""
    case = Case(tmp_path)
    stand_in_folder(case.model, tmp_path, monkeypatch)
    monkeypatch.setattr("assistant.indexing.build._calibration", uncalibrated)
    shell = Shell(case, monkeypatch, capfd)
    shell.case.write(NAME, NOTE.replace("\x85", "").replace("\u2028", ""))
    shell.case.write(f"folder \x1b[2J\u202e/{NAME}", "# Other\n\nfree memory \x1b[0m\n")
    shell.case.write("binary\x1b[5m.md", b"\0")
    os.mkfifo(shell.case.notes / "pipe\x07\x1b[31m.md")
    (shell.case.notes / "link\x1b[1m.md").symlink_to("nowhere")
    (shell.case.notes / Path(os.fsdecode(b"\xff\x1b[1m.md"))).write_bytes(b"x")
    (shell.case.notes / ".assistantignore").write_text("/drafts*\n")
    shell.case.write("drafts\x1b[31m.md", "x")
    record = {"question": QUESTION, "kind": f"k{HARM}", "answers": [{"note": NAME}]}
    (shell.case.folder / "asked.jsonl").write_text(json.dumps(record) + "\n")
    shell("build")
    return shell


COMMANDS: list[list[str]] = [
    ["build"],
    ["build", "--full"],
    ["build", f"missing{HARM}"],
    ["ask", QUESTION],
    ["ask", "--why", QUESTION],
    ["ask", "--json", "--why", QUESTION],
    ["ask", "--code", QUESTION],
    ["ask", "--paths", QUESTION],
    ["ask", "--markdown", QUESTION],
    ["completion", "bash", "--", "assistant show ", ":="],
    ["completion", "fish", "--", "show", "="],
    ["ask", "--note", NAME[:8] + "*", QUESTION],
    ["ask", "--note", f"none{HARM}", QUESTION],
    ["ask", "--batch", "questions.txt", "--json"],
    ["ask", "--batch", f"missing{HARM}", "--json"],
    ["status"],
    ["status", "--json"],
    ["eval", "asked.jsonl"],
    ["eval", "asked.jsonl", "--json"],
    ["eval", f"missing{HARM}"],
    ["why-not", NAME, QUESTION],
    ["why-not", "--json", NAME, QUESTION],
    ["why-not", f"missing{HARM}", QUESTION],
    ["show", f"{NAME}:8"],
    ["show", f"missing{HARM}:8"],
    ["open", f"missing{HARM}:8"],
    ["--config", f"missing{HARM}", "status"],
    ["--index", f"missing{HARM}", "status"],
    ["ask", f"--{HARM}"],
    [f"command{HARM}"],
    ["ask", "-k", HARM, "x"],
    ["ask", "x", f"more{HARM}"],
]


@pytest.mark.parametrize(
    "command",
    COMMANDS,
    ids=lambda c: (
        " ".join(c)[:24].encode("ascii", "ignore").decode().encode("unicode_escape").decode()
    ),
)
def test_no_control_sequence_comes_out(poisoned: Shell, command: list[str]) -> None:
    """Nothing of a note, a name, a question or an argument reaches the terminal raw."""
    (poisoned.case.folder / "questions.txt").write_text(QUESTION.replace("\u2028", "") + "\n")
    arguments = [argument.replace("\x00", "") for argument in command]
    ran = poisoned(*arguments)

    assert UNSAFE.findall(ran.out) == []
    assert UNSAFE.findall(ran.err) == []
    assert ran.out + ran.err


def test_status_says_what_was_skipped(poisoned: Shell) -> None:
    """Each file that is no note is listed with its reason, and the JSON is valid."""
    record = json.loads(poisoned("status", "--json").out)
    reasons = sorted(item["reason"] for item in record["skipped"])
    assert [reason.split(":")[0] for reason in reasons] == [
        "a link to nothing",
        "binary",
        "ignored by .assistantignore line 1",
        "its name is not valid UTF-8",
        "not a regular file",
    ]


@pytest.mark.parametrize("name", ["-c:!sh.md", "+:!sh.md", "$(touch x).md", "a'; touch x #.md"])
def test_the_editor_takes_a_name_as_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """No name of a note is read as an option or by a shell."""
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "editor.py"
    script.write_text("import json, sys; open('told', 'w').write(json.dumps(sys.argv[1:]))")
    editor.open_at(Path(name), 7, f"'{sys.executable}' '{script}'")

    assert json.loads((tmp_path / "told").read_text()) == ["+7", str(tmp_path / name)]
    assert not (tmp_path / "x").exists()
