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
    from assistant.embed import Encoder

os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's library is imported, hence up here

# The settings and indexes of whoever runs the tests are not theirs to see.
_AWAY = tempfile.mkdtemp(prefix="assistant-tests-")
atexit.register(shutil.rmtree, _AWAY, ignore_errors=True)
os.environ |= {"XDG_CONFIG_HOME": f"{_AWAY}/config", "XDG_DATA_HOME": f"{_AWAY}/data"}
for _name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
    del os.environ[_name]

# Loaded machines are slow, and a failure that comes and goes helps nobody.
hypothesis.settings.register_profile("same-every-time", derandomize=True, deadline=None)
hypothesis.settings.load_profile("same-every-time")


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The default model, exported to the user's cache unless it lies there already."""
    from assistant.export import exported
    from assistant.model import DEFAULT_MODEL

    return exported(DEFAULT_MODEL)


@pytest.fixture(scope="session")
def encoder(model_folder: Path) -> Encoder:
    """The default model, opened once."""
    from assistant.embed import Encoder

    return Encoder(model_folder, threads=2)
