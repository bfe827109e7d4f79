"""Settings: which of flag, variable, file and default wins, and what a wrong file is told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from assistant.embedding.model import DEFAULT_MODEL
from assistant.errors import ConfigError
from assistant.records import Source
from assistant.settings import index_place
from assistant.settings.load import (
    FILE_NAME,
    Origin,
    Settings,
    find_file,
    load,
    user_file,
)
from assistant.settings.options import OPTIONS, unknown_variables


def write(folder: Path, content: str, name: str = FILE_NAME) -> Path:
    """Write a settings file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


# Which one wins


def test_defaults_without_a_file(tmp_path: Path) -> None:
    """With no file, variable or flag, the index is the folder's own among the user's data."""
    assert load(environment={}, here=tmp_path) == Settings(
        notes=(),
        index=index_place.of_notes(tmp_path),
        index_free=True,
        model=DEFAULT_MODEL,
        results=3,
        file=None,
    )


def test_the_nearest_file_above_counts(tmp_path: Path) -> None:
    """The file is looked for upward from the working folder, the nearest first."""
    far, near = write(tmp_path, "results = 1"), write(tmp_path / "a", "results = 2")
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "other").mkdir()

    assert find_file(tmp_path / "a" / "b" / "c") == near
    assert load(environment={}, here=tmp_path / "a" / "b" / "c").results == 2
    assert load(environment={}, here=tmp_path / "other").file == far


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    """A folder called ``assistant.toml`` is passed over."""
    file = write(tmp_path, "")
    (tmp_path / "a" / FILE_NAME).mkdir(parents=True)

    assert find_file(tmp_path / "a") == file


INDEX_ORDER = ["flag", "variable", "file", "default"]


@pytest.mark.parametrize("first", range(4), ids=INDEX_ORDER)
def test_flags_beat_variables_beat_files_beat_defaults(tmp_path: Path, first: int) -> None:
    """Of those that name the index, the first in that order wins."""
    given = INDEX_ORDER[first:]
    if "file" in given:
        write(tmp_path, 'index = "by-file"')
    settings = load(
        index=Path("by-flag") if "flag" in given else None,
        environment={"ASSISTANT_INDEX": "by-variable"} if "variable" in given else {},
        here=tmp_path,
    )

    names = ["by-flag", "by-variable", "by-file"]
    expected = [*(tmp_path / name for name in names), index_place.of_notes(tmp_path)]
    assert settings.index == expected[first]


@pytest.mark.parametrize("first", range(3), ids=["flag", "variable", "above"])
def test_the_file_named_by_flag_beats_the_variable_beats_the_one_above(
    tmp_path: Path, first: int
) -> None:
    """``--config`` wins over ``ASSISTANT_CONFIG``, and that over the file found by looking."""
    names = ["flag.toml", "variable.toml", FILE_NAME]
    for results, name in enumerate(names, 1):
        write(tmp_path, f"results = {results}", name)
    settings = load(
        file=Path(names[0]) if first == 0 else None,
        environment={"ASSISTANT_CONFIG": names[1]} if first <= 1 else {},
        here=tmp_path,
    )

    assert (settings.results, settings.file) == (first + 1, tmp_path / names[first])


def test_empty_variables_are_none(tmp_path: Path) -> None:
    """A variable set to nothing is as good as not set."""
    environment = {"ASSISTANT_CONFIG": "", "ASSISTANT_INDEX": ""}

    assert load(environment=environment, here=tmp_path) == load(environment={}, here=tmp_path)


def test_a_flag_leaves_other_settings_alone(tmp_path: Path) -> None:
    """Naming another index keeps the notes, the model and the number of results of the file."""
    write(tmp_path, 'notes = ["n"]\nmodel = "m"\nresults = 7')
    settings = load(index=Path("elsewhere"), environment={}, here=tmp_path)

    assert settings == Settings(
        notes=(Source(tmp_path / "n"),),
        index=tmp_path / "elsewhere",
        model="m",
        results=7,
        index_named=True,
        file=tmp_path / FILE_NAME,
    )


# Paths


def test_paths_in_a_file_are_relative_to_it(tmp_path: Path) -> None:
    """Wherever the program is started, the folders of a file are those beside it."""
    (tmp_path / "my-model").mkdir()
    file = write(tmp_path, 'notes = ["content", "/abs/notes"]\nindex = "i"\nmodel = "my-model"')
    (tmp_path / "deep").mkdir()
    settings = load(file, environment={}, here=tmp_path / "deep")

    assert settings.notes == (
        Source(tmp_path / "content"),
        Source(Path("/abs/notes")),
    )
    assert settings.index == tmp_path / "i"
    assert settings.model == str(tmp_path / "my-model")


