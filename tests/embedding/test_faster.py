"""Another processor than the CPU: when it is used, and what it takes for it not to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.testing import assert_allclose

from assistant.embedding.model import DEFAULT_MODEL, FAST_MODEL
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.embedding.speed import devices
from assistant.embedding.speed.devices import CPU_PROVIDER, PROVIDERS, Session
from assistant.embedding.speed.faster import MANY_TEXTS, Faster
from assistant.embedding.vectors import Vectors
from assistant.errors import ConfigError

Change = Callable[[Vectors], Vectors]

TEXTS = ("The boiler was serviced.", "The roof leaks.", "A view of a tensor copies nothing.")


class OtherSession:
    """A session of the CPU that says it is of another processor, and changes what it gives."""

    def __init__(self, graph: Path, provider: str, change: Change) -> None:
        self.session = onnxruntime.InferenceSession(graph, providers=[CPU_PROVIDER])
        self.provider = provider
        self.change = change
        self.runs = 0
        self.most = 10**9
        """Runs after which it fails."""

    def get_inputs(self) -> Sequence[Any]:
        """As the other."""
        return list(self.session.get_inputs())

    def get_outputs(self) -> Sequence[Any]:
        """As the other."""
        return list(self.session.get_outputs())

    def get_providers(self) -> Sequence[str]:
        """Those that it says."""
        return [*filter(None, [self.provider]), CPU_PROVIDER]

    def run(self, outputs: Sequence[str], feeds: Mapping[str, Any], options: object) -> Any:  # noqa: ANN401 (as its protocol)
        """Return what the CPU gives, changed."""
        self.runs += 1
        if self.runs > self.most:
            raise RuntimeError("the device was removed\nat some address")
        vectors, states = self.session.run(list(outputs), dict(feeds), options)
        return self.change(vectors), self.change(states)


class OtherRuntime:
    """An ONNX Runtime with some providers."""

    def __init__(
        self,
        *names: str,
        change: Change = lambda rows: rows,
        starts: bool = True,
        error: Exception | None = None,
    ) -> None:
        self._providers = [*(PROVIDERS[name] for name in names), CPU_PROVIDER]
        self._change, self._starts, self._error = change, starts, error
        self.opened: list[OtherSession] = []

    def providers(self) -> Sequence[str]:
        """Return those that it was given."""
        return self._providers

    def open(self, graph: Path, provider: str, options: object) -> Session:
        """Open a session, or fail to."""
        if self._error:
            raise self._error
        session = OtherSession(graph, provider if self._starts else "", self._change)
        self.opened.append(session)
        return session


def faster(
    folder: Path, runtime: OtherRuntime, device: str = "auto", seconds: Sequence[float] = (2, 1)
) -> Faster:
    """Return the choice of a processor for the default model, and what the CPU and it take."""
    on_cpu, on_other = seconds
    clock = iter((0.0, on_cpu, on_cpu, on_cpu + on_other))
    return Faster(device, DEFAULT_MODEL, folder, runtime, clock.__next__)


@pytest.mark.parametrize(
    ("device", "there", "expected"),
    [
        ("auto", (), "cpu"),
        ("auto", ("openvino",), "openvino"),
        ("auto", ("openvino", "cuda"), "cuda"),
        ("cpu", ("cuda",), "cpu"),
        ("coreml", ("cuda", "coreml"), "coreml"),
    ],
)
def test_what_is_there_or_asked_for_is_chosen(
    device: str, there: Sequence[str], expected: str
) -> None:
    """Of several, the first of the table; what is asked for counts before it."""
    assert devices.chosen(device, DEFAULT_MODEL, [PROVIDERS[name] for name in there]) == expected


def test_the_model_in_whole_numbers_stays_on_the_cpu() -> None:
    """Unless somebody asks for another processor."""
    there = [PROVIDERS["cuda"]]
    assert devices.chosen("auto", FAST_MODEL, there) == "cpu"
    assert devices.chosen("cuda", FAST_MODEL, there) == "cuda"


@pytest.mark.parametrize("device", PROVIDERS)
def test_what_is_asked_for_and_not_there_is_an_error(model_folder: Path, device: str) -> None:
    """It names the setting, and what to install or to set instead."""
    with pytest.raises(ConfigError) as caught:
        faster(model_folder, OtherRuntime(), device)

    assert f'device = "{device}"' in caught.value.cause
    assert devices.PACKAGES[device] in caught.value.remedy
    assert '"cpu"' in caught.value.remedy


def test_what_is_installed_is_what_onnx_runtime_has() -> None:
    """Also where that is told by its package, without loading it."""
    told = {name for name in devices.installed() if name in PROVIDERS.values()}
    assert told == {*onnxruntime.get_available_providers()} & {*PROVIDERS.values()}


def test_many_texts_are_embedded_by_it_and_few_by_the_cpu(
    model_folder: Path, encoder: OnnxEncoder
) -> None:
    """It is opened once, and only for many; its vectors and states are the CPU's."""
    runtime = OtherRuntime("cuda")
    other = faster(model_folder, runtime)

    assert other.for_many(encoder, MANY_TEXTS) is encoder
    assert (runtime.opened, other.told) == ([], "")

    many = other.for_many(encoder, MANY_TEXTS + 1)
    assert many is other.for_many(encoder, 10 * MANY_TEXTS)
    (session,) = runtime.opened
    before = session.runs
    found, expected = dict(many.encode_passages(TEXTS)), dict(encoder.encode_passages(TEXTS))
    assert session.runs > before
    assert other.told == "cuda embedded the notes"
    assert found.keys() == expected.keys()
    for at, embedding in expected.items():
        assert_allclose(found[at].vector, embedding.vector, atol=1e-6)
        assert_allclose(found[at].states, embedding.states, atol=1e-4)
        assert found[at].spans == embedding.spans


