"""Tests of `assistant show` and `assistant open`: an entry and the editor at its place."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from indexes import Case
from shell import Shell

from assistant.cli import common
from assistant.cli.terminal import editor, pager
from assistant.rendering import entry_text, whole_entry
from assistant.store.snapshot import Snapshot
from assistant.text import json_line

NOTE = """---
title: Tools
---
# Tools

Before all.

## Screen

Use \x1b[31mscreen\x1b[0m to keep sessions.

- In a list:

  ```bash
  screen -S work
  ```

## Grep

Search words.
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shell:
    """An index of one note."""
    case = Case(tmp_path)
    case.write("sub/tools.md", NOTE)
    case.build()
    (tmp_path / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n')
    monkeypatch.chdir(tmp_path)
    for name in ("ASSISTANT_CONFIG", "ASSISTANT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    return Shell(case, monkeypatch, capfd)


def test_show_prints_the_entry_around_a_line(shell: Shell) -> None:
    """The whole entry comes out, its place above it, with nothing that steers a terminal."""
    ran = shell("show", "tools.md:10")

    assert ran.code == 0
    assert ran.out.startswith("sub/tools.md:8-16  Screen\n\n## Screen\n")
    assert "screen -S work" in ran.out
    assert "Grep" not in ran.out
    assert "\x1b" not in ran.out


def test_show_takes_the_neighbours_in(shell: Shell) -> None:
    """--context prints what stands before and after, in the order of the note."""
    lines = shell("show", "tools.md:10", "--context", "1", "--json").out.splitlines()
    records = [json.loads(line) for line in lines]

    assert [record["headings"] for record in records] == [["Tools"], ["Screen"], ["Grep"]]
    assert records[1]["lines"] == [8, 16]
    assert records[1]["code"] == [{"language": "bash", "text": "screen -S work\n"}]
    assert records[1]["text"].splitlines()[2] == "Use \x1b[31mscreen\x1b[0m to keep sessions."
    assert "\x1b" not in "".join(lines)


def test_show_without_a_line_shows_the_note(shell: Shell) -> None:
    """A note by itself is shown whole, named with or without its ending."""
    whole = shell("show", "sub/tools.md").out
    assert whole.startswith("sub/tools.md:4-20  Tools\n\n# Tools\n\nBefore all.\n\n## Screen\n")
    assert whole.endswith("## Grep\n\nSearch words.\n")
    assert shell("show", "tools").out == whole
    records = map(json.loads, shell("show", "tools", "--json").out.splitlines())
    assert [record["lines"] for record in records] == [[4, 6], [8, 16], [18, 20]]


def test_a_long_note_is_shown_by_its_outline(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a note that is too long to read, each heading comes with its line."""
    monkeypatch.setattr("assistant.cli.commands.entries.LONGEST_WHOLE", 10)
    ran = shell("show", "tools")
    assert ran.out == " 4  Tools\n 8  Screen\n18  Grep\n"
    assert "assistant show tools:LINE" in ran.err
    assert shell("list", "tools.md").out == ran.out


def test_list_and_tags(shell: Shell) -> None:
    """Notes come with their dates and titles, tags with the number of notes that have them."""
    shell.case.write("b.md", "---\ntags: [x, y]\ndate: 2026-03-01\n---\n\n# B\n\nText #x.\n")
    shell.case.write("c.md", "---\ntags: [x]\ndate: 2026-03-02\n---\n\n# C\n\nText.\n")
    shell.case.build()
    assert "2026-03-01  b.md" in shell("list").out
    assert [json.loads(line)["note"] for line in shell("list", "--json").out.splitlines()] == [
        *("b.md", "c.md", "sub/tools.md")
    ]
    assert shell("list", "--tag", "y").out == "2026-03-01  b.md  B\n"
    assert shell("list", "sub/").out.count("\n") == 3  # one note: its outline
    assert shell("tags").out == "2  #x\n1  #y\n"
    assert shell("list", "no/").code == 2


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("tolls.md", "did you mean 'sub/tools.md'?"),
        ("tools.md:900", "name a line from 4 to 20"),
        ("tools.md:2", "name a line from 4 to 20"),
    ],
)
def test_place_that_is_not_there_is_told(shell: Shell, place: str, told: str) -> None:
    """A wrong note or line ends with 2 and says what is right."""
    for command in ("show", "open"):
        ran = shell(command, place)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err


def test_show_without_an_index_ends_with_3(tmp_path: Path, shell: Shell) -> None:
    """There is nothing to show before a build."""
    assert shell("--index", tmp_path / "none", "show", "tools.md").code == 3


def test_open_starts_the_editor_at_the_line(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The editor gets an absolute path and the line as they are, and no shell sees them."""
    told = tmp_path / "told"
    script = "import sys; open(sys.argv[1], 'w').write('|'.join(sys.argv[2:]))"
    monkeypatch.setenv("VISUAL", f'"{sys.executable}" -c "{script}" "{told}"')
    case = shell.case
    case.write("-c;touch $(hacked).md", "# A\n\nText.\n")
    case.build()

    assert shell("open", "-c;touch $(hacked).md:3", "--").code in (0, 2)
    assert shell("open", "--", "-c;touch $(hacked).md:3").code == 0
    assert told.read_text() == f"+3|{case.notes / '-c;touch $(hacked).md'}"


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("vi", ["+7", "/n/a b.md"]),
        ("nano", ["+7", "/n/a b.md"]),
        ("emacsclient -nw", ["-nw", "+7", "/n/a b.md"]),
        ("/usr/bin/code --wait", ["--wait", "--goto", "/n/a b.md:7"]),
        ("hx", ["/n/a b.md:7"]),
        ("pycharm", ["--line", "7", "/n/a b.md"]),
        ("notepad++", ["-n7", "/n/a b.md"]),
        ("mine -l{line} -f {path}", ["-l7", "-f", "/n/a b.md"]),
    ],
)
def test_editors_are_told_the_line_in_their_own_way(program: str, arguments: list[str]) -> None:
    """Each editor's own form is used; a template says its own."""
    assert editor.command(program, Path("/n/a b.md"), 7)[1:] == arguments


def test_braces_in_a_name_are_no_template() -> None:
    """A name that looks like a placeholder stays a name."""
    file = Path("/n/{line}{path}{0}.md")

    assert editor.command("vi", file, 3) == ["vi", "+3", str(file)]
    assert editor.command("my {path}", file, 3) == ["my", str(file)]


def test_entry_on_a_terminal_is_painted_and_holds_every_line(shell: Shell) -> None:
    """Colour changes no word, and the marks that it stands for are gone."""
    with Snapshot(shell.case.index) as snapshot:
        stored = snapshot.entry(2)

    painted = entry_text(stored, 80)

    marks = {"##", "-", "•", "```bash", "```"}
    plain = whole_entry.to_plain(stored).split()
    heading = 1 + plain.index("##")  # the path above has it
    words = plain[: heading - 1] + plain[heading + 1 :]
    assert [w for w in painted.plain.split() if w not in marks] == [
        word for word in words if word not in marks
    ]
    assert "dim" in {str(span.style) for span in painted.spans}


def test_long_output_goes_through_the_pager(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """More than a screen goes to $PAGER with its options; less than that, and cat, straight out."""
    kept = tmp_path / "kept"
    script = f"import sys; open({str(kept)!r}, 'w').write(sys.stdin.read())"
    environment = {**os.environ, "PAGER": f'"{sys.executable}" -c "{script}"'}
    pager.page("a\n" * 9, 10, environment)
    assert not kept.exists()
    assert capfd.readouterr().out == "a\n" * 9

    pager.page("b\n" * 10, 10, environment)
    assert kept.read_text() == "b\n" * 10

    for program in ("", "cat", "/no/such/pager"):
        pager.page("c\n" * 10, 10, {"PAGER": program})
        assert capfd.readouterr().out == "c\n" * 10


def test_show_on_a_terminal_has_colour_and_the_pager(shell: Shell) -> None:
    """On a terminal the entry is painted, and paged when the screen is small."""
    main, ours = pty.openpty()
    environment = {
        **os.environ,
        "LINES": "5",
        "COLUMNS": "80",
        "TERM": "xterm",
        "PAGER": "tr a-z A-Z",
    }
    command = [sys.executable, "-m", "assistant", "show", "tools.md:10"]
    done = subprocess.run(
        command, stdin=ours, stdout=ours, stderr=subprocess.PIPE, env=environment, check=False
    )
    os.close(ours)
    written = os.read(main, 100_000).decode()
    os.close(main)

    assert (done.returncode, done.stderr) == (0, b"")
    assert "\x1b[" in written
    assert "SCREEN -S WORK" in written


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "utf-8"])
def test_json_is_valid_in_any_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What standard output cannot write is escaped as JSON escapes it."""
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding, errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", stream)
    record = {"note": "声音/😀.md"}

    common.print_json(json_line(record))
    stream.flush()

    assert json.loads(written.getvalue().decode(encoding)) == record
