"""Tests of the images that the page is given: those below a notes folder, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assistant.web.server import images

PICTURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of notes with images in and around it."""
    root = tmp_path / "notes"
    for name in ("a/pan.png", "a/assets/pot.png", "attachments/lid.svg", ".git/hidden.png", "x.md"):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(PICTURE)
    (tmp_path / "outside.png").write_bytes(PICTURE)
    return root


def query(address: str) -> str:
    """What is behind the question mark of an address."""
    path, _, found = address.partition("?")
    assert path == images.PATH
    return found


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pan.png", "image/png"),
        ("./pan.png", "image/png"),
        ("pot.png", "image/png"),
        ("/a/pan.png", "image/png"),
        ("lid.svg", "image/svg+xml"),
        ("../attachments/lid.svg", "image/svg+xml"),
    ],
)
def test_images_are_found_as_notes_name_them(root: Path, name: str, kind: str) -> None:
    """By their path from the note or the top, or by name in the folders that programs use."""
    found = images.read(query(images.address(root, root / "a" / "note.md", name)))

    assert found == images.Image(kind, PICTURE)


@pytest.mark.parametrize(
    "name",
    [
        *("../outside.png", "../../outside.png", ".git/hidden.png", "x.md", "none.png", ""),
        *("http://e.example/x.png", "\0.png", "a" * 5000 + ".png"),
    ],
)
def test_nothing_else_has_an_address(root: Path, name: str) -> None:
    """Neither files outside, hidden ones, those that are no image, nor what is not there."""
    assert images.address(root, root / "note.md", name) == ""


def test_link_that_leads_out_is_not_followed(root: Path) -> None:
    """Neither when the page is made, nor when a file has become a link since."""
    out = root / "out.png"
    out.symlink_to(root.parent / "outside.png")
    assert images.address(root, root / "note.md", "out.png") == ""

    address = images.address(root, root / "a" / "note.md", "pan.png")
    (root / "a" / "pan.png").unlink()
    (root / "a" / "pan.png").symlink_to(root.parent / "outside.png")
    assert images.read(query(address)) is None


def test_proof_is_of_one_file(root: Path) -> None:
    """An address that the page did not make gives nothing."""
    good = query(images.address(root, root / "a" / "note.md", "pan.png"))

    assert images.read(good) is not None
    for bad in (good.replace("pan", "pot"), good[:-1], good + "0", "", "proof=", "&proof="):
        assert images.read(bad) is None


def test_large_image_is_left_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent is held in memory."""
    monkeypatch.setattr(images, "LARGEST", len(PICTURE) - 1)

    assert images.address(root, root / "a" / "note.md", "pan.png") == ""


@pytest.mark.skipif(os.name == "nt", reason="names are case-sensitive elsewhere")
def test_pipe_is_no_image(root: Path) -> None:
    """Reading it would wait for ever."""
    os.mkfifo(root / "pipe.png")

    assert images.address(root, root / "note.md", "pipe.png") == ""
