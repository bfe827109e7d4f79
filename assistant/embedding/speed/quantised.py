"""The weights of a BERT in whole numbers of eight bits, for an encoder of twice the speed. Pure.

Each dense layer has a scale for each of its outputs. Its levels take seven of the eight bits: on
processors without VNNI two products of more would not fit into the sixteen bits that they are added
up in, and be cut off. So the sums are exact, and vectors the same, on every processor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.embedding.vectors import Vectors

STEPS = 63
"""The largest level of a weight."""

DENSE = re.compile(r"(encoder\.layer\.\d+\..*\.(?:query|key|value|dense))\.weight")

Levels = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an array begins in a file."""

    shape: tuple[int, ...]
    offset: int
    whole: bool
    """Whether it is of int8, else of float32."""


def quantised(weight: Vectors) -> tuple[Levels, Vectors]:
    """Return a layer's weights in whole numbers.

    Args:
        weight: As checkpoints hold it, shape (outputs, inputs).

    Returns:
        Levels, shape (inputs, outputs), at most ``STEPS``, and the scale of each output.
    """
    peaks = np.maximum(np.abs(weight).max(axis=1), 1e-12)
    scales = (peaks / STEPS).astype(np.float32)
    levels = np.rint(weight / scales[:, np.newaxis]).astype(np.int8)
    return np.ascontiguousarray(levels.T), scales


def write(source: Path, target: Path) -> dict[str, Place]:
    """Write the weights of a safetensors file, dense layers in whole numbers; return their places.

    Raises:
        OSError: A file cannot be read or written.
    """
    places: dict[str, Place] = {}
    with target.open("wb") as file:
        for name, array in _in_form(_arrays(source)).items():
            whole = array.dtype == np.int8
            places[name] = Place(array.shape, file.tell(), whole)
            file.write(array.data)
    return places


def _in_form(arrays: Mapping[str, Vectors]) -> dict[str, Levels | Vectors]:
    found: dict[str, Levels | Vectors] = {}
    for name in sorted(arrays):
        if layer := DENSE.fullmatch(name):
            levels, scales = quantised(arrays[name])
            found[f"{layer[1]}.levels"], found[f"{layer[1]}.scales"] = levels, scales
        elif name.startswith(("embeddings.", "encoder.")):  # else nothing reads it
            found[name] = arrays[name]
    return found


def _arrays(path: Path) -> dict[str, Vectors]:
    """Return the float32 arrays of a safetensors file, which are mapped."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    data = np.memmap(path, np.uint8, "r", 8 + length)
    return {
        name: data[slice(*entry["data_offsets"])].view("<f4").reshape(entry["shape"])
        for name, entry in header.items()
        if entry.get("dtype") == "F32"
    }
