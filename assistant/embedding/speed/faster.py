"""Many texts embedded by a better processor than the CPU, whose vectors are the CPU's or not used.

An index is of one model, whatever processor ran it: its questions are read by the CPU, and so are
small edits. So the other processor embeds a few texts first, beside the CPU.
"""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime

from assistant.embedding.encoder import Embedding, Encoder
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.embedding.speed import devices
from assistant.embedding.speed.devices import CPU, CPU_PROVIDER, PROVIDERS, Runtime, Session
from assistant.embedding.vectors import Vectors

MANY_TEXTS = 400
"""Texts of a build up to which the CPU has done before another processor is ready."""

LEAST_COSINE = 0.999
"""Between vectors, and states of a word piece, of the same text: what they may lose to rounding."""

BATCH_PIECES = 16_384
"""Word pieces of a batch, padding included: such a processor is idle with fewer."""

_SENTENCE = "Tensors lie in memory row by row, unless a view of one was transposed. "

PROBES = (
    "boiler",
    "How do I free the memory of a graphics card?",
    "```python\nfor x, y in loader:\n    loss = f(model(x), y)\n    loss.backward()\n```",
    "Größe naïve café: “quotes” … 显存不足时，先释放缓存。",
    _SENTENCE * 4,
    _SENTENCE * 40,
)
"""Texts that are embedded by both, of one word to more than the model reads."""

LEAST_GAIN = 1.5
"""How many times as fast as the CPU it is at least: less may be chance."""

LONGEST_REASON = 160
"""Characters of an error that a line repeats."""

SAMPLE = tuple(_SENTENCE * count for count in range(4, 12)) * 6
"""Texts as long as chunks, by which both are timed: a second or two of a CPU."""


PROVIDER_OPTIONS = {PROVIDERS["openvino"]: {"device_type": "AUTO"}}
"""OpenVINO takes the CPU unless it may choose."""


