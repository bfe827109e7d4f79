"""Where a build takes its notes from."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEncoder, write_model

from assistant.errors import ConfigError
from assistant.indexing import build
from assistant.library import sources
from assistant.records import Source
from assistant.settings.load import Settings
from assistant.store import provenance
from assistant.store.files import DATABASE
from assistant.store.manifest import Named


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with an index that was built from a folder of its own."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "a.md").write_text("# A\n\nText.\n")
    index = tmp_path / "index"
    model = write_model(tmp_path / "model")
    build.build(index, [own], model, open_encoder=FakeEncoder)
    return Settings(notes=(Source(tmp_path / "usual"),), index=index)


def test_given_notes_win(settings: Settings, tmp_path: Path) -> None:
    """Notes named on the command line are those to build from."""
    assert sources.of_build(settings, [tmp_path / "given"]) == (
        Source(tmp_path / "given", given=True),
    )


def test_what_settings_say_of_all_folders_holds_for_given_ones(settings: Settings) -> None:
    """Endings, the order of dates and what is left out need not be named again for a build."""
    chosen = replace(settings, endings=(".txt",), date_order="day-month", left_out=())
    (source,) = sources.of_build(chosen, [Path("given")])
    assert (source.endings, source.date_order, source.left_out) == ((".txt",), "day-month", ())


def test_settings_decide_for_their_own_index(settings: Settings, tmp_path: Path) -> None:
    """The settings' index is built from the settings' notes."""
    assert sources.of_build(settings) == (Source(tmp_path / "usual"),)


def test_named_index_keeps_its_notes(settings: Settings, tmp_path: Path) -> None:
    """An index named by flag is not filled with the notes of the settings file nearby."""
    named = replace(settings, index_named=True)

    assert sources.of_build(named) == (Source(tmp_path / "own"),)


def test_new_named_index_takes_the_settings_notes(settings: Settings, tmp_path: Path) -> None:
    """A named index that does not exist yet is built from the settings' notes."""
    named = replace(settings, index=tmp_path / "new", index_named=True)

    assert sources.of_build(named) == (Source(tmp_path / "usual"),)


def test_an_index_follows_the_settings(settings: Settings) -> None:
    """Between builds the settings' notes count, unless the index was named."""
    own = (Source(Path("own")),)

    assert sources.followed_by(settings, Named(own)) == settings.notes
    assert sources.followed_by(replace(settings, index_named=True), Named(own)) == own
    assert sources.followed_by(replace(settings, notes=()), Named(own)) == own
    assert sources.followed_by(replace(settings, notes=()), Named()) == ()


def test_notes_named_at_a_build_are_followed(settings: Settings, tmp_path: Path) -> None:
    """They count until the settings name the same folders, perhaps with patterns."""
    given = sources.of_build(settings, [tmp_path / "given"])

    assert sources.followed_by(settings, Named(given)) == given
    same = replace(settings, notes=(Source(tmp_path / "given", "n", (), ("x",)),))
    assert sources.followed_by(same, Named(given)) == same.notes


def test_nobody_said_where(tmp_path: Path) -> None:
    """Without notes in the settings and without an index there is nothing to build from."""
    with pytest.raises(ConfigError, match="no notes folder is known"):
        sources.of_build(Settings(index=tmp_path / "index"))


def test_a_mark_of_before_there_were_some_fields_is_good(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index of notes that were named before sources had all their fields follows them still."""
    assert isinstance(settings.index, Path)
    source = Source(settings.index.parent / "own")
    mark = provenance.mark(settings.index, [source])
    fields = {"path": source.path, "name": "", "include": (), "exclude": (), "given": False}
    monkeypatch.setattr(provenance, "asdict", lambda _: fields)
    monkeypatch.setattr(provenance, "_LATER", {})
    assert provenance.mark(settings.index, [source]) == mark
    monkeypatch.undo()
    assert provenance.mark(settings.index, [replace(source, endings=(".txt",))]) != mark


def test_index_of_another_version_keeps_its_notes(settings: Settings, tmp_path: Path) -> None:
    """What an index of another version was built from is still known, so that it can be rebuilt."""
    assert isinstance(settings.index, Path)
    with closing(sqlite3.connect(settings.index / DATABASE)) as connection:
        connection.execute("PRAGMA user_version = 99")
    named = replace(settings, index_named=True)

    assert sources.of_build(named) == (Source(tmp_path / "own"),)
