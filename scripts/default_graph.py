"""Make assistant/embedding/data/all-MiniLM-L6-v2.onnx: the graph of the default model.

    python scripts/default_graph.py

It holds no weights, only where they begin in the file of the package that carries them.
"""

from __future__ import annotations

from assistant.embedding import bert_graph, carried
from assistant.embedding.model import DEFAULT_MODEL, WEIGHTS, find


def main() -> None:
    """Write the graph."""
    source = find(DEFAULT_MODEL)
    weights = bert_graph.in_safetensors(source / WEIGHTS)
    made = bert_graph.graph(bert_graph.BertShape.read(source), weights, padded=False)
    carried.GRAPH.write_bytes(made.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
