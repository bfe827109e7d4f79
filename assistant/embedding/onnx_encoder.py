"""The encoder of every day: one ONNX Runtime session, without torch.

``export`` writes the model folder that this module opens: the graph after optimisation, its
weights beside it (mapped into memory rather than read, so that it opens in a tenth of the time),
the tokenizer, and what the model wants to be fed.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from assistant import memory
from assistant.embedding.encoder import Embedding
from assistant.embedding.folding import Folded, Folding
from assistant.embedding.model import ModelCard, no_room, unopenable
from assistant.embedding.speed.devices import CPU_PROVIDER, Session
from assistant.embedding.vectors import Vectors
from assistant.errors import ModelUnavailableError

onnxruntime.disable_telemetry_events()  # which its builds for Windows have

BATCH_PIECES = 512
"""Word pieces of a batch, padding included: what lies between two layers then stays in a cache."""

TOKENISED_AT_ONCE = 1000
"""Texts; for each word piece the tokenizer has a hundred bytes to tell."""

FEW_TEXTS = 2
"""Texts up to which it is quicker to tokenise one after the other than to wake threads for them."""

BATCH_TEXTS = 64

OpenSession = Callable[[Path, Any], Session]
"""Opens a graph with some options of ONNX Runtime, which has no types."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Texts that run through the model together."""

    places: list[int]
    """Of the texts among all."""
    texts: list[str]
    """Without the prompt."""
    encodings: list[Encoding]
    """With the prompt and special tokens; of one length, unless the model takes a mask."""
    is_last: bool = False