def test_paths_of_flags_and_variables_are_relative_to_the_working_folder(tmp_path: Path) -> None:
    """A flag or variable means what the shell would mean by it."""
    write(tmp_path, "")
    here = tmp_path / "deep"
    here.mkdir()

    assert load(index=Path("i"), environment={}, here=here).index == here / "i"
    assert load(index=Path("/i"), environment={}, here=here).index == Path("/i")
    named = write(here / "more", "", "own.toml")
    assert load(file=Path("more/own.toml"), environment={}, here=here).file == named


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``~`` works where no shell has replaced it: in files, variables and quoted flags."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    (tmp_path / "home" / "model").mkdir(parents=True)
    write(tmp_path / "home", "results = 9", "own.toml")
    write(tmp_path, 'notes = ["~/n"]\nindex = "~/i"\nmodel = "~/model"')
    home = tmp_path / "home"
    settings = load(environment={}, here=tmp_path)

    assert (settings.notes, settings.index) == ((Source(home / "n"),), home / "i")
    assert settings.model == str(home / "model")
    environment = {"ASSISTANT_INDEX": "~/v", "ASSISTANT_CONFIG": "~/own.toml"}
    settings = load(environment=environment, here=tmp_path)
    assert (settings.index, settings.results) == (home / "v", 9)


# What is wrong with a file


@pytest.mark.parametrize(
    ("key", "near"),
    [("note", "notes"), ("Index", "index"), ("modell", "model"), ("result", "results")],
)
def test_an_unknown_key_names_the_nearest(tmp_path: Path, key: str, near: str) -> None:
    """A slip of the hand is told with the setting that was meant."""
    file = write(tmp_path, f'# one\n\n{key} = "x"\n')
    with pytest.raises(ConfigError) as caught:
        load(environment={}, here=tmp_path)

    assert caught.value.cause == f"{file}:3: unknown setting {key!r}"
    assert caught.value.remedy == f"did you mean '{near}'?"


@pytest.mark.parametrize(
    "line",
    [
        'notes = "content"',
        "notes = [1]",
        "index = 3",
        "index = []",
        "model = true",
        'results = "3"',
        "results = 0",
        "results = 101",
        "results = 2.0",
        "results = true",
        "notes.work = 1",
        'include = "*.md"',
        'exclude = ["!"]',
        'exclude = ["# a comment"]',
        'color = "red"',
        "editor = []",
        'editor_link = "javascript:{path}"',
    ],
)
def test_a_value_of_the_wrong_type_is_told_with_the_right_one(tmp_path: Path, line: str) -> None:
    """The error names the file, the key and the value; the remedy shows what to write."""
    file = write(tmp_path, line)
    with pytest.raises(ConfigError) as caught:
        load(environment={}, here=tmp_path)

    key = line.split(" ")[0]
    assert caught.value.cause.startswith(f"{file}:1: {key} = ")
    assert caught.value.remedy.startswith(("write a ", "write an ", "write one of "))


@pytest.mark.parametrize(
    "content",
    [b"notes = [", b"a = 1\na = 2", b"\xff\xfe", b"\0"],
    ids=["open", "twice", "raw", "nul"],
)
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, content: bytes) -> None:
    """A broken file gives its path and where it breaks, on one line."""
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        load(environment={}, here=tmp_path)

    assert str(tmp_path / FILE_NAME) in caught.value.cause
    assert "\n" not in caught.value.cause


@pytest.mark.parametrize("by", ["flag", "variable"])
def test_a_named_file_that_is_missing_is_told(tmp_path: Path, by: str) -> None:
    """A file that was asked for is not silently replaced by another."""
    write(tmp_path, "")
    with pytest.raises(ConfigError, match=r"there is no settings file .*gone\.toml"):
        load(
            file=Path("gone.toml") if by == "flag" else None,
            environment={"ASSISTANT_CONFIG": "gone.toml"} if by == "variable" else {},
            here=tmp_path,
        )


@pytest.mark.parametrize(
    "line", ['notes = ["~nobody-of-this-name/n"]', 'index = "~nobody-of-this-name"']
)
def test_the_home_of_nobody_is_told(tmp_path: Path, line: str) -> None:
    """A ``~name`` that no user has is an error of the setting, not a traceback."""
    write(tmp_path, line)

    with pytest.raises(ConfigError, match="nobody-of-this-name"):
        load(environment={}, here=tmp_path)


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    """A file that sets nothing marks its folder as the place of the index."""
    file = write(tmp_path, "# nothing\n")

    settings = load(environment={}, here=tmp_path)
    assert settings == Settings(index=tmp_path / "index", file=file)


