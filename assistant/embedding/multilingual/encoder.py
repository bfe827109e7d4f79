"""The encoder of other languages: multilingual-e5-small, its table of word pieces left on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, cached_property

import numpy as np
import onnxruntime

from assistant import memory
from assistant.embedding.encoder import Embedding
from assistant.embedding.model import ModelCard, no_room, unopenable
from assistant.embedding.multilingual import source
from assistant.embedding.multilingual.package_file import BLOCK, PackageFile, weights
from assistant.embedding.multilingual.unigram import Piece, Unigram
from assistant.embedding.vectors import Vectors
from assistant.errors import ModelUnavailableError

BATCH_PIECES = 512
"""Word pieces of a batch, padding included."""

MOST_CHARACTERS = 32
"""Of a word piece: a question is cut to as many times those that are read."""


@cache
def opened() -> MultilingualEncoder:
    """Return the model, opened at the first call, for as long as the process runs.

    Raises:
        ModelUnavailableError: It is not installed or cannot be opened.
    """
    return MultilingualEncoder()


class MultilingualEncoder:
    """multilingual-e5-small, see ``encoder.Encoder``. It gives no token states."""

    def __init__(self, threads: int = 0) -> None:
        """Open the model, which is made ready if that was not done before.

        Args:
            threads: Threads of the session; 0 for one a core.

        Raises:
            ModelUnavailableError: It is not installed or cannot be opened.
        """
        if lacking := memory.lack(memory.ASKING):
            raise ModelUnavailableError(*lacking)
        found = source.ready()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        # The graph was written in the form in which it runs.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self.card = ModelCard.read(found.folder / source.CARD)
            self._file = PackageFile(found.file)
            self._unigram = Unigram(self._file, found.folder / source.TABLE)
            place = self._file.tensors()["emb.word"]
            self._table = self._file.blocks(place).reshape(-1, self.card.dimensions // BLOCK)
            self._session = onnxruntime.InferenceSession(
                found.folder / source.GRAPH, options, providers=["CPUExecutionProvider"]
            )
        # ONNX Runtime raises classes of its own.
        except Exception as error:
            raise unopenable(found.folder, error) from error

    @cached_property
    def projection(self) -> Vectors:
        """Of token states, of which it gives none: shape (d, 0)."""
        return np.zeros((self.card.dimensions, 0), np.float32)

    @property
    def room(self) -> int:
        """Word pieces that one text may have, special tokens and the passage prompt left out."""
        return self.card.max_pieces - 2 - len(self._unigram.pieces(self.card.passage_prompt))

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text, special tokens left out."""
        return [len(self._unigram.pieces(text)) for text in texts]

    def has_word(self, word: str) -> bool:
        """Return whether a lower-case word is one whole word piece, so that the model knows it."""
        return len(self._unigram.pieces(word)) == 1

    def piece_spans(self, text: str) -> list[tuple[int, int]]:
        """Return where each word piece that is known stands in a text, as [start, end)."""
        return [piece.span for piece in self._known(self._unigram.pieces(text))]

    def encode_query(self, question: str) -> Embedding:
        """Return the embedding of a question, cut to what the model reads."""
        (found,) = self.encode_questions([question])
        return found

    def encode_questions(self, questions: Sequence[str]) -> list[Embedding]:
        """Return the embeddings of many questions, in order."""
        most = MOST_CHARACTERS * self.card.max_pieces
        cut = [question[:most] for question in questions]
        found = dict(self._encoded(self.card.query_prompt, cut))
        return [found[at] for at in range(len(questions))]

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Encode passages, similar lengths together; see ``encoder.Encoder``."""
        yield from self._encoded(self.card.passage_prompt, texts)

    def _encoded(self, prompt: str, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Encode texts behind a prompt, the longest first."""
        room = self.card.max_pieces - 2
        cut = [self._unigram.pieces(prompt + text)[:room] for text in texts]
        order = sorted(range(len(texts)), key=lambda at: (-len(cut[at]), at))
        begin = 0
        while begin < len(order):
            width = len(cut[order[begin]]) + 2
            batch = order[begin : begin + max(1, BATCH_PIECES // width)]
            begin += len(batch)
            vectors = self._run([cut[at] for at in batch], width, last=begin == len(order))
            for at, vector in zip(batch, vectors, strict=True):
                spans = tuple(
                    (max(0, low - len(prompt)), high - len(prompt))
                    for low, high in (piece.span for piece in self._known(cut[at]))
                    if high > len(prompt)
                )
                yield at, Embedding(vector, np.zeros((0, len(vector)), np.float32), spans)

    def _run(self, texts: Sequence[Sequence[Piece]], width: int, *, last: bool) -> Vectors:
        """Return the vectors of one batch, shape (n, d), unit length."""
        rows = np.zeros((len(texts), width, self.card.dimensions), np.float32)
        mask = np.zeros((len(texts), width), np.int32)
        for at, pieces in enumerate(texts):
            numbers = [self._file.begin, *(piece.number for piece in pieces), self._file.end]
            rows[at, : len(numbers)] = weights(self._table[numbers])
            mask[at, : len(numbers)] = 1
        options = onnxruntime.RunOptions()
        if last:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        feeds = dict(zip(self.card.inputs, (rows, mask), strict=True))
        try:
            (found,) = self._session.run(["vectors"], feeds, options)
        # ONNX Runtime has no common class; what is not want of memory is a bug.
        except Exception as error:
            if memory.is_used_up(error):
                raise no_room(str(error).splitlines()[0]) from error
            raise
        vectors: Vectors = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return vectors

    def _known(self, pieces: Sequence[Piece]) -> list[Piece]:
        return [piece for piece in pieces if piece.number != self._unigram.unknown]