class Passages(Protocol):
    """What embeds passages."""

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Yield positions and embeddings, see ``encoder.Encoder``."""


class Processor(Protocol):
    """What a build asks of another processor; ``Faster`` is it."""

    told: str
    """What became of it, as a line for people; empty while nothing was asked of it."""

    def for_many(self, encoder: Encoder, count: int) -> Passages:
        """Return what is to embed as many texts: the encoder that is given, or another."""


class Installed:
    """The ONNX Runtime that is installed, see ``devices.Runtime``."""

    def providers(self) -> Sequence[str]:
        """Return the providers that it has."""
        return devices.installed()

    def open(self, graph: Path, provider: str, options: Any) -> Session:  # noqa: ANN401 (no types)
        """Open a model; what a provider does not know of it, the CPU runs."""
        options.enable_mem_pattern = False  # DirectML has none
        # What goes wrong is told in a line, and not also by ONNX Runtime on the terminal.
        onnxruntime.set_default_logger_severity(4)
        providers = [(provider, PROVIDER_OPTIONS.get(provider, {})), CPU_PROVIDER]
        session: Session = onnxruntime.InferenceSession(graph, options, providers=providers)
        return session


class Faster:
    """The processor that embeds the texts of large builds; opened once, when it is first needed."""

    def __init__(
        self,
        device: str,
        model: str,
        folder: Path,
        runtime: Runtime | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Choose a processor.

        Args:
            device: As configured, one of ``devices.DEVICES``.
            model: As configured.
            folder: As ``export.exported`` returns it.
            runtime: In place of the one that is installed.
            clock: Tells seconds.

        Raises:
            ConfigError: The one that is asked for is not there.
        """
        self._folder = folder
        self._runtime = runtime or Installed()
        self._clock = clock
        self._is_named = device != "auto"
        providers = () if device == CPU else self._runtime.providers()
        self.name = devices.chosen(device, model, providers)
        self.told = ""
        """What became of it, as a line for people; empty while nothing was asked of it."""
        self._opened: Passages | None = None

    def for_many(self, encoder: Encoder, count: int) -> Passages:
        """Return what is to embed the texts of a build.

        Args:
            encoder: The model on the CPU.
            count: Of the texts.
        """
        if self.name == CPU or count <= MANY_TEXTS:
            return encoder
        if self._opened is None:
            self._opened = self._checked(encoder)
        return self._opened

    def _checked(self, encoder: Encoder) -> Passages:
        """Return the encoder on the other processor if it gives the CPU's vectors, and sooner."""
        try:
            other = OnnxEncoder(
                self._folder, threads=1, open_session=self._open, batch_pieces=BATCH_PIECES
            )
            cosine = least_cosine(encoder, other)
            is_quicker = self._is_named or self._gain(encoder, other) >= LEAST_GAIN
        # ONNX Runtime and the drivers below it raise classes of their own; the CPU is there.
        except Exception as error:
            self.told = f"{self.name} cannot be used: {_reason(error)}; the CPU embedded the notes"
            return encoder
        if not cosine >= LEAST_COSINE:  # nor is what is not a number
            self.told = (
                f"{self.name} is not used, since its vectors are not the CPU's (cosine"
                f" {cosine:.4f}, not {LEAST_COSINE}); the CPU embedded the notes"
            )
            return encoder
        # OpenVINO has a CPU, too, and CoreML may have each length of texts compiled anew.
        if not is_quicker:
            self.told = f"{self.name} is not used, since it is hardly faster than the CPU"
            return encoder
        self.told = f"{self.name} embedded the notes"
        return _Guarded(other, encoder, self._failed)

    def _gain(self, encoder: Passages, other: Passages) -> float:
        """Return how many times as fast as an encoder another one is."""
        return self._seconds(encoder) / max(self._seconds(other), 1e-9)

    def _seconds(self, encoder: Passages) -> float:
        """Return how long an encoder takes for some texts as long as chunks."""
        began = self._clock()
        for _ in encoder.encode_passages(SAMPLE):
            pass
        return self._clock() - began

    def _open(self, graph: Path, options: object) -> Session:
        provider = PROVIDERS[self.name]
        session = self._runtime.open(graph, provider, options)
        # One whose libraries are missing is left out with a warning, and the CPU runs all.
        if provider not in session.get_providers():
            raise RuntimeError(f"{provider} does not start; are its libraries installed?")
        return session

    def _failed(self, error: Exception) -> None:
        self.told = f"{self.name} failed meanwhile: {_reason(error)}; the CPU embedded the rest"


class _Guarded:
    """An encoder that another one takes over from, for good, when it fails."""

    def __init__(
        self, first: Passages, second: Passages, failed: Callable[[Exception], None]
    ) -> None:
        self._first: Passages | None = first
        self._second = second
        self._failed = failed

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Yield positions and embeddings, each once."""
        done = set[int]()
        if self._first is not None:
            try:
                for at, embedding in self._first.encode_passages(texts):
                    done.add(at)
                    yield at, embedding
            # As above: a graphics card has no more memory, is taken away, or its driver fails.
            except Exception as error:
                self._first = None
                self._failed(error)
        left = [at for at in range(len(texts)) if at not in done]
        if left:
            for i, embedding in self._second.encode_passages([texts[at] for at in left]):
                yield left[i], embedding


def least_cosine(one: Passages, other: Passages) -> float:
    """Return the least cosine between what two encoders make of the probes.

    It is that of the vectors and of the states of all word pieces; not a number if one of these is
    not.
    """
    first, second = dict(one.encode_passages(PROBES)), dict(other.encode_passages(PROBES))
    cosines = [
        _cosines(np.vstack([a.vector, a.states]), np.vstack([b.vector, b.states]))
        for a, b in ((first[at], second[at]) for at in first)
    ]
    return float(np.concatenate(cosines).min())


def _cosines(rows: Vectors, others: Vectors) -> Vectors:
    """Return the cosine of each row with the same row of others, shape (n,)."""
    sizes = np.linalg.norm(rows, axis=1) * np.linalg.norm(others, axis=1)
    found: Vectors = np.einsum("nd,nd->n", rows, others) / np.maximum(sizes, 1e-12)
    return found


def _reason(error: Exception) -> str:
    """Return the first line of an error, which may be a whole signature of C++, in part."""
    line = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return textwrap.shorten(line, LONGEST_REASON, placeholder=" …")
