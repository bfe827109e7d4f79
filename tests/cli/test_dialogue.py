"""`assistant ask` without a question: real sessions on a terminal, with the real model."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from indexes import PYTORCH, TOOLS, Case
from typist import CTRL_C, CTRL_D, UP, Typist

from assistant.cli import dialogue
from assistant.cli.terminal import prompt

ROOT = Path(__file__).parents[2]


@pytest.fixture
def case(model_folder: Path, tmp_path: Path) -> Case:
    """Two notes with settings beside them; the first session indexes them."""
    assert model_folder
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.write("tools.md", TOOLS)
    (tmp_path / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n')
    return case


def sit_down(case: Case, *arguments: str, **environment: str) -> Typist:
    """Start a session and wait for its prompt."""
    state = {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(case.folder / "state"), "PAGER": "cat"}
    command = [sys.executable, "-m", "assistant", "ask", *arguments]
    typist = Typist(command, case.folder, {**state, **environment})
    typist.until("ask> ")
    return typist


def kept(case: Case) -> Path:
    """Return the file of the questions of earlier sessions."""
    return case.folder / "state/notes-assistant/questions"


def test_session(case: Case) -> None:
    """Questions, edits between them, results by number, the editor, Ctrl-C and the way out."""
    told = case.folder / "told"
    script = "import sys; open(sys.argv[1], 'w').write('|'.join(sys.argv[2:]))"
    editor = f'"{sys.executable}" -c "{script}" "{told}"'
    with sit_down(case, VISUAL=editor) as typist:
        typist.type("1\n")
        assert "there is no result 1" in typist.until("ask> ")

        typist.type("how do I free GPU memory\n")
        shown = typist.until("ask> ")
        assert "pytorch.md" in shown
        assert "torch.cuda.empty_cache" in shown

        typist.type("1\n")
        assert "pytorch.md:3-9" in typist.until("ask> ")
        typist.type("o 1\n")
        typist.until("ask> ")
        line, file = told.read_text().split("|")
        assert Path(file) == case.notes / "pytorch.md"
        assert 3 <= int(line.removeprefix("+")) <= 9

        case.write("new.md", "# 螃蟹\n\n螃蟹横着走路。\n")
        typist.type("螃蟹怎么走路\n")
        assert "螃蟹横着走路" in typist.until("ask> ").replace("螃蟹怎么走路", "")

        typist.type("half a line" + CTRL_C)
        typist.until("ask> ")
        for line in (":what", "help", "?"):
            typist.type(f"{line}\n")
            assert "exit leaves" in typist.until("ask> ")
        typist.type("how do I list files\n")
        typist.until("ask> ")
        typist.type("and in reverse?\n")
        assert '"how do I list files and in reverse?"' in typist.until("ask> ")
        typist.type("more\n")
        assert "4 " in typist.until("ask> ")
        for _ in range(3):
            typist.type("n\n")
            last = typist.until("ask> ")
        assert "there is no further result" in last
        typist.type("exit\n")
        assert typist.leave() == 0
        assert "Traceback" not in typist.seen
    assert kept(case).read_text("utf-8") == (
        "how do I free GPU memory\n螃蟹怎么走路\nhow do I list files\nand in reverse?\n"
    )
    assert stat.S_IMODE(kept(case).stat().st_mode) == 0o600

    with sit_down(case, "-k", "1") as typist:
        typist.type(3 * UP + "\n")
        assert "螃蟹横着走路" in typist.until("ask> ")
        typist.type(CTRL_D)
        assert typist.leave() == 0


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        *(("and in reverse?", True), ("what about rows", True), ("without pandas", True)),
        *(("那列呢？", True), ("how do I undo it", False), ("undo it", True)),
        *(("free gpu memory", False), ("einsum", False), ("如何释放显存", False)),
        ("and what happens when the disk is full", False),
    ],
)
def test_follow_ups(question: str, is_one: bool) -> None:
    """A few words that go on or point back are one; a short question of its own is none."""
    assert dialogue.is_follow_up(question) == is_one


def test_error_ends_no_session(case: Case) -> None:
    """What fails is told in two lines, and the next question is answered."""
    with sit_down(case, VISUAL="/no/such/editor") as typist:
        typist.type("list files\n")
        typist.until("ask> ")
        typist.type("o 1\n")
        assert "cannot be started" in typist.until("ask> ")
        typist.type("list files\n")
        assert "tools.md" in typist.until("ask> ")


def test_no_prompt_for_forms_of_programs(case: Case) -> None:
    """Options that print for programs need a question, on a terminal as well."""
    command = [sys.executable, "-m", "assistant", "ask", "--json"]
    with Typist(command, case.folder, {"PYTHONPATH": str(ROOT)}) as typist:
        assert typist.leave() == 2
        assert "ask needs a question" in typist.seen


def test_history_is_bounded_and_private(tmp_path: Path) -> None:
    """The file of questions is cut to the last lines, and stays its owner's."""
    file = tmp_path / "state/questions"
    first = prompt.Prompt(file)
    for number in range(2 * prompt.MOST_LINES + 1):
        first.keep(f"问题 {number}")

    prompt.Prompt(file)

    lines = file.read_text("utf-8").splitlines()
    assert len(lines) == prompt.MOST_LINES
    assert lines[-1] == f"问题 {2 * prompt.MOST_LINES}"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_history_that_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    """Where the folder is a file, there is a prompt all the same."""
    (tmp_path / "state").write_text("")
    prompt.Prompt(tmp_path / "state/questions").keep("a question")
