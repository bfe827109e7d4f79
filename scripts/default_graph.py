"""Make the graphs of the models that are carried, assistant/embedding/data/all-MiniLM-L6-v2*.onnx.

    python scripts/default_graph.py

They hold no weights, only where they begin in the file of the package that carries them, and in
the one that is made of it for the fast model.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from assistant.embedding import bert_graph, carried
from assistant.embedding.model import DEFAULT_MODEL, FAST_MODEL, WEIGHTS, find
from assistant.embedding.speed import quantised


def main() -> None:
    """Write the graphs."""
    source = find(DEFAULT_MODEL)
    shape = bert_graph.BertShape.read(source)
    with tempfile.TemporaryDirectory() as folder:
        places = quantised.write(source / WEIGHTS, Path(folder) / carried.FAST_WEIGHTS)
    for model, weights in (
        (DEFAULT_MODEL, bert_graph.in_safetensors(source / WEIGHTS)),
        (FAST_MODEL, bert_graph.in_places(places, carried.FAST_WEIGHTS)),
    ):
        made = bert_graph.graph(shape, weights, padded=False)
        carried.GRAPHS[model].write_bytes(made.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
