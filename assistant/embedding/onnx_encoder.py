"""The encoder of every day: one ONNX Runtime session, without torch.

``export`` writes the model folder that this module opens: the graph after optimisation, its
weights beside it (mapped into memory rather than read, so that it opens in a tenth of the time),
the tokenizer, and what the model wants to be fed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from assistant import memory
from assistant.embedding.encoder import Embedding
from assistant.embedding.folding import Folded, Folding
from assistant.embedding.model import ModelCard, no_room, unopenable
from assistant.embedding.vectors import Vectors
from assistant.errors import ModelUnavailableError

onnxruntime.disable_telemetry_events()  # which its builds for Windows have

BATCH_PIECES = 512
"""Word pieces of a batch, padding included: what lies between two layers then stays in a cache."""

COUNTED_AT_ONCE = 1000
"""Texts whose word pieces are counted at once."""

FEW_TEXTS = 2
"""Texts up to which it is quicker to tokenise one after the other than to wake threads for them."""

BATCH_TEXTS = 64


class OnnxEncoder:
    """The encoder that runs a model by ONNX Runtime, see ``encoder.Encoder``."""

    def __init__(self, folder: Path, threads: int = 0, *, few: bool = False) -> None:
        """Open an exported model.

        Args:
            folder: As ``export.exported`` returns it.
            threads: Threads of the session; 0 for one a core.
            few: Open for a question or two: in a third of the time, at twice the time a text.

        Raises:
            ModelUnavailableError: The folder does not hold a model that can be opened, or there is
                not enough memory.
        """
        if lacking := memory.lack(memory.ASKING if few else memory.ENCODING):
            raise ModelUnavailableError(*lacking)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        # The graph on disk is optimised already.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        # Between two products of matrices, threads that spin take the time of whoever else works.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if few:
            options.intra_op_num_threads = 1  # starting more takes longer than they save
            # Else the weights are copied into the order that the processor likes best.
            options.add_session_config_entry("session.disable_prepacking", "1")
        try:
            self.card = ModelCard.read(folder / "card.json")
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                folder / "model.onnx", options, providers=["CPUExecutionProvider"]
            )
            self._check_card()
        # The tokenizers library raises bare Exception, ONNX Runtime classes of its own.
        except Exception as error:
            raise unopenable(folder, error) from error
        self._folder = folder
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
        # A slice at a time: for each word piece the tokenizer has a hundred bytes to tell.
        slices = (texts[at : at + COUNTED_AT_ONCE] for at in range(0, len(texts), COUNTED_AT_ONCE))
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
        (found,) = self._run(self.card.query_prompt, [question[: 32 * self.card.max_pieces]])
        return found

    def encode_questions(self, questions: Sequence[str]) -> list[Embedding]:
        """Return the embeddings of many questions, in order."""
        most = 32 * self.card.max_pieces
        asked = [question[:most] for question in questions]
        order = sorted(range(len(asked)), key=lambda i: (len(asked[i]), i))
        found: dict[int, Embedding] = {}
        for begin in range(0, len(order), BATCH_TEXTS):
            batch = order[begin : begin + BATCH_TEXTS]
            encoded = self._run(self.card.query_prompt, [asked[i] for i in batch])
            found.update(zip(batch, encoded, strict=True))
        return [found[i] for i in range(len(asked))]

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Encode passages, similar lengths together so that little is padded.

        Args:
            texts: What to encode; longer ones are cut to what the model reads.

        Yields:
            Position in ``texts`` and its embedding, in order of length, not of position.
        """
        room = self.room
        sizes = [min(n, room) for n in self.count_pieces(texts)]
        order = sorted(range(len(texts)), key=lambda i: (-sizes[i], i))
        begin = 0
        while begin < len(order):
            width = sizes[order[begin]] + self.card.max_pieces - room
            most = max(1, BATCH_PIECES // width)
            batch = order[begin : begin + min(most, BATCH_TEXTS)]
            begin += len(batch)
            encoded = self._run(
                self.card.passage_prompt, [texts[i] for i in batch], last=begin == len(order)
            )
            yield from zip(batch, encoded, strict=True)

    def _tokenize(self, texts: Sequence[str]) -> list[Encoding]:
        prepared = [self._folding.fold(text).text for text in texts]
        if self.card.lower_case:
            prepared = [text.lower() for text in prepared]
        if len(prepared) <= FEW_TEXTS:
            return [self._tokenizer.encode(one, add_special_tokens=False) for one in prepared]
        return list(self._tokenizer.encode_batch(prepared, add_special_tokens=False))

    def _run(self, prompt: str, texts: Sequence[str], *, last: bool = False) -> list[Embedding]:
        """Encode one batch; after the last of many, give the memory of the large ones back."""
        encodings = self._tokenize([prompt + text for text in texts])
        for i, encoding in enumerate(encodings):
            # Cut before the special tokens come on, since the last of them must stay.
            encoding.truncate(self.card.max_pieces - self._specials)
            encodings[i] = self._tokenizer.post_process(encoding)
        width = max(len(e.ids) for e in encodings)
        padding = self._tokenizer.token_to_id("[PAD]") or 0
        ids = np.full((len(texts), width), padding, np.int64)
        mask = np.zeros((len(texts), width), np.int64)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        options = onnxruntime.RunOptions()
        if last:
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
            for vector, state, encoding, text in zip(vectors, states, encodings, texts, strict=True)
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