def rounded(rows: Vectors) -> Vectors:
    """As a processor gives them that computes in half precision."""
    return rows.astype(np.float16).astype(np.float32)


def noisy(rows: Vectors) -> Vectors:
    """As another model gives them."""
    noise = np.random.default_rng(0).standard_normal(rows.shape).astype(np.float32)
    found: Vectors = rows + noise * 0.1 * np.abs(rows).mean()
    return found


def one_state_off(rows: Vectors) -> Vectors:
    """One of all word pieces of a text is wrong; vectors are right."""
    found = rows.copy()
    if found.ndim == 3:  # states
        found[0, 1] = found[0, 1, ::-1]
    return found


def not_numbers(rows: Vectors) -> Vectors:
    """An overflow."""
    return np.full_like(rows, np.nan)


def test_rounding_is_let_pass(model_folder: Path, encoder: OnnxEncoder) -> None:
    """Half precision is within what is allowed."""
    runtime = OtherRuntime("coreml", change=rounded)
    assert faster(model_folder, runtime).for_many(encoder, 10**4) is not encoder


@pytest.mark.parametrize("change", [noisy, one_state_off, not_numbers])
def test_other_vectors_than_the_cpus_are_refused(
    model_folder: Path, encoder: OnnxEncoder, change: Change
) -> None:
    """The CPU embeds, a line says so, and it is not tried again."""
    runtime = OtherRuntime("cuda", change=change)
    other = faster(model_folder, runtime)

    assert other.for_many(encoder, 10**4) is encoder
    assert other.for_many(encoder, 10**4) is encoder
    assert len(runtime.opened) == 1
    assert "cuda is not used, since its vectors are not the CPU's" in other.told
    assert other.told.endswith("the CPU embedded the notes")


def test_what_is_hardly_faster_is_left_out_unless_it_was_asked_for(
    model_folder: Path, encoder: OnnxEncoder
) -> None:
    """OpenVINO on a computer with nothing but a CPU, for one."""
    other = faster(model_folder, OtherRuntime("openvino"), seconds=(1, 0.9))
    assert other.for_many(encoder, 10**4) is encoder
    assert other.told == "openvino is not used, since it is hardly faster than the CPU"

    other = faster(model_folder, OtherRuntime("openvino"), "openvino", seconds=(1, 1))
    assert other.for_many(encoder, 10**4) is not encoder
    assert other.told == "openvino embedded the notes"


@pytest.mark.parametrize(
    ("runtime", "reason"),
    [
        (OtherRuntime("cuda", error=RuntimeError("no driver\nat 0x1")), "no driver;"),
        (OtherRuntime("cuda", starts=False), "CUDAExecutionProvider does not start"),
    ],
)
def test_what_does_not_open_leaves_it_to_the_cpu(
    model_folder: Path, encoder: OnnxEncoder, runtime: OtherRuntime, reason: str
) -> None:
    """Whether ONNX Runtime fails, or silently goes on without the provider; a line says why."""
    other = faster(model_folder, runtime)

    assert other.for_many(encoder, 10**4) is encoder
    assert other.told.startswith("cuda cannot be used: ")
    assert reason in other.told
    assert "\n" not in other.told


def test_the_cpu_takes_over_from_what_fails_meanwhile(
    model_folder: Path, encoder: OnnxEncoder
) -> None:
    """Each text is embedded once, the rest and all later ones by the CPU; a line says so."""
    runtime = OtherRuntime("cuda")
    other = faster(model_folder, runtime)
    many = other.for_many(encoder, 10**4)
    (session,) = runtime.opened
    session.most = session.runs + 1
    texts = [*TEXTS, *TEXTS]  # of three lengths, so that they make three batches

    found = list(many.encode_passages(texts))

    assert sorted(at for at, _ in found) == list(range(len(texts)))
    expected = dict(encoder.encode_passages(texts))
    for at, embedding in found:
        assert_allclose(embedding.vector, expected[at].vector, atol=1e-6)
    assert other.told == "cuda failed meanwhile: the device was removed; the CPU embedded the rest"
    session.runs = 0
    assert len(list(many.encode_passages(TEXTS))) == len(TEXTS)
    assert session.runs == 0
