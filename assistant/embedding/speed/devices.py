"""Which processor embeds many texts: the one that is asked for, or a better one than the CPU."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from assistant.embedding.model import FAST_MODEL
from assistant.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

CPU = "cpu"

CPU_PROVIDER = "CPUExecutionProvider"

PROVIDERS: Mapping[str, str] = {
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
"""What ONNX Runtime calls each processor, in the order in which they are preferred."""

DEVICES: tuple[str, ...] = ("auto", CPU, *PROVIDERS)
"""What can be asked for."""

PACKAGES: Mapping[str, str] = {
    "cuda": "onnxruntime-gpu",
    "coreml": "",
    "directml": "onnxruntime-directml",
    "openvino": "onnxruntime-openvino",
}
"""The builds of ONNX Runtime that have a provider; that of CoreML is in each build for macOS."""


class Session(Protocol):
    """A model that ONNX Runtime has opened."""

    def get_inputs(self) -> Sequence[Any]:
        """Return the inputs of its graph, each with a ``name``."""

    def get_outputs(self) -> Sequence[Any]:
        """Return the outputs, each with a ``name`` and a ``shape``."""

    def get_providers(self) -> Sequence[str]:
        """Return the providers that run it; one that did not start is not among them."""

    def run(self, outputs: Sequence[str], feeds: Mapping[str, Any], options: object) -> Any:  # noqa: ANN401 (as ONNX Runtime has it)
        """Return the outputs for some inputs."""


class Runtime(Protocol):
    """What of ONNX Runtime decides where a model runs."""

    def providers(self) -> Sequence[str]:
        """Return the providers that it has."""

    def open(self, graph: Path, provider: str, options: Any) -> Session:  # noqa: ANN401 (as above)
        """Open a model; raises whatever ONNX Runtime does."""


def installed() -> Sequence[str]:
    """Return the providers of the ONNX Runtime that is installed.

    It is loaded, in a seventh of a second, only where its package does not tell: `status` is to be
    quick.
    """
    if _has(("onnxruntime",)) and not _has(PACKAGES.values()) and sys.platform != "darwin":
        return (CPU_PROVIDER,)
    import onnxruntime  # which `status` does without

    return tuple(onnxruntime.get_available_providers())


def of_build(device: str, model: str) -> str:
    """Return the processor that a large build uses here, see ``chosen``."""
    return CPU if device == CPU else chosen(device, model, installed())


def _has(packages: Collection[str]) -> bool:
    """Return whether one of some packages is installed."""
    from importlib import metadata  # 20 ms, and settings name devices on the way to an answer

    for name in filter(None, packages):
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        return True
    return False


def chosen(device: str, model: str, providers: Collection[str]) -> str:
    """Return the processor that a large build uses, the CPU or a key of ``PROVIDERS``.

    Args:
        device: As configured, one of ``DEVICES``.
        model: As configured.
        providers: That the installed ONNX Runtime has.

    Raises:
        ConfigError: It has not the one that is asked for.
    """
    if device == "auto":
        # Sums of whole numbers are for processors that have instructions for them: CPUs.
        there = () if model == FAST_MODEL else providers
        return next((name for name, of in PROVIDERS.items() if of in there), CPU)
    if device != CPU and PROVIDERS[device] not in providers:
        package = PACKAGES[device]
        other = f"put {package} in its place" if package else "those for macOS have it"
        raise ConfigError(
            f'the installed ONNX Runtime has no {PROVIDERS[device]}, for device = "{device}"',
            f'{other}; or set `device` to "auto" or "cpu"',
        )
    return device