# Layers, and where a value comes from


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own settings file, which is not there yet."""
    for name in ("CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    own = user_file()
    if not own.is_relative_to(tmp_path):
        pytest.skip("this system has one folder of settings for each user")
    own.parent.mkdir(parents=True)
    return own


VALUES: dict[str, tuple[str, str, str, object]] = {
    "notes": ('["a"]', '["b"]', "c", "c"),
    "include": ('["a"]', '["b"]', "c", ("c",)),
    "exclude": ('["a"]', '["b"]', "c", ("c",)),
    "left_out": ('["a"]', '["b"]', "c", ("c",)),
    "endings": ('[".mdx"]', '[".qmd"]', ".TXT", (".txt",)),
    "date_order": ('"day-month"', '""', "month-day", "month-day"),
    "index": ('"a"', '"b"', "c", "c"),
    "model": ('"a"', '"b"', "c", "c"),
    "late_interaction": ("false", "true", "off", False),
    "multilingual": ("false", '"auto"', "on", True),
    "background": ("false", "true", "off", False),
    "device": ('"cuda"', '"cpu"', "openvino", "openvino"),
    "results": ("1", "2", "4", 4),
    "color": ('"auto"', '"never"', "always", "always"),
    "editor": ('"a"', '"b"', "c", "c"),
    "editor_link": ('"a:{path}"', '"b:{path}"', "c:{path}", "c:{path}"),
}
"""For each setting a value of the user's file, one of the file here, a variable and its value."""


def value(settings: Settings, name: str) -> object:
    """Return a setting; of a folder its name."""
    found: Any = getattr(settings, name)
    if name == "notes":
        (source,) = found
        found = source.path
    return found.name if isinstance(found, Path) else found


def test_every_setting_is_tried() -> None:
    """The values below cover the settings that there are."""
    assert VALUES.keys() == OPTIONS.keys()


@pytest.mark.parametrize("name", VALUES)
def test_each_layer_beats_the_one_below_it_and_is_named(
    tmp_path: Path, own: Path, name: str
) -> None:
    """Of variable, file here and file of the user the first counts, and the origin says so."""
    of_user, of_file, text, parsed = VALUES[name]
    here = write(tmp_path / "here", f"{name} = {of_file}")
    own.write_text(f"{name} = {of_user}\n")
    variable = OPTIONS[name].variable

    settings = load(here, environment={variable: text}, here=here.parent)
    assert value(settings, name) == parsed
    assert settings.origins[name] == Origin("environment", variable)

    settings = load(here, environment={}, here=here.parent)
    assert settings.origins[name] == Origin("file", str(here))
    from_here = value(settings, name)

    here.unlink()
    settings = load(environment={}, here=here.parent)
    assert settings.origins[name] == Origin("user file", str(own))
    assert value(settings, name) != from_here

    own.unlink()
    assert load(environment={}, here=here.parent).origins == {}


def test_flags_beat_all_and_are_named(tmp_path: Path) -> None:
    """What stands on the command line counts before a variable."""
    environment = {"ASSISTANT_COLOR": "never", "ASSISTANT_INDEX": "a"}
    settings = load(index=Path("b"), color="always", environment=environment, here=tmp_path)

    assert (settings.color, settings.index) == ("always", tmp_path / "b")
    assert settings.origins["color"] == Origin("flag", "--color")
    assert settings.origins["index"] == Origin("flag", "--index")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("results", "many"),
        ("results", "9" * 5000),
        ("results", "0"),
        ("late_interaction", "perhaps"),
        ("multilingual", "perhaps"),
        ("color", "red"),
        ("device", "abacus"),
    ],
)
def test_a_variable_of_the_wrong_kind_is_named(tmp_path: Path, name: str, text: str) -> None:
    """The error names the variable, and what it takes."""
    variable = OPTIONS[name].variable
    with pytest.raises(ConfigError) as caught:
        load(environment={variable: text}, here=tmp_path)

    assert caught.value.cause.startswith(f"{variable} = ")
    assert OPTIONS[name].takes in caught.value.remedy


def test_a_variable_holds_several_folders(tmp_path: Path) -> None:
    """Folders of a variable are separated as those of PATH are, relative to the working folder."""
    settings = load(environment={"ASSISTANT_NOTES": os.pathsep.join(["a", "b"])}, here=tmp_path)

    assert settings.notes == (Source(tmp_path / "a"), Source(tmp_path / "b"))


def test_variables_that_set_nothing_are_found() -> None:
    """A slip in the name of a variable is told with the one that was meant."""
    environment = {"ASSISTANT_RESULT": "3", "ASSISTANT_INDEX": "i", "HOME": "x"}
    assert unknown_variables(environment) == [("ASSISTANT_RESULT", "ASSISTANT_RESULTS")]


# Where the index lies


