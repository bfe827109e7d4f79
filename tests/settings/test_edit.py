"""One setting changed in a settings file: in the right place, and nothing else."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import ConfigError
from assistant.settings import edit, load, template
from assistant.settings.load import Origin, Settings

LINES = (
    'notes = ["a"]',
    "results = 5  # enough",
    'model = "old"  # tried in May',
    'exclude = [\n  "drafts/",\n]',
    "# model = none",
    "",
    "# a comment",
)
TABLE = '[notes.work]\npath = "w"\n'


@given(st.lists(st.sampled_from(LINES), unique=True), st.booleans(), st.sampled_from(["new", None]))
def test_one_setting_changes_and_nothing_else(
    lines: list[str], has_table: bool, value: str | None
) -> None:
    """Whatever the file is like, it says the same afterwards but for that one setting."""
    if has_table:
        lines = [line for line in lines if not line.startswith("notes")]
    text = "\n".join(lines) + "\n" + TABLE * has_table
    before = tomllib.loads(text)

    changed = edit.with_setting(text, "model", value) if value or "model" in before else text

    assert changed is not None
    assert tomllib.loads(changed).pop("model", None) == value
    assert {**tomllib.loads(changed), "model": 0} == {**before, "model": 0}
    if value and "model" in before:
        assert f'model = "{value}"  # tried in May' in changed


def test_a_new_setting_stands_below_what_it_is_for(tmp_path: Path) -> None:
    """In a file that `assistant init` wrote, it goes where its comment is, before any table."""
    text = template.content([tmp_path / "a", tmp_path / "b"], tmp_path, tmp_path)
    changed = edit.with_setting(text, "model", "x") or ""
    lines = changed.splitlines()

    assert lines[lines.index('model = "x"') - 1].startswith("# model = ")
    assert edit.with_setting(changed, "model", None) == text


def test_what_cannot_be_told_is_left(tmp_path: Path) -> None:
    """A setting over several lines is not changed, and the message says what to write."""
    file = tmp_path / load.FILE_NAME
    file.write_text('model = """\nold"""\n', "utf-8")

    with pytest.raises(ConfigError) as caught:
        edit.put(file, "model", "new")

    assert caught.value.remedy == 'write model = "new" there yourself'
    assert file.read_text("utf-8") == 'model = """\nold"""\n'


def test_a_changed_file_stays_the_users_own(tmp_path: Path) -> None:
    """A file that counted in full counts in full after the change."""
    file = tmp_path / load.FILE_NAME
    file.write_text('notes = ["/elsewhere"]\n', "utf-8")
    load.trust(file)

    edit.put(file, "model", "new")

    found = load.load(environment={}, here=tmp_path)
    assert (found.model, found.file_is_found) == ("new", False)


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        ({"model": Origin("file", "m.toml"), "notes": Origin("file", "n.toml")}, "m.toml"),
        ({"notes": Origin("user file", "n.toml")}, "n.toml"),
        ({"notes": Origin("environment", "ASSISTANT_NOTES")}, "here.toml"),
    ],
)
def test_the_file_that_decides_is_changed(origins: dict[str, Origin], expected: str) -> None:
    """The one with the setting, else the one that names the notes, else the one here."""
    settings = Settings(file=Path("here.toml"), origins=origins)

    assert edit.file_of(settings, "model") == Path(expected)


def test_what_would_not_count_is_refused(tmp_path: Path) -> None:
    """A variable is stronger than a file, a stranger's file is not ours, a link leads elsewhere."""
    file = tmp_path / load.FILE_NAME
    of_variable = Settings(origins={"model": Origin("environment", "ASSISTANT_MODEL")})
    found = Settings(file=file, file_is_found=True)
    linked = replace(found, file_is_found=False)
    file.symlink_to(tmp_path / "other.toml")

    for settings, words in (
        (of_variable, "the variable ASSISTANT_MODEL decides the model"),
        (found, "applies only because of where it is"),
        (linked, "is a link to"),
    ):
        with pytest.raises(ConfigError, match=words):
            edit.file_of(settings, "model")
