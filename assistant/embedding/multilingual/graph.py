"""The graph of multilingual-e5-small, written without torch: what ONNX Runtime runs of the model.

It begins behind the table of word pieces, which stays in the package's own file. The products of
matrices take the weights in their four bits (``MatMulNBits``), and each row of what is multiplied
by itself, so that what a text becomes does not hang on what is encoded along with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from assistant.embedding.multilingual.package_file import BLOCK, PackageFile, in_pairs

INPUTS = ("inputs_embeds", "attention_mask")

_MICROSOFT = "com.microsoft"
_INTEGER_PRODUCTS = 4
"""The level of accuracy at which ``MatMulNBits`` multiplies whole numbers of eight bits."""

_LARGE = 1024
"""Bytes from which a tensor lies in the file beside the graph, which is mapped into memory."""


class _Graph:
    """Nodes and constants, as they come together."""

    def __init__(self, file: PackageFile, accuracy: int) -> None:
        self.file = file
        self.tensors = file.tensors()
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._accuracy = accuracy

    def constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        """Add a constant; return its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def plain(self, *names: str) -> str:
        """Add tensors of the file, one behind the other, as a constant; return its name."""
        parts = [self.file.plain(self.tensors[name]) for name in names]
        return self.constant("+".join(names), np.concatenate(parts))

    def node(
        self, kind: str, inputs: Sequence[str], output: str, domain: str = "", **more: float
    ) -> str:
        """Add a node; return the name of what it gives."""
        self.nodes.append(
            helper.make_node(kind, inputs, [output], f"{output}.node", None, domain, None, **more)
        )
        return output

    def product(self, rows: str, width: int, *names: str) -> str:
        """Add the product of rows with matrices of the file, one beside the other."""
        blocks = np.concatenate([self.file.blocks(self.tensors[name]) for name in names])
        blocks = blocks.reshape(-1, width // BLOCK)
        whole = "+".join(names)
        self.constant(f"{whole}.nibbles", in_pairs(blocks))
        self.constant(f"{whole}.scales", blocks["scale"].astype(np.float32).ravel())
        return self.node(
            "MatMulNBits",
            [rows, f"{whole}.nibbles", f"{whole}.scales"],
            f"{whole}.product",
            _MICROSOFT,
            K=width,
            N=len(blocks),
            bits=4,
            block_size=BLOCK,
            accuracy_level=self._accuracy,
        )


def write(file: PackageFile, folder: Path, accuracy: int = _INTEGER_PRODUCTS) -> None:
    """Write ``model.onnx``, and its weights beside it.

    It gives ``vectors``, the mean of the states of each text, shape (texts, d), and ``states``,
    shape (texts, pieces, d), as the graph of any other model does, see ``export``.

    Raises:
        OSError: The folder is not writable, or the disk full.
    """
    graph = _Graph(file, accuracy)
    rows = _beginning(graph)
    for layer in range(file.shape.layers):
        rows = _layer(graph, rows, f"l{layer}")
    graph.node("Identity", [rows], "states")
    _mean(graph, "states")
    axes = {0: "texts", 1: "pieces"}
    width = file.shape.width
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "multilingual-e5-small",
            [
                _value(INPUTS[0], TensorProto.FLOAT, [*axes.values(), width]),
                _value(INPUTS[1], TensorProto.INT32, [*axes.values()]),
            ],
            [
                _value("vectors", TensorProto.FLOAT, ["texts", width]),
                _value("states", TensorProto.FLOAT, [*axes.values(), width]),
            ],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(_MICROSOFT, 1)],
        ir_version=8,
    )
    onnx.save_model(
        model,
        folder / "model.onnx",
        save_as_external_data=True,
        location="model.bin",
        size_threshold=_LARGE,
    )


def _value(name: str, kind: int, shape: Sequence[str | int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _beginning(graph: _Graph) -> str:
    """Add places and kind to the word pieces; return the name of the rows."""
    shape = graph.file.shape
    places = graph.file.plain(graph.tensors["emb.pos"]).reshape(-1, shape.width)
    kind = graph.file.plain(graph.tensors["emb.type"])[: shape.width]
    graph.constant("places", places + kind)
    for name, number in (("zero", 0), ("one", 1), ("two", 2)):
        graph.constant(name, np.array([number], np.int64))
    graph.node("Shape", [INPUTS[0]], "shape")
    graph.node("Slice", ["shape", "one", "two"], "length")
    graph.node("Slice", ["places", "zero", "length", "zero"], "places.here")
    graph.node("Add", [INPUTS[0], "places.here"], "placed")
    return graph.node(
        "LayerNormalization",
        ["placed", graph.plain("emb.ln.w"), graph.plain("emb.ln.b")],
        "begun",
        axis=-1,
        epsilon=shape.epsilon,
    )


def _layer(graph: _Graph, rows: str, name: str) -> str:
    """Add one layer; return the name of its rows."""
    shape = graph.file.shape
    parts = [f"{name}.{part}" for part in ("q", "k", "v")]
    together = graph.product(rows, shape.width, *(f"{part}.w" for part in parts))
    graph.nodes.append(helper.make_node("Split", [together], parts, f"{name}.split", axis=-1))
    attended = graph.node(
        "MultiHeadAttention",
        [*parts, graph.plain(*(f"{part}.b" for part in parts)), INPUTS[1]],
        f"{name}.attended",
        _MICROSOFT,
        num_heads=shape.heads,
    )
    rows = _joined(graph, rows, graph.product(attended, shape.width, f"{name}.ao.w"), name, "a")
    inner = graph.product(rows, shape.width, f"{name}.fi.w")
    inner = graph.node(
        "BiasGelu", [inner, graph.plain(f"{name}.fi.b")], f"{name}.inner", _MICROSOFT
    )
    return _joined(graph, rows, graph.product(inner, shape.inner, f"{name}.fo.w"), name, "o")


def _joined(graph: _Graph, rows: str, more: str, layer: str, part: str) -> str:
    """Add what a part of a layer made of rows to them, at unit variance."""
    bias = graph.plain(f"{layer}.{'ao' if part == 'a' else 'fo'}.b")
    norm = [graph.plain(f"{layer}.{part}ln.{kind}") for kind in ("w", "b")]
    return graph.node(
        "SkipLayerNormalization",
        [more, rows, *norm, bias],
        f"{layer}.{part}.rows",
        _MICROSOFT,
        epsilon=graph.file.shape.epsilon,
    )


def _mean(graph: _Graph, states: str) -> None:
    """Add the mean of the states of each text, padding left out: ``vectors``."""
    graph.node("Cast", [INPUTS[1]], "counted", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["counted", "two"], "weights")
    graph.node("Mul", [states, "weights"], "kept")
    graph.node("ReduceSum", ["kept", "one"], "sums", keepdims=0)
    graph.node("ReduceSum", ["counted", "one"], "lengths", keepdims=1)
    graph.node("Div", ["sums", "lengths"], "vectors")
