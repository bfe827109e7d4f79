"""Files that are replaced: whole, or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from assistant.disk import replacing


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """Until all is written the old content stays; what breaks off leaves it, and no draft."""
    path = tmp_path / "kept"
    path.write_text("old")

    with suppress(ValueError), replacing(path) as draft:
        draft.write_text("ne")
        assert path.read_text() == "old"
        raise ValueError("halfway")
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])

    with replacing(path) as draft:
        draft.write_text("new")
    assert (path.read_text(), list(tmp_path.iterdir())) == ("new", [path])


def test_a_draft_of_a_stopped_process_is_no_hindrance(tmp_path: Path) -> None:
    """What stands at the draft's place, also a link, is put away and not written through."""
    path, stranger = tmp_path / "kept", tmp_path / "stranger"
    stranger.write_text("theirs")
    with replacing(path) as draft:
        left = draft
        draft.write_text("new")
    left.symlink_to(stranger)

    with replacing(path) as draft:
        assert draft == left
        draft.write_text("newer")
    assert (path.read_text(), stranger.read_text()) == ("newer", "theirs")
