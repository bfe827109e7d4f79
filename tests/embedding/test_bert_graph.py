"""The graph that is written without torch beside the models that it is of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

from assistant.embedding import bert_graph
from assistant.embedding.bert_graph import BertShape
from assistant.embedding.vectors import Vectors

IDS = np.array([[2, 17, 5, 9, 30, 3], [2, 8, 3, 0, 0, 0], [2, 3, 0, 0, 0, 0]])
MASK = (IDS > 0).astype(np.int64)
TYPES = np.array([[0, 0, 0, 1, 1, 1]] * 3)
"""Three texts of unequal length, the last one empty; some pieces of the second type."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of three layers, its weights drawn by chance, as transformers saves it."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("bert")
    config = BertConfig(
        vocab_size=40,
        hidden_size=24,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=56,
        max_position_embeddings=16,
        initializer_range=0.5,
    )
    torch.manual_seed(1)
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def states(small: Path) -> Vectors:
    """What transformers makes of the texts, shape (texts, pieces, width)."""
    import torch
    from transformers import BertModel

    model = BertModel.from_pretrained(small, attn_implementation="eager")  # for use, not training
    with torch.no_grad():
        found = model(*(torch.tensor(values) for values in (IDS, MASK, TYPES)))
    return np.asarray(found.last_hidden_state, np.float32)


def run(path: Path, **inputs: npt.NDArray[np.int64] | Vectors) -> tuple[Vectors, Vectors]:
    """Return the vectors and states that a graph gives."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    vectors, states = session.run(["vectors", "states"], inputs)
    return vectors, states


def test_states_are_those_of_transformers(small: Path, states: Vectors) -> None:
    """By weights that stay in the checkpoint, every piece but padding has its state."""
    weights = bert_graph.in_safetensors(small / "model.safetensors")
    onnx.save(bert_graph.graph(BertShape.read(small), weights), small / "model.onnx")
    vectors, found = run(
        small / "model.onnx", input_ids=IDS, attention_mask=MASK, token_type_ids=TYPES
    )
    means = np.stack([row[kept == 1].mean(axis=0) for row, kept in zip(states, MASK, strict=True)])

    np.testing.assert_allclose(found[MASK == 1], states[MASK == 1], atol=1e-5)
    np.testing.assert_allclose(
        vectors, means / np.linalg.norm(means, axis=1, keepdims=True), atol=1e-6
    )


def test_rows_of_word_embeddings_may_be_given_in_place_of_ids(
    small: Path, states: Vectors, tmp_path: Path
) -> None:
    """By arrays written beside, without the table of words, means of no unit length."""
    from safetensors.numpy import load_file

    arrays = load_file(small / "model.safetensors")
    words = arrays.pop("embeddings.word_embeddings.weight")
    weights = bert_graph.beside(arrays, tmp_path / "model.bin")
    made = bert_graph.graph(BertShape.read(small), weights, embedded=True, unit=False)
    onnx.save(made, tmp_path / "model.onnx")
    vectors, found = run(
        tmp_path / "model.onnx", inputs_embeds=words[IDS], attention_mask=MASK, token_type_ids=TYPES
    )

    np.testing.assert_allclose(found[MASK == 1], states[MASK == 1], atol=1e-5)
    np.testing.assert_allclose(vectors[0], states[0].mean(axis=0), atol=1e-5)


def test_a_graph_holds_no_weights_and_standard_operators_alone(small: Path) -> None:
    """So that it stays small, and every provider of ONNX Runtime can run it."""
    weights = bert_graph.in_safetensors(small / "model.safetensors")
    made = bert_graph.graph(BertShape.read(small), weights)

    assert {node.domain for node in made.graph.node} == {""}
    assert made.ByteSize() < 20_000


def test_another_kind_of_model_is_refused(small: Path, tmp_path: Path) -> None:
    """Its graph would run and give nonsense."""
    config = json.loads((small / "config.json").read_text(encoding="utf-8"))
    changed = {**config, "hidden_act": "relu"}
    (tmp_path / "config.json").write_text(json.dumps(changed), encoding="utf-8")

    with pytest.raises(ValueError, match="not a BERT with gelu"):
        BertShape.read(tmp_path)
