"""Models of sentence-transformers in folders, so small that they are exported in a moment."""

from __future__ import annotations

import string
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WIDTH, LAYERS, HEADS, LONGEST = 32, 1, 2, 128

MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

CHARACTERS = string.ascii_lowercase + string.digits


def word_pieces(words: tuple[str, ...]) -> Tokenizer:
    """Return a tokenizer as BERT's: words, and the characters of others."""
    pieces = [*MARKS, *words, *CHARACTERS, *(f"##{character}" for character in CHARACTERS)]
    tokenizer = Tokenizer(
        models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def unigrams(words: tuple[str, ...]) -> Tokenizer:
    """Return a tokenizer as SentencePiece makes them: a word has the space before it."""
    pieces = [*MARKS, *(f"▁{word}" for word in words), "▁", *CHARACTERS]
    scores = [(piece, -float(n)) for n, piece in enumerate(pieces)]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=MARKS.index("[UNK]")))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


def write(folder: Path, tokenizer: Tokenizer, *, seed: int = 0) -> Path:
    """Write a BERT with random weights, with those of a head that no vector needs; return where.

    Args:
        folder: Where it goes; made.
        tokenizer: Cuts its texts.
        seed: Of the weights: another gives another model.
    """
    import torch
    from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(mark, MARKS.index(mark)) for mark in ("[CLS]", "[SEP]")],
    )
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=WIDTH,
        max_position_embeddings=LONGEST,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    names = dict(zip(("pad", "unk", "cls", "sep", "mask"), MARKS, strict=True))
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call] # untyped there
        tokenizer_object=tokenizer,
        model_max_length=LONGEST,
        **{f"{name}_token": mark for name, mark in names.items()},
    ).save_pretrained(folder)
    return folder
