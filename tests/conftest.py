"""What all tests share: no network, the same examples on every run, the model exported once."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexes import Case
    from milvus_server import MilvusServer

    from assistant.embedding.onnx_encoder import OnnxEncoder

os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's library is imported, hence up here

# The settings and indexes of whoever runs the tests are not theirs to see.
_AWAY = tempfile.mkdtemp(prefix="assistant-tests-")
atexit.register(shutil.rmtree, _AWAY, ignore_errors=True)
for _kind in ("config", "data", "state"):
    os.environ[f"XDG_{_kind.upper()}_HOME"] = f"{_AWAY}/{_kind}"
os.environ["GIT_CONFIG_GLOBAL"] = f"{_AWAY}/config/git/config"  # else git's is in the home folder
for _name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
    del os.environ[_name]
os.environ["ASSISTANT_BACKGROUND"] = "false"  # no test leaves a process behind

# Loaded machines are slow, and a failure that comes and goes helps nobody.
hypothesis.settings.register_profile("same-every-time", derandomize=True, deadline=None)
hypothesis.settings.load_profile("same-every-time")


@pytest.fixture(scope="session", autouse=True)
def _all_is_read_at_once() -> None:
    """However slow the machine, no build of a test takes long, save for those that say so."""
    from assistant.indexing import meaning

    meaning.LONG_SECONDS = float("inf")


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The default model, exported to the user's cache unless it lies there already."""
    from assistant.embedding.export import exported
    from assistant.embedding.model import DEFAULT_MODEL

    return exported(DEFAULT_MODEL)


@pytest.fixture(scope="session")
def encoder(model_folder: Path) -> OnnxEncoder:
    """The default model, opened once."""
    from assistant.embedding.onnx_encoder import OnnxEncoder

    return OnnxEncoder(model_folder, threads=2)


@pytest.fixture(scope="module")
def without_calibration() -> Iterator[None]:
    """Builds leave the verdict to its own tests."""
    from indexes import uncalibrated

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assistant.indexing.build._calibration", uncalibrated)
        yield


@pytest.fixture
def two_notes(tmp_path: Path) -> Case:
    """Two notes, not indexed yet."""
    from indexes import PYTORCH, TOOLS, Case

    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.write("sub/tools.md", TOOLS)
    return case


@pytest.fixture
def case(two_notes: Case) -> Case:
    """Two notes, indexed."""
    two_notes.build()
    return two_notes


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """A Milvus server, started for the first test that asks for one."""
    pytest.importorskip("milvus_lite")
    from milvus_server import MilvusServer

    with MilvusServer(tmp_path_factory.mktemp("milvus")) as server:
        yield server
