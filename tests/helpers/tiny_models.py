"""Models of sentence-transformers in folders, so small that they are made and exported in a moment."""

from __future__ import annotations

import string
from pathlib import Path

WIDTH, LAYERS, HEADS = 32, 1, 2

MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def write(folder: Path, words: tuple[str, ...] = (), seed: int = 0) -> Path:
    """Write a BERT with random weights, whose word pieces are letters and some words.

    Args:
        folder: Where it goes; made.
        words: Lower-case words that are one piece.
        seed: Of the weights: another gives another model.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    plain = folder.with_name(f"{folder.name}-plain")
    plain.mkdir(parents=True)
    pieces = [*MARKS, *words, *string.ascii_lowercase, *string.digits]
    pieces += [f"##{letter}" for letter in string.ascii_lowercase + string.digits]
    (plain / "vocab.txt").write_text("\n".join(dict.fromkeys(pieces)) + "\n", "utf-8")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(dict.fromkeys(pieces)),
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=WIDTH,
        max_position_embeddings=128,
    )
    BertModel(config).save_pretrained(plain)
    BertTokenizerFast(vocab_file=str(plain / "vocab.txt")).save_pretrained(plain)
    transformer = Transformer(str(plain), max_seq_length=128)
    model = SentenceTransformer(
        modules=[transformer, Pooling(transformer.get_embedding_dimension())], device="cpu"
    )
    model.save(str(folder))
    return folder
