"""The ONNX graph of a BERT that embeds sentences, written without torch.

The graph is some dozens of kilobytes of standard operators, attention as its paper has it. Weights
stay where they are, each in the layout of the checkpoint: the graph names a file beside itself and
where in it they begin. For BERTs whose sentence vector is the mean over the word pieces.

Only ``onnx`` is needed, and only to write a graph: to run one takes ONNX Runtime alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper

from assistant.embedding.speed.quantised import Place
from assistant.embedding.vectors import Vectors

OPSET = 20
"""The first with ``Gelu``."""

IR_VERSION = 9
"""The format of that opset."""

MASKED = float(np.finfo(np.float32).min)
"""Added to the scores of padding, so that their softmax is zero."""

MIDDLE = 128
"""The level of zero in rows of whole numbers, which go from 1 to 255."""

LEAST = 1e-30
"""Peak of a row at least, since it is divided by."""

EXTENSIONS = "com.microsoft"
"""Where ONNX Runtime keeps operators of its own."""

PARTS = ("query", "key", "value")

Weights = Mapping[str, TensorProto]
"""A checkpoint's tensors by the names of ``BertModel``, each a pointer into a file."""


@dataclass(frozen=True, slots=True)
class BertShape:
    """What a graph must know of a BERT beside its weights."""

    layers: int
    heads: int
    width: int
    epsilon: float
    """Of the layer normalisations."""

    @classmethod
    def read(cls, folder: Path) -> BertShape:
        """Read ``config.json`` of a model's folder.

        Raises:
            ValueError: It is of another kind of model.
            OSError: It cannot be read.
        """
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        places = config.get("position_embedding_type", "absolute")
        kind = config.get("model_type"), config.get("hidden_act"), places
        if kind != ("bert", "gelu", "absolute"):
            raise ValueError(f"not a BERT with gelu and absolute positions: {kind}")
        return cls(
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            width=config["hidden_size"],
            epsilon=config["layer_norm_eps"],
        )


