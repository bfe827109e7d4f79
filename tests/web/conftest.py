"""The notes of the page, indexed and served, for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from notes_of_page import build, write
from page_server import Server, serve


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Path:
    """The notes of the page, indexed."""
    found = tmp_path_factory.mktemp("page")
    write(found)
    build(found)
    return found


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """The page, served by the command."""
    with serve(folder) as found:
        yield found
