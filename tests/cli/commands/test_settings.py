"""Settings as users meet them: `assistant config`, `assistant init`, and what follows a change."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from indexes import PYTORCH, TOOLS, Case, uncalibrated
from shell import Ran, Shell, stand_in_folder

from assistant.settings import discovery, template
from assistant.settings.load import load, user_file
from assistant.settings.options import OPTIONS

ROOT = Path(__file__).parents[3]

QUESTION = "call torch.cuda.empty_cache() to release cached memory"


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shell:
    """Two notes in a home of their own, without settings, not indexed yet."""
    case = Case(tmp_path / "here")
    case.write("pytorch.md", PYTORCH)
    case.write("sub/tools.md", TOOLS)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for name in ("CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    if not user_file().is_relative_to(tmp_path):
        pytest.skip("this system has one folder of settings for each user")
    stand_in_folder(case.model, case.folder, monkeypatch)
    (case.folder / "assistant.toml").unlink()
    monkeypatch.setattr("assistant.indexing.build._calibration", uncalibrated)
    return Shell(case, monkeypatch, capfd)


def settle(shell: Shell, content: str) -> Path:
    """Write a settings file beside the notes."""
    file = shell.case.folder / "assistant.toml"
    file.write_text(content)
    return file


def found(ran: Ran) -> list[str]:
    """Return the notes that an answer in JSON names, each once, in order."""
    return list(dict.fromkeys(result["note"] for result in ran.record["results"]))


# assistant config


def test_config_says_where_each_value_comes_from(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each setting comes with its file and line, its variable, its flag, or as a default."""
    own = user_file()
    own.parent.mkdir(parents=True)
    own.write_text("\nresults = 7\n")
    file = settle(shell, '[notes]\nwork = "notes"\nhome = { path = "h", exclude = ["x/"] }\n')
    monkeypatch.setenv("ASSISTANT_EDITOR", "code --wait")
    ran = shell("--color", "never", "config")
    lines = [re.split(r"  +# ", line) for line in ran.out.splitlines()]

    assert (ran.code, ran.err) == (0, "")
    assert lines[:2] == [[f"# your own file: {own}"], [f"# the file here: {file}"]]
    expected = {
        f'notes.work = "{file.parent}/notes"': f"{file}:2",
        f'notes.home = {{ path = "{file.parent}/h", include = [], exclude = ["x/"] }}': f"{file}:3",
        "results = 7": f"{own}:2",
        'editor = "code --wait"': "ASSISTANT_EDITOR",
        'color = "never"': "--color",
        "late_interaction = true": "default",
    }
    for setting, origin in expected.items():
        assert [setting, origin] in lines
    assert {line[0].split(" = ")[0].split(".")[0] for line in lines[2:]} == OPTIONS.keys()

    record = shell("--color", "never", "config", "--json").record
    assert (record["file"], record["user_file"]) == (str(file), str(own))
    where = {"origin": "user file", "where": str(own), "line": 2}
    assert record["settings"]["results"] == {"value": 7, **where}
    where = {"origin": "default", "where": None, "line": None}
    assert record["settings"]["late_interaction"] == {"value": True, **where}
    assert [folder["name"] for folder in record["settings"]["notes"]["value"]] == ["work", "home"]


def test_config_prints_toml_that_means_the_same(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `config` prints, written into a file, gives the same settings again."""
    monkeypatch.delenv("ASSISTANT_BACKGROUND")
    settle(
        shell,
        'results = 9\ninclude = ["*.md"]\n[notes]\n"my work" = "notes"\n'
        'b = { path = "~/b", include = [], exclude = ["a b/", "\\"q"] }\n',
    )
    assert shell("config", "--trust").code == 0  # one of the folders lies elsewhere
    before = load(environment={})
    printed = shell("config").out
    copy = shell.case.folder / "copy.toml"
    copy.write_text(printed)
    after = load(copy, environment={})

    for name in OPTIONS:
        assert getattr(after, name) == getattr(before, name), name


def test_config_tells_of_variables_that_set_nothing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt variable, which no command may refuse, is pointed out."""
    monkeypatch.setenv("ASSISTANT_RESULT", "5")
    ran = shell("config")

    assert ran.code == 0
    assert ran.err == "ASSISTANT_RESULT is not a setting; did you mean ASSISTANT_RESULTS?\n"


def test_a_wrong_setting_is_told_by_every_command(shell: Shell) -> None:
    """The error names file, line, key and the nearest known key, with exit code 2."""
    file = settle(shell, '# notes\n\nnotes = ["notes"]\nresutls = 3\n')
    for command in (["config"], ["ask", "x"], ["build"], ["status"]):
        ran = shell(*command)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (f"Error: {file}:4: unknown setting 'resutls'\ndid you mean 'results'?\n")


# assistant init


def test_init_takes_what_is_found(shell: Shell) -> None:
    """--yes takes the likely folders here; the file sets nothing else, and names every setting."""
    ran = shell("init", "--yes")
    file = shell.case.folder / "assistant.toml"
    content = file.read_text()

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:2] == [f"wrote {file}", f"  {shell.case.notes} (2 notes)"]
    assert tomllib.loads(content) == {"notes": ["notes"]}
    names = OPTIONS.keys() - {"editor"}  # which counts in the user's own file alone
    for name in names:
        assert f"\n# {OPTIONS[name].purpose}\n" in content
        assert re.search(rf"^(# )?{name} = ", content, re.M)
    # What is commented out is right as it stands.
    written = re.sub(r"^# (?=\w+ = |\[)", "", content.split("# Folders with names")[0], flags=re.M)
    assert tomllib.loads(written).keys() == names
    file.write_text(written)
    assert shell("config").code == 0