def in_safetensors(path: Path) -> Weights:
    """Return pointers to the float32 tensors of a safetensors file, which lies beside the graph."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header: dict[str, Any] = json.loads(file.read(length))
    begin = 8 + length
    return {
        name: _pointer(name, entry["shape"], path.name, begin + entry["data_offsets"][0])
        for name, entry in header.items()
        if entry.get("dtype") == "F32"
    }


def beside(arrays: Mapping[str, Vectors], path: Path) -> Weights:
    """Write float32 arrays into one file, which lies beside the graph; return pointers to them."""
    found = {}
    with path.open("wb") as file:
        for name, array in arrays.items():
            found[name] = _pointer(name, array.shape, path.name, file.tell())
            file.write(np.ascontiguousarray(array, "<f4").data)
    return found


def in_places(places: Mapping[str, Place], file: str) -> Weights:
    """Return pointers to arrays of float32 and int8 of a file, which lies beside the graph."""
    return {
        name: _pointer(name, place.shape, file, place.offset, whole=place.whole)
        for name, place in places.items()
    }


def _pointer(
    name: str, shape: Sequence[int], file: str, offset: int, *, whole: bool = False
) -> TensorProto:
    """Return a pointer to an array of int8 if it is of whole numbers, else of float32."""
    kind = TensorProto.INT8 if whole else TensorProto.FLOAT
    tensor = TensorProto(name=name, data_type=kind, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    length = int(np.prod(shape)) * (1 if whole else 4)
    place = {"location": file, "offset": offset, "length": length}
    for key, value in place.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def graph(
    shape: BertShape,
    weights: Weights,
    *,
    embedded: bool = False,
    padded: bool = True,
    unit: bool = True,
) -> ModelProto:
    """Return the graph of a BERT.

    Its inputs are ``input_ids`` (texts, pieces), ``attention_mask`` and ``token_type_ids`` of the
    same shape, all int64; its outputs ``vectors`` (texts, width), the means of the states, and
    ``states`` (texts, pieces, width), those of padding meaningless.

    A dense layer whose weights are there as ``speed.quantised`` writes them is computed in whole
    numbers of eight bits, by an operator of ONNX Runtime's own.

    A dense layer whose weight is missing is computed in whole numbers, see ``whole_numbers``, by
    its weight there.

    Args:
        shape: Of the model.
        weights: Its tensors; those that no node reads are left out.
        embedded: Read ``inputs_embeds``, float32 (texts, pieces, width), in place of ``input_ids``:
            rows of the word embeddings, which then need not be in ``weights``.
        padded: Whether texts that run together may be of unequal length. Else ``input_ids`` is the
            only input: nothing is masked, and all pieces are of the first type.
        unit: Give the vectors unit length.

    Raises:
        KeyError: A weight is missing.
    """
    return _Writer(shape, weights).model(embedded=embedded, padded=padded, unit=unit)


def _value(name: str, kind: int, *dims: str | int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, dims)


class _Writer:
    """A graph while it is written, node after node."""

    def __init__(self, shape: BertShape, weights: Weights) -> None:
        self._shape = shape
        self._weights = weights
        self._graph = GraphProto(name="bert")
        self._held: set[str] = set()
        self._levels: dict[str, tuple[str, str]] = {}
        """Rows in whole numbers and their scales, by the rows: several layers read the same."""

    def model(self, *, embedded: bool, padded: bool, unit: bool) -> ModelProto:
        by_piece: tuple[str | int, ...] = ("texts", "pieces")
        width, real, whole = self._shape.width, TensorProto.FLOAT, TensorProto.INT64
        words = _value("input_ids", whole, *by_piece)
        if embedded:
            words = _value("inputs_embeds", real, *by_piece, width)
        others = ("attention_mask", "token_type_ids") if padded else ()
        self._graph.input.extend([words, *(_value(name, whole, *by_piece) for name in others)])
        means, states = (
            _value("vectors", real, "texts", width),
            _value("states", real, *by_piece, width),
        )
        self._graph.output.extend([means, states])
        self._write(words.name, padded=padded, unit=unit)
        opsets = [helper.make_opsetid("", OPSET)]
        if self._levels:
            opsets.append(helper.make_opsetid(EXTENSIONS, 1))
        return helper.make_model(self._graph, opset_imports=opsets, ir_version=IR_VERSION)

    def _write(self, words: str, *, padded: bool, unit: bool) -> None:
        """Write all nodes; a state is a row throughout, of as many as texts have pieces."""
        width, heads = self._shape.width, self._shape.heads
        size = self._op("Shape", words, start=0, end=2)
        split = self._op("Concat", size, self._ints("split", heads, width // heads), axis=0)
        rows = self._embeddings(words, padded=padded)
        mask = self._op("Cast", "attention_mask", to=TensorProto.FLOAT) if padded else ""
        padding = self._padding(mask) if padded else ""
        for i in range(self._shape.layers):
            rows = self._layer(f"encoder.layer.{i}", rows, split, padding)
        whole = self._op("Concat", size, self._ints("width", width), axis=0)
        self._op("Reshape", rows, whole, out="states")
        self._mean(mask, unit=unit)

    def _padding(self, mask: str) -> str:
        """Write what is added to the scores of padding."""
        padding = self._op("Sub", self._float("one", 1), mask)
        padding = self._op("Mul", padding, self._float("masked", MASKED))
        return self._op("Unsqueeze", padding, self._ints("over heads and queries", 1, 2))

    def _embeddings(self, words: str, *, padded: bool) -> str:
        pieces = self._op("Shape", words, start=1, end=2)
        zero = self._ints("zero", 0)
        if words == "input_ids":
            words = self._op("Gather", self._weight("embeddings.word_embeddings"), words)
        types = self._weight("embeddings.token_type_embeddings")
        types = self._op("Gather", types, "token_type_ids" if padded else zero)
        places = self._weight("embeddings.position_embeddings")
        places = self._op("Slice", places, zero, pieces, zero)
        total = self._op("Add", self._op("Add", words, types), places)
        rows = self._op("Reshape", total, self._ints("rows", -1, self._shape.width))
        return self._normalised("embeddings.LayerNorm", rows)

    def _layer(self, name: str, rows: str, split: str, padding: str) -> str:
        attended = self._attention(f"{name}.attention.self", rows, split, padding)
        attended = self._linear(f"{name}.attention.output.dense", attended)
        rows = self._op("Add", attended, rows)
        rows = self._normalised(f"{name}.attention.output.LayerNorm", rows)
        wide = self._op("Gelu", self._linear(f"{name}.intermediate.dense", rows))
        rows = self._op("Add", self._linear(f"{name}.output.dense", wide), rows)
        return self._normalised(f"{name}.output.LayerNorm", rows)

    def _attention(self, name: str, rows: str, split: str, padding: str) -> str:
        """Attention of many heads (Vaswani et al. 2017): softmax(QK' / sqrt(d)) V."""
        query, key, value = (self._linear(f"{name}.{part}", rows) for part in PARTS)
        scale = self._float("scale", (self._shape.width // self._shape.heads) ** -0.5)
        query = self._op("Mul", query, scale)  # smaller than the scores
        query, key, value = (self._op("Reshape", part, split) for part in (query, key, value))
        query, value = (self._op("Transpose", part, perm=(0, 2, 1, 3)) for part in (query, value))
        key = self._op("Transpose", key, perm=(0, 2, 3, 1))
        scores = self._op("MatMul", query, key)
        scores = self._op("Add", scores, padding) if padding else scores
        found = self._op("MatMul", self._op("Softmax", scores, axis=-1), value)
        found = self._op("Transpose", found, perm=(0, 2, 1, 3))
        return self._op("Reshape", found, self._ints("rows", -1, self._shape.width))

    def _mean(self, mask: str, *, unit: bool) -> None:
        over = self._ints("over pieces", 1)
        out = "" if unit else "vectors"
        if mask:
            counted = self._op("Unsqueeze", mask, self._ints("each component", 2))
            total = self._op("ReduceSum", self._op("Mul", "states", counted), over, keepdims=0)
            count = self._op("ReduceSum", counted, over, keepdims=0)
            mean = self._op("Div", total, count, out=out)
        else:
            mean = self._op("ReduceMean", "states", over, keepdims=0, out=out)
        if unit:
            self._op("Div", mean, self._op("ReduceL2", mean, over, keepdims=1), out="vectors")

    def _linear(self, name: str, rows: str) -> str:
        """A dense layer, by the matrix as checkpoints hold it: a row for each output."""
        bias = self._weight(name, "bias")
        if f"{name}.levels" not in self._weights:
            return self._op("Gemm", rows, self._weight(name), bias, transB=1)
        levels, scales = self._quantised(rows)
        ours = self._weight(name, "levels"), self._float("one", 1), self._weight(name, "scales")
        product = self._op(
            "MatMulIntegerToFloat", levels, *ours, self._level("middle", MIDDLE), domain=EXTENSIONS
        )
        return self._op("Add", self._op("Mul", product, scales), bias)

    def _quantised(self, rows: str) -> tuple[str, str]:
        """Write rows as levels around the middle, each by a scale of its own; return both.

        So what becomes of a row does not depend on the others that run along.
        """
        if rows not in self._levels:
            last = self._ints("over components", -1)
            peaks = self._op("ReduceMax", self._op("Abs", rows), last, keepdims=1)
            peaks = self._op("Max", peaks, self._float("least", LEAST))
            scales = self._op("Mul", peaks, self._float("step", 1 / (MIDDLE - 1)))
            flat = self._op("Reshape", scales, last)
            middles = self._op("Expand", self._level("middle", MIDDLE), self._op("Shape", flat))
            self._levels[rows] = (
                self._op("QuantizeLinear", rows, flat, middles, axis=0),
                scales,
            )
        return self._levels[rows]

    def _normalised(self, name: str, rows: str) -> str:
        weight, bias = self._weight(name), self._weight(name, "bias")
        epsilon = self._shape.epsilon
        return self._op("LayerNormalization", rows, weight, bias, axis=-1, epsilon=epsilon)

    def _op(
        self,
        kind: str,
        *inputs: str,
        out: str = "",
        domain: str = "",
        **attributes: float | Sequence[int],
    ) -> str:
        """Add a node; return the name of its output."""
        out = out or f"{kind} {len(self._graph.node)}"
        node = helper.make_node(kind, inputs, [out], name=out, domain=domain or None)
        node.attribute.extend(helper.make_attribute(*pair) for pair in attributes.items())
        self._graph.node.append(node)
        return out

    def _weight(self, layer: str, part: str = "weight") -> str:
        return self._hold(self._weights[f"{layer}.{part}"])

    def _ints(self, name: str, *values: int) -> str:
        return self._hold(numpy_helper.from_array(np.array(values, np.int64), name))

    def _float(self, name: str, value: float) -> str:
        return self._hold(numpy_helper.from_array(np.array(value, np.float32), name))

    def _level(self, name: str, value: int) -> str:
        return self._hold(numpy_helper.from_array(np.array(value, np.uint8), name))

    def _hold(self, tensor: TensorProto) -> str:
        if tensor.name not in self._held:
            self._held.add(tensor.name)
            self._graph.initializer.append(tensor)
        return tensor.name
