"""What all tests share: no network, the same examples on every run, the model exported once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from assistant.embed import Encoder

os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's library is imported, hence up here

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
