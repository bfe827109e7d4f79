"""What lies in a folder of a stranger's decides nothing: an index there, a settings file there."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from fakes import write_model
from indexes import Case, as_stored, put_manifest
from shell import Shell, stand_in_folder

from assistant import Notes
from assistant.agents.views import index_status, search_result
from assistant.embedding import export
from assistant.embedding.model import DEFAULT_MODEL
from assistant.errors import ConfigError, ModelUnavailableError
from assistant.library import sources
from assistant.records import Source
from assistant.settings import confirmation
from assistant.settings import load as config
from assistant.settings.load import FILE_NAME, load, user_file
from assistant.settings.options import OPTIONS
from assistant.store import provenance
from assistant.store.manifest import last_named, last_sources
from assistant.text import UNFOLLOWED
from assistant.user_folders import data_folder
from assistant.web.html import verdict

pytestmark = pytest.mark.usefixtures("without_calibration")

POSIX = pytest.mark.skipif(os.name != "posix", reason="there are no permissions of this kind")

QUESTION = "call torch.cuda.empty_cache() to release cached memory"
SECRET = "# Secret\n\nThe password of the safe is swordfish.\n"


@pytest.fixture
def shell(case: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    """Two indexed notes, and a home of the user's own for settings and data."""
    for name in ("CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(case.folder / "home" / name.lower()))
    stand_in_folder(case.model, case.folder, monkeypatch)
    return Shell(case, monkeypatch, capfd)


@pytest.fixture
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the user's that no index is of."""
    folder = tmp_path_factory.mktemp("private")
    (folder / "secret.md").write_text(SECRET)
    return folder


def strange_index(case: Case, private: Path, **others: object) -> Path:
    """Return an index, in a clone, that says to be of the user's private folder."""
    (case.folder / FILE_NAME).unlink()
    clone = case.folder / "clone"
    clone.mkdir()
    case.index.rename(clone / "index")
    stored = as_stored(clone / "index")
    sources = [asdict(Source(private, given=True))]
    fields = json.loads(json.dumps({**stored, "sources": sources, **others}, default=str))
    put_manifest(clone / "index", fields)
    return clone


def holds_secret(folder: Path) -> bool:
    """Return whether anything below a folder has the text of the private note."""
    return any(b"swordfish" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


# An index


def test_a_strange_index_answers_and_reads_nothing(
    shell: Shell, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an index that was found says it is of is not read, by no command, until it is named."""
    clone = strange_index(shell.case, private)
    monkeypatch.chdir(clone)
    ran = shell("ask", QUESTION)
    assert ran.code == 0
    assert ran.err == f"this index follows {UNFOLLOWED}\n"
    assert shell("ask", "--json", QUESTION).record["unfollowed"] is True
    record = shell("status", "--json").record
    assert (record["follows"], record["newer"], record["unreadable"]) == ([], [], "")
    assert f"follows    {UNFOLLOWED}" in shell("status").out
    for command in (["build"], ["watch"], ["eval", "--from-notes"]):
        ran = shell(*command)
        assert ran.code == 2
        assert "assistant build NOTES" in ran.err
    assert "assistant build NOTES" in shell("doctor").out
    assert shell("--index", clone / "index", "build").code == 2
    assert shell("why-not", "secret.md", "the password of the safe").code != 0
    assert not holds_secret(clone)

    assert shell("build", shell.case.notes).code == 0
    assert shell("ask", QUESTION).err == ""
    assert not holds_secret(clone)


def test_a_strange_index_is_not_followed_from_python(shell: Shell, private: Path) -> None:
    """`Notes.open` of an index by itself reads nothing, and fetches no model on its word."""
    clone = strange_index(shell.case, private, model="evil/model")
    with Notes.open(clone / "index") as notes:
        assert notes.settings.notes == ()
        assert (notes.settings.model, notes.settings.fetches) == ("evil/model", False)
        answer = notes.ask(QUESTION)
        assert answer.unfollowed
        assert f"follows {UNFOLLOWED}" in verdict(answer).replace("&#x27;", "'")
        assert any(UNFOLLOWED in line for line in search_result(answer).remarks)
        assert index_status(notes.status()).follows == []
        with pytest.raises(ConfigError, match="assistant build NOTES"):
            notes.build()
    with Notes.open(clone / "index", model=DEFAULT_MODEL) as notes:
        assert notes.settings.fetches
    assert not holds_secret(clone)


def test_the_users_own_notes_are_not_written_into_a_strange_index(
    shell: Shell, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a variable's nor the own file's notes go into an index that one came upon."""
    clone = strange_index(shell.case, private)
    monkeypatch.chdir(clone)
    monkeypatch.setenv("ASSISTANT_NOTES", str(private))
    assert shell("ask", QUESTION).err == f"this index follows {UNFOLLOWED}\n"
    assert shell("build").code == 2
    monkeypatch.delenv("ASSISTANT_NOTES")
    user_file().parent.mkdir(parents=True)
    user_file().write_text(f"notes = ['{private}']\n")
    assert shell("--index", "index", "ask", QUESTION).err == f"this index follows {UNFOLLOWED}\n"
    # A settings file in the clone does not take the user's notes there either.
    (clone / FILE_NAME).write_text('index = "index"\nexclude = ["*"]\n')
    settings = load(environment={}, here=clone)
    assert settings.index == data_folder() / "index"
    assert settings.exclude == ()
    assert shell("build").code == 0
    assert not holds_secret(clone)


def test_an_index_that_the_user_built_is_followed(case: Case) -> None:
    """The notes of a build count at its place, and neither elsewhere nor with another list."""
    stored = as_stored(case.index)
    assert last_sources(case.index) == (Source(case.notes),)
    copied = case.folder / "copied"
    shutil.copytree(case.index, copied)
    assert last_sources(copied) == ()
    assert last_named(copied).is_strange
    for change in ({"sources": [asdict(Source(case.folder))]}, {"mark": ""}, {"mark": "0" * 128}):
        fields = json.loads(json.dumps({**stored, **change}, default=str))
        put_manifest(case.index, fields)
        assert last_sources(case.index) == ()
    put_manifest(case.index, stored)
    assert last_sources(case.index) == (Source(case.notes),)


def test_a_notes_folder_that_became_a_link_is_not_followed(case: Case, private: Path) -> None:
    """What was named is the folder, not whatever its name leads to after a change."""
    case.notes.rename(case.folder / "before")
    case.notes.symlink_to(private)
    assert last_sources(case.index) == ()


def test_an_index_from_before_there_were_marks(case: Case) -> None:
    """It opens; what the settings name is followed, and the next build marks it."""
    stored = as_stored(case.index)
    del stored["mark"]
    put_manifest(case.index, stored)
    settings = config.Settings(notes=(Source(case.notes),), index=case.index)
    assert sources.followed(settings) == settings.notes
    with pytest.raises(ConfigError, match="assistant build NOTES"):
        sources.followed(replace(settings, notes=()))
    case.build()
    assert sources.followed(replace(settings, notes=())) == settings.notes


@POSIX
def test_the_key_is_the_users_alone(shell: Shell) -> None:
    """It is made once, for nobody else to read, and lets none be put in its place by a link."""
    key = data_folder() / provenance.KEY
    assert provenance.mark(Path("i"), ()) == provenance.mark(Path("i"), ())
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key.parent.iterdir()] == [provenance.KEY]
    first = key.read_bytes()
    key.write_bytes(b"damaged")
    assert provenance.is_marked(Path("i"), (), provenance.mark(Path("i"), ()))
    assert key.read_bytes() != first
    assert len(key.read_bytes()) == provenance.KEY_BYTES


def test_a_key_of_another_process_stays(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that make the key at once, the later takes that of the earlier."""
    other = b"k" * provenance.KEY_BYTES
    key = data_folder() / provenance.KEY
    made = os.urandom

    def slow(count: int) -> bytes:
        key.write_bytes(other)
        return made(count)

    monkeypatch.setattr(os, "urandom", slow)
    mark = provenance.mark(Path("i"), ())
    assert key.read_bytes() == other
    assert provenance.is_marked(Path("i"), (), mark)


def test_where_no_key_can_be_kept_nothing_is_marked(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder for data that cannot be written costs the mark, not the build."""
    blocked = shell.case.folder / "file"
    blocked.touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(blocked))
    assert shell.case.build().manifest.mark == ""
    assert last_sources(shell.case.index) == ()


# A settings file


OUTSIDE = {
    "list": "results = 3\nnotes = ['notes', '{private}']\n",
    "above": "results = 3\nnotes = ['../notes']\n",
    "table": "[notes]\nx = '{private}'\n",
    "deep table": "[notes.x]\npath = '{private}'\n",
    "link": "results = 3\nnotes = ['link']\n",
    "below a link": "results = 3\nnotes = ['link/deeper']\n",
    "index": "results = 3\nindex = '{private}'\n",
    "index by a link": "results = 3\nindex = 'link'\n",
    "home": "results = 3\nnotes = ['~']\n",
}


@POSIX
@pytest.mark.parametrize("name", OUTSIDE)
def test_a_found_file_leads_nowhere_else(
    shell: Shell, private: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notes and index outside its folder are refused with file and line, and nothing is touched."""
    clone = shell.case.folder / "clone"
    (clone / "notes").mkdir(parents=True)
    (clone / "link").symlink_to(private)
    file = clone / FILE_NAME
    file.write_text(OUTSIDE[name].format(private=private))
    private.chmod(0o755)
    monkeypatch.chdir(clone)
    for command in (["ask", QUESTION], ["build"], ["status"], ["config"], ["watch"]):
        ran = shell(*command)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"Error: {file}:2: ")
        assert "outside the folder of this file" in ran.err
        assert "assistant config --trust" in ran.err
    assert private.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in private.iterdir()] == ["secret.md"]
    assert not (clone / "index").exists()

    assert shell("--config", file, "config").code == 0
    ran = shell("config", "--trust")
    assert ran.code == 0
    assert str(file) in ran.err
    assert shell("config").code == 0
    # What anybody may choose does not ask again, what decides does.
    file.write_text(f"color = 'never'\n{file.read_text()}".replace("results = 3\n", ""))
    assert shell("config").code == 0
    file.write_text(f"model = 'other'\n{file.read_text()}")
    assert shell("config").code == 2


def test_an_index_beside_is_no_link_elsewhere(
    shell: Shell, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index that nobody named lies where one stands, and is not a link to another folder."""
    (shell.case.folder / FILE_NAME).unlink()
    clone = shell.case.folder / "clone"
    (clone / "notes").mkdir(parents=True)
    (clone / "notes" / "a.md").write_text("# A\n\ntext\n")
    empty = shell.case.folder / "empty"
    empty.mkdir(mode=0o755)
    (clone / "index").symlink_to(empty)
    monkeypatch.chdir(clone)
    for content in (None, 'notes = ["notes"]\n'):
        if content:
            (clone / FILE_NAME).write_text(content)
        ran = shell("build", "notes")
        if content:
            assert ran.code == 2
            assert str(empty) in ran.err
        else:  # then it does not lie here
            assert ran.code == 0
        assert not list(empty.iterdir())
    (clone / FILE_NAME).unlink()
    (empty / "index.sqlite3").touch()
    assert shell("ask", "text").code == 2
    (empty / "index.sqlite3").unlink()
    assert shell("--index", "index", "build", "notes").code == 0


def test_what_init_writes_counts(shell: Shell, private: Path) -> None:
    """A file of `assistant init` may name any folder, until what it decides is changed."""
    file = shell.case.folder / FILE_NAME
    file.unlink()
    assert shell("init", private).code == 0
    assert shell("build").code == 0
    assert shell("ask", "the password of the safe is swordfish").code == 0
    file.write_text("# a remark\nresults = 7\n" + file.read_text())
    assert shell("status").code == 0
    file.write_text(file.read_text().replace(private.name, "other"))
    assert shell("status").code == 2
    assert shell("init", "--force", private).code == 0
    assert shell("status").code == 0


def test_a_file_that_was_moved_counts_no_more(shell: Shell, private: Path) -> None:
    """The user's word is about a file at its place."""
    values = {"notes": [str(private)]}
    confirmation.confirm(shell.case.folder / FILE_NAME, values)
    assert confirmation.is_confirmed(shell.case.folder / FILE_NAME, values)
    assert not confirmation.is_confirmed(shell.case.notes / FILE_NAME, values)
    assert not confirmation.is_confirmed(shell.case.folder / FILE_NAME, {**values, "index": "x"})


def test_init_writes_through_no_link(shell: Shell, private: Path) -> None:
    """`init --force` in a folder whose settings file is a link leaves what that leads to."""
    file = shell.case.folder / FILE_NAME
    file.unlink()
    file.symlink_to(private / "secret.md")
    ran = shell("init", "--force", "notes")
    assert ran.code == 2
    assert str(private / "secret.md") in ran.err
    assert (private / "secret.md").read_text() == SECRET


GOOD_LINKS = (
    *("vscode://file{path}:{line}", "vscodium://file/{path}:{line}", "cursor://file{path}"),
    *(
        "zed://file{path}:{line}",
        "idea://open?file={path}&line={line}",
        "obsidian://open?path={path}",
    ),
    *("txmt://open?url=file://{path}&line={line}", "mvim://open?url=file://{path}"),
    *("emacs://open?url=file://{path}&line={line}", "subl://open?url=file://{path}"),
    *("org-protocol://open-file?url={path}", "nvim://{path}"),
)
BAD_LINKS = (
    *("http://evil.example/{path}", "https://evil.example/{path}", "file://{path}"),
    *("mailto:a@evil.example?body={path}", "ssh://evil.example{path}", "ms-msdt:/{path}"),
    *("vscode://vscode.git/clone?url=https://evil.example/{path}", "search-ms:{path}"),
    *("obsidian://advanced-uri?commandid=x&file={path}", "vscode:{path}", "blob:{path}"),
    *("vscode://file.evil/{path}", "vscodefile://file{path}"),
)


@pytest.mark.parametrize("link", [*GOOD_LINKS, *BAD_LINKS])
def test_a_found_file_chooses_among_editors(tmp_path: Path, link: str) -> None:
    """Its `editor_link` opens a file in an editor that is known, and asks for nothing else."""
    file = tmp_path / FILE_NAME
    file.write_text(f"results = 1\neditor_link = '{link}'\n")
    if link in GOOD_LINKS:
        assert load(environment={}, here=tmp_path).editor_link == link
        return
    with pytest.raises(ConfigError, match=r"assistant\.toml:2: editor_link"):
        load(environment={}, here=tmp_path)
    assert load(file, environment={}, here=tmp_path).editor_link == link


@pytest.mark.parametrize("link", ["javascript:alert(1)//{path}", "data:text/html,{path}"])
def test_an_address_runs_nothing(tmp_path: Path, link: str) -> None:
    """Addresses that browsers run are refused wherever they stand."""
    (tmp_path / "x.toml").write_text(f"editor_link = '{link}'\n")
    with pytest.raises(ConfigError, match="editor_link"):
        load(tmp_path / "x.toml", environment={}, here=tmp_path)


def test_a_model_is_fetched_on_the_users_word_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name in a found file is looked for on this computer; one that the user gave is fetched."""
    monkeypatch.setattr(
        "assistant.embedding.model._reach_hub", lambda name: pytest.fail(f"asked for {name}")
    )
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    file = tmp_path / FILE_NAME
    file.write_text('model = "evil/model-of-nobody"\n')
    found = load(environment={}, here=tmp_path)
    assert (found.model, found.fetches) == ("evil/model-of-nobody", False)
    with pytest.raises(ModelUnavailableError) as caught:
        export.exported(found.model, fetch=found.fetches)
    assert "ASSISTANT_MODEL" in caught.value.remedy
    assert load(file, environment={}, here=tmp_path).fetches
    assert load(environment={"ASSISTANT_MODEL": "a/b"}, here=tmp_path).fetches


def test_an_index_that_the_user_named_keeps_its_model(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file where one asks decides neither the model of an index named by flag nor its states."""
    shell.case.build()  # by the key of this home
    (shell.case.folder / FILE_NAME).unlink()
    clone = shell.case.folder / "clone"
    clone.mkdir()
    (clone / FILE_NAME).write_text(
        'model = "other"\nlate_interaction = false\nexclude = ["*"]\ndevice = "cuda"\n'
    )
    settings = load(index=shell.case.index, environment={}, here=clone)
    assert (settings.model, settings.late_interaction) == (DEFAULT_MODEL, True)
    assert settings.device == "auto"
    (clone / "notes").mkdir()
    (clone / FILE_NAME).write_text('notes = ["notes"]\nlate_interaction = false\n')
    monkeypatch.chdir(clone)
    shell.case.write("new.md", "# New\n\nA note that a question takes in.\n")
    assert shell("--index", shell.case.index, "ask", "new").err == ""
    stored = as_stored(shell.case.index)
    assert (stored["notes"], stored["late_interaction"]) == (3, True)


def test_a_found_model_folder_is_data(tmp_path: Path) -> None:
    """A folder beside a found file may be its model; a pipe in it is not waited for."""
    write_model(tmp_path / "model")
    (tmp_path / FILE_NAME).write_text('model = "model"\n')
    if os.name == "posix":
        os.mkfifo(tmp_path / "model" / "model.safetensors")
    settings = load(environment={}, here=tmp_path)
    assert settings.model == str(tmp_path / "model")
    with pytest.raises(ModelUnavailableError):
        export.exported(settings.model, fetch=settings.fetches)


def test_every_setting_of_a_found_file_was_thought_of() -> None:
    """A new setting is sorted: harmless, of notes, a folder, or looked at by itself."""
    of_notes = {"include", "exclude", "index", "model", "late_interaction"}
    of_notes |= {"left_out", "endings", "date_order", "background", "multilingual", "device"}
    looked_at = {"notes", "editor", "editor_link"}
    assert OPTIONS.keys() == {*confirmation.HARMLESS, *of_notes, *looked_at}


def test_an_installed_watch_names_no_file_that_was_found(shell: Shell) -> None:
    """A unit names its settings file, which then has all of its say: it is confirmed first."""
    ran = shell("watch", "--install", "--dry-run")
    assert ran.code == 2
    assert "assistant config --trust" in ran.err
    assert shell("config", "--trust").code == 0
    assert shell("watch", "--install", "--dry-run").code == 0
