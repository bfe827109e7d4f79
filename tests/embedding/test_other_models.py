"""Models other than the default one: what their tokenizers know, and what loading them says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_models
from tokenizers import Tokenizer

from assistant.embedding.export import exported
from assistant.embedding.onnx_encoder import OnnxEncoder


@pytest.mark.parametrize("tokenizer", [tiny_models.word_pieces, tiny_models.unigrams])
def test_a_word_is_known_whatever_marks_its_beginning(
    tokenizer: Callable[[tuple[str, ...]], Tokenizer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A word that is one piece is known by its letters; loading writes no report of weights."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    model = tiny_models.write(tmp_path / "tiny", tokenizer(("memory", "garden")))
    capfd.readouterr()
    encoder = OnnxEncoder(exported(str(model)))

    assert [encoder.has_word(word) for word in ("memory", "garden", "oven")] == [True, True, False]
    assert capfd.readouterr().err == ""