class OnnxEncoder:
    """The encoder that runs a model by ONNX Runtime, see ``encoder.Encoder``."""

    def __init__(
        self,
        folder: Path,
        threads: int = 0,
        *,
        few: bool = False,
        open_session: OpenSession | None = None,
        batch_pieces: int = BATCH_PIECES,
    ) -> None:
        """Open an exported model.

        Args:
            folder: As ``export.exported`` returns it.
            threads: Batches that run at once; 0 for one a core.
            few: Open for a question or two: in a third of the time, at twice the time a text.
            open_session: Opens the graph for another processor than the CPU.
            batch_pieces: Word pieces of a batch, padding included.

        Raises:
            ModelUnavailableError: The folder does not hold a model that can be opened, or there is
                not enough memory.
        """
        if lacking := memory.lack(memory.ASKING if few else memory.ENCODING):
            raise ModelUnavailableError(*lacking)
        options = onnxruntime.SessionOptions()
        # Threads that share a product of matrices wait for each other between any two; those that
        # have a batch each do not.
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        # The graph on disk is optimised already.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        if few:
            # Else the weights are copied into the order that the processor likes best.
            options.add_session_config_entry("session.disable_prepacking", "1")
        try:
            self.card = ModelCard.read(folder / "card.json")
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = (open_session or _on_cpu)(folder / "model.onnx", options)
            self._check_card()
        # The tokenizers library raises bare Exception, ONNX Runtime classes of its own.
        except Exception as error:
            raise unopenable(folder, error) from error
        self._folder = folder
        self._on_cpu = open_session is None
        self._batch_pieces = batch_pieces
        self._threads = 1 if few else threads or _cores()
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._unknown = {
            found
            for name in ("[UNK]", "<unk>")
            if (found := self._tokenizer.token_to_id(name)) is not None
        }
        self._folding = Folding(self._knows)
        self._specials: int = self._tokenizer.num_special_tokens_to_add(is_pair=False)

    @cached_property
    def projection(self) -> Vectors:
        """The projection of token states, shape (d, k); see ``maxsim``.

        Raises:
            ModelUnavailableError: Its file is damaged.
        """
        try:
            found: Vectors = np.load(self._folder / "projection.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise unopenable(self._folder, error) from error
        return found

    def _check_card(self) -> None:
        """Raise ValueError unless the card describes the graph."""
        inputs = {node.name for node in self._session.get_inputs()}
        shapes = {node.name: node.shape for node in self._session.get_outputs()}
        dimensions = shapes["vectors"][-1]  # a name where the graph leaves it open
        named = isinstance(dimensions, str) or dimensions == self.card.dimensions
        if inputs != set(self.card.inputs) or not named:
            raise ValueError("its card.json belongs to another model")

    def _knows(self, character: str) -> bool:
        """Return whether a character is a word piece, at the start of a word or within."""
        return any(
            self._tokenizer.token_to_id(form) is not None for form in (character, f"##{character}")
        )

    @property
    def room(self) -> int:
        """Word pieces that one text may have, special tokens and the passage prompt left out."""
        prompt = self.count_pieces([self.card.passage_prompt])[0] if self.card.passage_prompt else 0
        return self.card.max_pieces - self._specials - prompt

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text, special tokens left out."""
        starts = range(0, len(texts), TOKENISED_AT_ONCE)
        slices = (texts[at : at + TOKENISED_AT_ONCE] for at in starts)
        return [len(e.ids) for some in slices for e in self._tokenize(some)]

    def has_word(self, word: str) -> bool:
        """Return whether a lower-case word is one whole word piece, so that the model knows it."""
        # A tokenizer that cuts before a space has that space in the piece, as one of these marks.
        forms = (word, f"▁{word}", f"Ġ{word}")
        return any(self._tokenizer.token_to_id(form) is not None for form in forms)

    def piece_spans(self, text: str) -> list[tuple[int, int]]:
        """Return where each word piece that is known stands in a text, as [start, end)."""
        folded = self._folding.fold(text)
        (encoding,) = self._tokenize([text])
        return [folded.source(span) for span in self._known(encoding).values()]

    def encode_query(self, question: str) -> Embedding:
        """Return the embedding of a question, cut to what the model reads."""
        # A word piece is rarely longer than 32 characters; a megabyte need not be read whole.
        text, prompt = question[: 32 * self.card.max_pieces], self.card.query_prompt
        batch = _Batch([0], [text], self._prepared(prompt, [text]))
        (found,) = self._run(prompt, batch)
        return found

    def encode_questions(self, questions: Sequence[str]) -> list[Embedding]:
        """Return the embeddings of many questions, in order."""
        most = 32 * self.card.max_pieces
        asked = [question[:most] for question in questions]
        found = dict(self._encode_all(self.card.query_prompt, asked))
        return [found[i] for i in range(len(asked))]

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Encode passages, equal or similar lengths together so that little is padded.

        Args:
            texts: What to encode; longer ones are cut to what the model reads.

        Yields:
            Position in ``texts`` and its embedding: of some hundreds of texts after the other, and
            of these in order of length, not of position.
        """
        yield from self._encode_all(self.card.passage_prompt, texts)

    def _encode_all(self, prompt: str, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Encode texts behind a prompt, each thread a batch."""
        with ThreadPoolExecutor(self._threads, "encode") as pool:
            running: deque[tuple[list[int], Future[list[Embedding]]]] = deque()
            try:
                for batch in self._batches(prompt, texts):
                    running.append((batch.places, pool.submit(self._run, prompt, batch)))
                    if len(running) > 2 * self._threads:  # one that waits for each that runs
                        places, future = running.popleft()
                        yield from zip(places, future.result(), strict=True)
                for places, future in running:
                    yield from zip(places, future.result(), strict=True)
            finally:
                for _, future in running:
                    future.cancel()

    def _batches(self, prompt: str, texts: Sequence[str]) -> Iterator[_Batch]:
        """Yield all texts in batches, tokenised; the longest of each thousand are first."""
        masked = "attention_mask" in self.card.inputs
        for start in range(0, len(texts), TOKENISED_AT_ONCE):
            some = texts[start : start + TOKENISED_AT_ONCE]
            encodings = self._prepared(prompt, some)
            sizes = [len(encoding.ids) for encoding in encodings]
            order = sorted(range(len(some)), key=lambda i: (-sizes[i], i))
            begin = 0
            while begin < len(order):
                longest = sizes[order[begin]]
                most = max(1, self._batch_pieces // longest)
                batch = order[begin : begin + min(most, BATCH_TEXTS)]
                if not masked:
                    batch = [i for i in batch if sizes[i] == longest]
                begin += len(batch)
                yield _Batch(
                    [start + i for i in batch],
                    [some[i] for i in batch],
                    [encodings[i] for i in batch],
                    is_last=begin == len(order) and start + len(some) == len(texts),
                )

    def _tokenize(self, texts: Sequence[str]) -> list[Encoding]:
        prepared = [self._folding.fold(text).text for text in texts]
        if self.card.lower_case:
            prepared = [text.lower() for text in prepared]
        if len(prepared) <= FEW_TEXTS:
            return [self._tokenizer.encode(one, add_special_tokens=False) for one in prepared]
        return list(self._tokenizer.encode_batch(prepared, add_special_tokens=False))

    def _prepared(self, prompt: str, texts: Sequence[str]) -> list[Encoding]:
        """Return the word pieces of texts behind a prompt, cut to what the model reads."""
        encodings = self._tokenize([prompt + text for text in texts])
        for i, encoding in enumerate(encodings):
            # Cut before the special tokens come on, since the last of them must stay.
            encoding.truncate(self.card.max_pieces - self._specials)
            encodings[i] = self._tokenizer.post_process(encoding)
        return encodings

    def _run(self, prompt: str, batch: _Batch) -> list[Embedding]:
        """Encode one batch; after the last of many, give the memory of the large ones back."""
        rows = [encoding.ids for encoding in batch.encodings]
        width = max(map(len, rows))
        padding = self._tokenizer.token_to_id("[PAD]") or 0
        ids = np.full((len(rows), width), padding, np.int64)
        mask = np.zeros((len(rows), width), np.int64)
        for row, pieces in enumerate(rows):
            ids[row, : len(pieces)] = pieces
            mask[row, : len(pieces)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        options = onnxruntime.RunOptions()
        if batch.is_last and self._on_cpu:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        try:
            vectors, states = self._session.run(
                ["vectors", "states"], {name: feeds[name] for name in self.card.inputs}, options
            )
        # ONNX Runtime has no common class; what is not want of memory is a bug.
        except Exception as error:
            if memory.is_used_up(error):
                raise no_room(str(error).splitlines()[0]) from error
            raise
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return [
            _embedding(
                vector,
                state,
                self._known(encoding),
                self._folding.fold(prompt + text),
                len(prompt),
            )
            for vector, state, encoding, text in zip(
                vectors, states, batch.encodings, batch.texts, strict=True
            )
        ]

    def _known(self, encoding: Encoding) -> dict[int, tuple[int, int]]:
        """Return where the word pieces of a text stand, without special ones.

        Unknown words, which are all the same word piece, match one another whatever they are, so
        that late interaction does without.
        """
        # Each look at one of these copies all of it.
        special, offsets = encoding.special_tokens_mask, encoding.offsets
        return {
            i: offsets[i]
            for i, piece in enumerate(encoding.ids)
            if not special[i] and piece not in self._unknown
        }


def _on_cpu(graph: Path, options: onnxruntime.SessionOptions) -> Session:
    session: Session = onnxruntime.InferenceSession(graph, options, providers=[CPU_PROVIDER])
    return session


def _cores() -> int:
    """Return the cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _embedding(
    vector: Vectors,
    states: Vectors,
    pieces: dict[int, tuple[int, int]],
    folded: Folded,
    prompt: int,
) -> Embedding:
    """Return an embedding with the states of the text that follows a prompt of some characters."""
    places = {i: folded.source(span) for i, span in pieces.items()}
    spans = {i: span for i, span in places.items() if span[1] > prompt}
    within = tuple((max(0, start - prompt), end - prompt) for start, end in spans.values())
    return Embedding(vector, states[list(spans)], within)