@pytest.mark.parametrize(
    ("of_user", "of_file", "index"),
    [
        ('notes = ["~/n"]', None, "data"),
        ('notes = ["~/n"]\nindex = "/i"', None, "/i"),
        ('notes = ["~/n"]\nindex = "/i"', "results = 1", "/i"),
        ('notes = ["~/n"]', "results = 1", "data"),
        ('notes = ["~/n"]\nindex = "/i"', 'notes = ["m"]', "file"),
        ('notes = ["~/n"]', 'notes = ["m"]', "file"),
        ('notes = ["~/n"]', 'index = "own"', "data"),
        ("results = 1", "", "file"),
        ("results = 1", None, "here"),
    ],
)
def test_an_index_goes_with_its_notes(
    tmp_path: Path, own: Path, of_user: str, of_file: str | None, index: str
) -> None:
    """The user's notes have one index wherever one stands, those of a file here have theirs."""
    own.write_text(of_user)
    here = tmp_path / "here"
    (here / "deep").mkdir(parents=True)
    if of_file is not None:
        write(here, of_file)
    expected = {
        "data": platformdirs.user_data_path("notes-assistant") / "index",
        "file": here / "index",
        "own": here / "own",
        "here": index_place.of_notes(here / "deep"),
    }

    settings = load(environment={}, here=here / "deep")
    assert settings.index == expected.get(index, Path(index))
    assert not settings.index_named


# Notes folders with names


def test_folders_have_names_and_patterns(tmp_path: Path) -> None:
    """Patterns at the top hold for the folders that have none of their own."""
    file = write(
        tmp_path,
        """exclude = ["old/"]
        [notes]
        home = "~/n"
        "my work" = { path = "w", include = ["*.md"] }
        [notes.third]
        path = "t"
        exclude = []
        """,
    )
    settings = load(file, environment={}, here=tmp_path)

    assert settings.notes == (
        Source(Path.home() / "n", "home", (), ("old/",)),
        Source(tmp_path / "w", "my work", ("*.md",), ("old/",)),
        Source(tmp_path / "t", "third", (), ()),
    )


@pytest.mark.parametrize(
    ("content", "line", "cause", "remedy"),
    [
        ('[notes.a]\npath = "x"\nexlude = []', 3, "'notes.a.exlude'", "'exclude'"),
        ("[notes.a]\n\npath = 1", 3, "notes.a.path = 1 is not a folder", "write a folder"),
        ("[notes]\n\na = 1", 3, "notes.a = 1 is not a folder", "write a folder"),
        ("x=1\n", 1, "unknown setting 'x'", "`assistant config` lists"),
        ("results = 3\n[notes.a]\ninclude = []", 2, "'a' has no path", "add path"),
        ('[notes]\n"a/b" = "x"', 2, "'a/b' cannot name", "begin with a letter"),
        ('[notes]\n"a*" = "x"', 2, "'a*' cannot name", "begin with a letter"),
        ('[notes]\n"../x" = "x"', 2, "cannot name", "begin with a letter"),
        ('model = """\nresult = 1\n"""\nresult = 1', 4, "'result'", "'results'"),
    ],
)
def test_a_wrong_folder_is_told_with_its_line(
    tmp_path: Path, content: str, line: int, cause: str, remedy: str
) -> None:
    """The error names file, line and key; the remedy the key or the form that is meant."""
    file = write(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        load(environment={}, here=tmp_path)

    assert caught.value.cause.startswith(f"{file}:{line}: ")
    assert cause in caught.value.cause
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        "x" + ".x" * 5000 + " = 1",
        "results" + ".x" * 5000 + " = 1",
        "results = " + "[" * 5000 + "]" * 5000,
        "results = " + "9" * 5000,
        'model = ["' + "y" * 5000 + '"]',
        'index = "a\\u0000b"',
        'notes = ["a\\u0000b"]',
        "[notes." + "x." * 5000 + "x]",
        "y" * 5000 + " = 1",
    ],
    ids=[
        "deep key",
        "deep value",
        "deep list",
        "long",
        "wide",
        "nul",
        "nul in list",
        "deep table",
        "long key",
    ],
)
def test_odd_files_are_told_in_short(tmp_path: Path, content: str) -> None:
    """Whatever a file holds, the error is one line that can be read."""
    file = write(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        load(environment={}, here=tmp_path)

    assert caught.value.cause.startswith(str(file))
    assert len(caught.value.cause) < 400
    assert "\n" not in caught.value.cause


def test_a_byte_order_mark_is_no_key(tmp_path: Path) -> None:
    """Editors that put a mark before UTF-8 write settings all the same."""
    write(tmp_path, "\ufeffresults = 7\n")
    assert load(environment={}, here=tmp_path).results == 7


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    """A file that cannot be meant as settings is not read whole."""
    write(tmp_path, "#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="too large"):
        load(environment={}, here=tmp_path)
