"""Addresses of indexes on servers: what they say, where they count, and no secret in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import engine_address
from assistant.engine_address import TOKEN, EngineAddress
from assistant.errors import ConfigError
from assistant.settings.load import FILE_NAME, load
from assistant.settings.options import unknown_variables


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("milvus://127.0.0.1:19530/notes", EngineAddress("127.0.0.1", 19530, "notes")),
        ("milvus://db/notes/", EngineAddress("db", 19530, "notes")),
        ("milvus://db:1/notes/ann", EngineAddress("db", 1, "notes", ("ann",))),
        ("milvus://db:1/notes/ann,bob", EngineAddress("db", 1, "notes", ("ann", "bob"))),
        (
            "milvus+https://db.example.org/notes",
            EngineAddress("db.example.org", 19530, "notes", is_secure=True),
        ),
        ("milvus://[::1]:7/notes", EngineAddress("::1", 7, "notes")),
    ],
)
def test_an_address_says_where_an_index_lies(text: str, address: EngineAddress) -> None:
    """And what it is written as is the same address."""
    assert engine_address.parse(text) == address
    assert engine_address.parse(str(address)) == address
    assert engine_address.place(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("milvus://", "milvus:/db/notes", "milvus://db", "milvus://db/", "milvus://db/a-b"),
        *(
            "milvus://db/notes/a/b",
            "milvus://db/notes/,",
            "milvus://db/../notes",
            "http://db/notes",
        ),
        *(
            "milvus://db:99999/notes",
            "milvus://db:x/notes",
            "milvus://d b/notes",
            "milvus:///notes",
        ),
        *("milvus://db/notes/-x", 'milvus://db/notes/a"b', "MILVUS+HTTP://db/notes"),
    ],
)
def test_what_is_no_address_is_told(text: str) -> None:
    """With the form that one has."""
    assert engine_address.is_address(text)
    with pytest.raises(ConfigError) as raised:
        engine_address.parse(text)
    assert "milvus://HOST:PORT/NAME" in raised.value.remedy


@pytest.mark.parametrize(
    "folder", ["index", "./index", "C:\\index", "c:/index", "~/a:b", "//host/x"]
)
def test_folders_are_none(folder: str) -> None:
    """Whatever signs are in them."""
    assert engine_address.place(folder) == Path(folder)


@pytest.mark.parametrize(
    "text",
    [
        *("milvus://ann:hunter2@db/notes", "milvus://hunter2@db/notes"),
        *("milvus://db/notes?token=hunter2", "milvus://db/notes#hunter2"),
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    """It goes into a variable, which no file keeps."""
    with pytest.raises(ConfigError) as raised:
        engine_address.parse(text)
    assert "hunter2" not in str(raised.value)
    assert TOKEN in raised.value.remedy


@given(st.text(max_size=40))
def test_any_text_is_an_address_a_folder_or_an_error(text: str) -> None:
    """And nothing else is raised."""
    try:
        found = engine_address.place(text)
    except ConfigError:
        return
    assert isinstance(found, Path | EngineAddress)


def test_a_setting_a_variable_and_a_flag_may_be_an_address(tmp_path: Path) -> None:
    """Each in place of a folder."""
    named = "milvus://db:1/notes/ann"
    file = tmp_path / FILE_NAME
    file.write_text(f'index = "{named}"\n')
    assert str(load(file, environment={}, here=tmp_path).index) == named
    file.unlink()
    assert str(load(environment={"ASSISTANT_INDEX": named}, here=tmp_path).index) == named
    assert str(load(index=named, environment={}, here=tmp_path).index) == named


def test_a_file_that_was_merely_found_sends_no_notes_to_a_server(tmp_path: Path) -> None:
    """Such as one in a folder that was cloned: until it is confirmed, as with folders outside."""
    (tmp_path / FILE_NAME).write_text('notes = ["."]\nindex = "milvus://evil.example/notes"\n')
    with pytest.raises(ConfigError, match="sends the notes to a server") as raised:
        load(environment={}, here=tmp_path)
    assert "--trust" in raised.value.remedy


def test_the_variable_of_the_token_is_known() -> None:
    """Nobody is told that it might be misspelt."""
    assert not unknown_variables({TOKEN: "x"})
