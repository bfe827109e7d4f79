"""The encoder: texts to vectors by one ONNX Runtime session, without torch.

``export`` writes the model folder that this module opens: the graph after optimisation, its
weights beside it (mapped into memory rather than read, so that it opens in a tenth of the time),
the tokenizer, and what the model wants to be fed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from assistant.errors import ModelUnavailableError
from assistant.model import ModelCard

Floats = npt.NDArray[np.float32]

BATCH_PIECES = 4096
"""Word pieces of a batch, padding included: enough for two cores, few enough for their caches."""

BATCH_TEXTS = 64


@dataclass(frozen=True, slots=True)
class Embedding:
    """What the model makes of one text."""

    vector: Floats
    """Shape (d,), unit length."""
    states: Floats
    """Shape (pieces, d): the last hidden state of each word piece, special tokens left out."""
    spans: tuple[tuple[int, int], ...]
    """Where each word piece stands in the text, as [start, end)."""


class Encoder:
    """A model ready to encode. One instance serves any number of threads."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """Open an exported model.

        Args:
            folder: As ``export.exported`` returns it.
            threads: Threads of the session; 0 for one a core.

        Raises:
            ModelUnavailableError: The folder does not hold a model that can be opened.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        # The graph on disk is optimised already.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            self.card = ModelCard.read(folder / "card.json")
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                folder / "model.onnx", options, providers=["CPUExecutionProvider"]
            )
        # The tokenizers library raises bare Exception, ONNX Runtime classes of its own.
        except Exception as error:
            raise _unusable(folder, error) from error
        self._folder = folder
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._specials: int = self._tokenizer.num_special_tokens_to_add(is_pair=False)

    @cached_property
    def projection(self) -> Floats:
        """The projection of token states, shape (d, k); see ``late``.

        Raises:
            ModelUnavailableError: Its file is damaged.
        """
        try:
            found: Floats = np.load(self._folder / "projection.npy", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise _unusable(self._folder, error) from error
        return found

    @property
    def room(self) -> int:
        """Word pieces that one text may have, special tokens and the passage prompt left out."""
        prompt = self.count_pieces([self.card.passage_prompt])[0] if self.card.passage_prompt else 0
        return self.card.max_pieces - self._specials - prompt

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text, special tokens left out."""
        return [len(e.ids) for e in self._tokenize(texts, specials=False)]

    def has_word(self, word: str) -> bool:
        """Return whether a lower-case word is one whole word piece, so that the model knows it."""
        return self._tokenizer.token_to_id(word) is not None

    def encode_query(self, question: str) -> Embedding:
        """Return the embedding of a question, cut to what the model reads."""
        # A word piece is rarely longer than 32 characters: more need not be read.
        (found,) = self._run([self.card.query_prompt + question[: 32 * self.card.max_pieces]])
        return found

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Encode passages, similar lengths together so that little is padded.

        Args:
            texts: What to encode; longer ones are cut to what the model reads.

        Yields:
            Position in ``texts`` and its embedding, in order of length, not of position.
        """
        prompted = [self.card.passage_prompt + text for text in texts]
        sizes = [min(n, self.card.max_pieces) for n in self.count_pieces(prompted)]
        order = sorted(range(len(texts)), key=lambda i: (-sizes[i], i))
        begin = 0
        while begin < len(order):
            most = max(1, BATCH_PIECES // (sizes[order[begin]] + self._specials))
            batch = order[begin : begin + min(most, BATCH_TEXTS)]
            yield from zip(batch, self._run([prompted[i] for i in batch]), strict=True)
            begin += len(batch)

    def _tokenize(self, texts: Sequence[str], *, specials: bool) -> list[Encoding]:
        prepared = [text.lower() for text in texts] if self.card.lower_case else list(texts)
        return list(self._tokenizer.encode_batch(prepared, add_special_tokens=specials))

    def _run(self, texts: Sequence[str]) -> list[Embedding]:
        """Encode one batch."""
        encodings = self._tokenize(texts, specials=True)
        for encoding in encodings:
            encoding.truncate(self.card.max_pieces)
        width = max(len(e.ids) for e in encodings)
        padding = self._tokenizer.token_to_id("[PAD]") or 0
        ids = np.full((len(texts), width), padding, np.int64)
        mask = np.zeros((len(texts), width), np.int64)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        vectors, states = self._session.run(
            ["vectors", "states"], {name: feeds[name] for name in self.card.inputs}
        )
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        found = []
        for vector, state, encoding in zip(vectors, states, encodings, strict=True):
            keep = np.flatnonzero(np.array(encoding.special_tokens_mask) == 0)
            spans = tuple(encoding.offsets[i] for i in keep)
            found.append(Embedding(vector, state[keep], spans))
        return found


def _unusable(folder: Path, error: Exception) -> ModelUnavailableError:
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return ModelUnavailableError(
        f"the exported model in {folder} cannot be opened: {reason[0]}",
        "delete that folder; it is made again on the next run",
    )
