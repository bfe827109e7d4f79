"""Texts to vectors and token states: the model, and what is computed of it.

background    The model opened by a thread
bert_graph    The ONNX graph of a BERT that embeds sentences, written without torch
carried       The default model as it is carried: its graph by this package, its weights by another
encoder       What a model does for the rest of the program: texts to vectors and token states
export        From a configured model to the folder that ``onnx_encoder`` opens
folding       Characters that a model does not know, in the form in which it may know them
maxsim        Late interaction: each word piece of a question looks for its best partner in a chunk
multilingual  The encoder of other languages, a package within this one
model         Which model is configured: where its files lie, and what identifies it
onnx_encoder  The encoder of every day: one ONNX Runtime session, without torch
probes        Questions of many fields that one person's notes usually do not answer
speed         How texts become vectors faster, a package within this one
vectors       Vectors of texts: their types, and what stands for several of them
layout        The map of the notes: vectors of many dimensions laid out in two
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.embedding import (
        background,
        carried,
        export,
        layout,
        maxsim,
        multilingual,
        probes,
        speed,
    )
    from assistant.embedding.background import open_encoder
    from assistant.embedding.encoder import Embedding, Encoder
    from assistant.embedding.model import (
        CARRIED,
        DEFAULT_MODEL,
        ModelCard,
        altered,
        find,
        fingerprint_files,
        folder_name,
        need_converters,
        unopenable,
    )
    from assistant.embedding.onnx_encoder import OnnxEncoder
    from assistant.embedding.speed.devices import DEVICES
    from assistant.embedding.speed.faster import Faster, Passages, Processor
    from assistant.embedding.vectors import Ids, Vectors, centroid, means, packed, unpacked

__all__ = [
    "CARRIED",
    "DEFAULT_MODEL",
    "DEVICES",
    "Embedding",
    "Encoder",
    "Faster",
    "Ids",
    "ModelCard",
    "OnnxEncoder",
    "Passages",
    "Processor",
    "Vectors",
    "altered",
    "background",
    "carried",
    "centroid",
    "export",
    "find",
    "fingerprint_files",
    "folder_name",
    "layout",
    "maxsim",
    "means",
    "multilingual",
    "need_converters",
    "open_encoder",
    "packed",
    "probes",
    "speed",
    "unopenable",
    "unpacked",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "background": ["open_encoder"],
        "encoder": ["Embedding", "Encoder"],
        "model": [
            "CARRIED",
            "DEFAULT_MODEL",
            "ModelCard",
            "altered",
            "find",
            "fingerprint_files",
            "folder_name",
            "need_converters",
            "unopenable",
        ],
        "onnx_encoder": ["OnnxEncoder"],
        "speed.devices": ["DEVICES"],
        "speed.faster": ["Faster", "Passages", "Processor"],
        "vectors": ["Ids", "Vectors", "centroid", "means", "packed", "unpacked"],
    },
    modules=(
        "background",
        "carried",
        "export",
        "layout",
        "maxsim",
        "multilingual",
        "probes",
        "speed",
    ),
)