def test_init_overwrites_nothing(shell: Shell) -> None:
    """A file that is there stays as it is, until --force says otherwise."""
    file = settle(shell, "results = 5\n")
    ran = shell("init", "--yes")

    assert (ran.code, ran.out) == (2, "")
    assert str(file) in ran.err
    assert "--force" in ran.err
    assert file.read_text() == "results = 5\n"
    assert shell("init", "--yes", "--force").code == 0
    assert "notes = " in file.read_text()


def test_init_writes_the_file_that_is_named(shell: Shell) -> None:
    """--config says which file is meant, for `init` as for the others."""
    assert shell("--config", "own/my.toml", "init", "notes").code == 0
    written = tomllib.loads((shell.case.folder / "own" / "my.toml").read_text())
    assert Path(written["notes"][0]).expanduser() == shell.case.notes
    assert not (shell.case.folder / "assistant.toml").exists()


def test_init_without_a_terminal_says_what_to_do(shell: Shell) -> None:
    """With nobody to ask, nothing is written, and the error shows both ways on."""
    ran = shell("init")

    assert (ran.code, ran.out) == (2, "")
    assert "init --yes" in ran.err
    assert "init NOTES" in ran.err
    assert not (shell.case.folder / "assistant.toml").exists()


def test_init_of_folders_that_are_not_there(shell: Shell) -> None:
    """Folders named outright must be there; where none is found, the error says to name one."""
    assert shell("init", "nowhere").code == 5
    assert shell("init", "~nobody-of-this-name/n").code == 2
    assert shell("build", "~nobody-of-this-name/n").code == 2
    shell.case.notes.rename(shell.case.folder / ".unlikely")
    ran = shell("init", "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert "no folder with notes was found" in ran.err
    assert not (shell.case.folder / "assistant.toml").exists()
    assert shell("init", ".unlikely").code == 0
    assert shell("ask", QUESTION).code == 0


def test_own_settings_serve_everywhere(shell: Shell, tmp_path: Path) -> None:
    """`init --user` makes the notes answer from any folder, by names when there are several."""
    for name in ("notes", "Documents/Vault/.obsidian"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("notes", "Documents/Vault"):
        (tmp_path / name / "same.md").write_text(PYTORCH.replace("PyTorch", name))
    ran = shell("init", "--user", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert f"wrote {user_file()}" in ran.out

    shell.case.notes.joinpath("deep").mkdir()
    os.chdir(shell.case.notes / "deep")
    ran = shell("ask", "--json", QUESTION)
    assert sorted(found(ran)) == ["Vault/same.md", "notes/same.md"]
    assert found(shell("ask", "--json", "--note", "Vault/", QUESTION)) == ["Vault/same.md"]
    shown = shell("show", "notes/same.md:1")
    assert "# notes" in shown.out
    assert (shell.case.notes / "deep").is_dir()
    assert not list((shell.case.notes / "deep").iterdir())


def typed(keys: bytes, *arguments: str) -> Ran:
    """Run a command, in a process of its own, at whose terminal some keys are typed."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", *arguments],
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(follower)
    os.write(leader, keys)
    out, err = process.communicate(timeout=60)
    os.close(leader)
    return Ran(process.returncode, out, err)


def test_init_may_be_left(shell: Shell) -> None:
    """The end of input at the question ends quietly with 130, and nothing is written."""
    ran = typed(b"\x04", "init")
    assert (ran.code, ran.err) == (130, "\n")
    assert not (shell.case.folder / "assistant.toml").exists()


def test_init_asks_at_a_terminal(shell: Shell, tmp_path: Path) -> None:
    """Folders are offered with their counts; an answer that means nothing is asked again."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("# A\n")
    ran = typed(b"9\nnowhere\n2, 1\n", "init")
    out = ran.out

    assert (ran.code, ran.err) == (0, "")
    assert f"1. {shell.case.notes} (2 notes)" in out
    assert f"2. {tmp_path / 'notes'} (1 note)" in out
    assert "there is no number 9" in out
    assert f"there is no {shell.case.folder / 'nowhere'}" in out
    written = tomllib.loads((shell.case.folder / "assistant.toml").read_text())
    assert written == {"notes": ["~/notes", "notes"]}


def test_likely_folders(tmp_path: Path) -> None:
    """Vaults, the usual places and folders with notes of their own are found, each once."""
    here = tmp_path / "project"
    for path in (
        "project/docs/a.md",
        "project/README.md",
        "project/content/empty.txt",
        "Vault/.obsidian/x.json",
        "Vault/a.md",
        "Vault/notes/b.md",
        "Documents/notes/c.md",
        "other/d.md",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")

    offered = [(one.path, one.count, one.is_vault) for one in discovery.find(here, tmp_path)]
    assert offered == [
        (here / "docs", 1, False),
        (tmp_path / "Documents/notes", 1, False),
        (tmp_path / "Vault", 2, True),
    ]
    (here / "docs" / "a.md").unlink()
    assert discovery.find(here, tmp_path)[0] == discovery.NotesFolder(here, 1, False)
    # In a vault, the vault itself is meant, not a folder of it.
    assert [one.path for one in discovery.find(tmp_path / "Vault", tmp_path)] == [
        tmp_path / "Vault",
        tmp_path / "Documents/notes",
    ]


def test_vaults_that_obsidian_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list that Obsidian keeps leads to vaults in other places; a broken list leads nowhere."""
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path)
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "far" / "away" / "a.md").write_text("x")
    vaults = {"vaults": {"1": {"path": str(tmp_path / "far" / "away")}, "2": {"path": "/gone"}}}
    (tmp_path / "obsidian.json").write_text(json.dumps(vaults))
    home = tmp_path / "home"
    assert [one.path for one in discovery.find(None, home)] == [tmp_path / "far" / "away"]

    for broken in ("{", "[]", '{"vaults": [1]}', '{"vaults": {"1": {}}}', '{"vaults": {"1": 2}}'):
        (tmp_path / "obsidian.json").write_text(broken)
        assert discovery.find(None, home) == []


def test_several_folders_get_names_where_they_can(tmp_path: Path) -> None:
    """Names come from the folders, unless two have the same or one cannot be a name."""
    base, home = tmp_path / "b", tmp_path

    def written(*folders: str) -> object:
        paths = [tmp_path / folder for folder in folders]
        return tomllib.loads(template.content(paths, base, home))["notes"]

    assert written("b") == ["."]
    assert written("b/n", "my vault") == {"n": "n", "my vault": "~/my vault"}
    assert written("b/n", "c/n") == ["n", "~/c/n"]
    assert written("b/n", "[x]") == ["n", "~/[x]"]


# What follows a change


def test_a_changed_pattern_changes_what_answers(shell: Shell) -> None:
    """A question, the state and a build agree on the notes that patterns leave."""
    settle(shell, 'notes = ["notes"]\n')
    shell("build")
    assert "pytorch.md" in found(shell("ask", "--json", QUESTION))
    settle(shell, 'notes = ["notes"]\nexclude = ["pytorch.md"]\n')

    assert shell("status", "--json").record["gone"] == ["pytorch.md"]
    assert found(shell("ask", "--json", QUESTION)) == ["sub/tools.md"]
    record = shell("status", "--json").record
    assert (record["gone"], record["newer"]) == ([], [])
    reason = "excluded by the settings: pytorch.md"
    assert record["skipped"] == [{"path": "pytorch.md", "reason": reason}]
    assert record["folders"][0]["exclude"] == ["pytorch.md"]
    assert "nothing changed" in shell("build").err
    settle(shell, 'notes = ["notes"]\n')
    assert "pytorch.md" in found(shell("ask", "--json", QUESTION))


def test_a_name_given_to_a_folder_embeds_nothing(shell: Shell) -> None:
    """Notes take the name of their folder at the next question, their texts being known."""
    settle(shell, 'notes = ["notes"]\n')
    shell("build")
    settle(shell, '[notes]\nwork = "notes"\n')
    assert found(shell("ask", "--json", "-k", "9", QUESTION))[0] == "work/pytorch.md"
    assert "0 embedded" in shell("build", "--full").err
    assert shell("show", "work/pytorch.md:3").code == 0
    assert shell("show", "pytorch.md:3").code == 0


def test_a_folder_that_is_added_is_taken_in(shell: Shell) -> None:
    """A question sees the notes of a folder that the settings have come to name."""
    settle(shell, 'notes = ["notes/sub"]\n')
    shell("build")
    settle(shell, 'notes = ["notes/sub", "notes"]\n')
    assert found(shell("ask", "--json", QUESTION))[0] == "pytorch.md"


def test_a_folder_that_is_not_there_is_told(shell: Shell) -> None:
    """Questions are answered from what the index has, and the state says what is missing."""
    settle(shell, 'notes = ["notes"]\n')
    shell("build")
    settle(shell, 'notes = ["notes", "gone"]\n')
    assert shell("ask", QUESTION).code == 0
    cause = f"there is no {shell.case.folder / 'gone'}"
    assert shell("status", "--json").record["unreadable"] == cause
    assert f"unreadable {cause}" in shell("status").out
    assert shell("build").code == 5


def test_notes_named_at_a_build_stay_until_the_next(shell: Shell) -> None:
    """`build NOTES` is not undone by a question, but by a build of the settings' notes."""
    settle(shell, 'notes = ["notes"]\n')
    assert shell("build", "notes/sub").code == 0
    assert found(shell("ask", "--json", "-k", "9", QUESTION)) == ["tools.md"]
    record = shell("status", "--json").record
    assert (record["newer"], record["gone"]) == ([], [])
    shell("build")
    assert found(shell("ask", "--json", QUESTION))[0] == "pytorch.md"


def test_colours_as_the_settings_say(shell: Shell) -> None:
    """`always` colours what a pipe gets; without it, and with `never`, no control code comes."""
    settle(shell, 'notes = ["notes"]\n')
    shell("build")
    for arguments in (["ask", QUESTION], ["show", "pytorch.md:3"]):
        assert "\x1b[" in shell("--color", "always", *arguments).out
        assert "\x1b" not in shell("--color", "never", *arguments).out
        assert "\x1b" not in shell(*arguments).out
    ran = shell("--color", "always", "ask", "--json", QUESTION)
    assert "\x1b" not in ran.out


def test_the_editor_of_the_settings_opens(shell: Shell) -> None:
    """`open` starts the settings' editor at the line, `ask --open` at the best sentence."""
    told = shell.case.folder / "told"
    script = shell.case.folder / "editor.py"
    script.write_text(
        "import sys, pathlib\npathlib.Path(sys.argv[1]).write_text(' '.join(sys.argv[2:]))\n"
    )
    editor = f"'{sys.executable}' '{script}' '{told}' --at {{line}} {{path}}"
    own = user_file()
    own.parent.mkdir(parents=True)
    own.write_text(f'editor = "{editor}"\n')
    settle(shell, 'notes = ["notes"]\n')
    shell("build")
    assert shell("open", "pytorch.md:13").code == 0
    assert told.read_text() == f"--at 13 {shell.case.notes / 'pytorch.md'}"
    assert shell("ask", "--open", QUESTION).code == 0
    assert told.read_text() == f"--at 5 {shell.case.notes / 'pytorch.md'}"


def test_a_file_that_was_found_starts_no_program(shell: Shell) -> None:
    """`editor` in an `assistant.toml` that nobody named is refused; with --config it counts."""
    file = settle(shell, 'notes = ["notes"]\neditor = "touch broken"\n')
    shell("--config", file, "build")
    ran = shell("open", "pytorch.md")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Error: {file}:2: editor starts a program")
    assert "--config" in ran.err
    assert not list(shell.case.folder.rglob("broken"))
    assert shell("--config", file, "config", "--json").record["settings"]["editor"]["value"] == (
        "touch broken"
    )


# Documentation


def test_every_setting_is_documented() -> None:
    """The table of docs/settings.md has each setting, with its default, and no other."""
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    table = text.split("## The settings")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (?:`(.*?)`|none) \|", table, re.M))

    assert list(rows) == list(OPTIONS)
    for name, default in rows.items():
        expected = OPTIONS[name].default
        assert (json.loads(default) if default else []) == expected, name


def test_the_examples_of_the_documentation_are_settings(tmp_path: Path) -> None:
    """Each block of TOML in README.md and docs/settings.md is accepted as it stands."""
    texts = [(ROOT / name).read_text("utf-8") for name in ("README.md", "docs/settings.md")]
    blocks = [
        block for text in texts for block in re.findall(r"^```toml\n(.*?)^```", text, re.M | re.S)
    ]
    assert len(blocks) >= 3
    for number, block in enumerate(blocks):
        file = tmp_path / f"{number}.toml"
        file.write_text(block)
        assert load(file, environment={}).notes
