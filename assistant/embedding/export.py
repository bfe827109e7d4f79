"""From a configured model to the folder that ``onnx_encoder`` opens, kept in the per-user cache.

The default model is carried with its graph; any other one sentence-transformers loads and torch
exports, once. The folder is named by the model's fingerprint. A small pointer file, named by where
the model lies and when its files changed, leads there without reading them again.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant import memory
from assistant.embedding import carried, maxsim, probes
from assistant.embedding.model import (
    CARRIED,
    REMEDY,
    ModelCard,
    find,
    fingerprint_files,
    folder_name,
    need_converters,
    no_room,
    signature,
    without_telemetry,
    write_sums,
)
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.embedding.vectors import Vectors
from assistant.errors import ModelUnavailableError
from assistant.own_python import safe_children
from assistant.user_folders import cache_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


UNFINISHED = ".export-"
"""How the names of folders begin that an export is written to."""

ABANDONED_SECONDS = 3600
"""Age of such a folder after which its export must have been stopped."""


def leftovers() -> list[Path]:
    """Return the folders of exports that are not done: under way, or stopped."""
    return sorted((cache_folder() / "models").glob(f"{UNFINISHED}*"))


def delete_abandoned() -> None:
    """Delete the folders of exports that were stopped; one under way is younger."""
    for left in leftovers():
        with suppress(OSError):  # another process was faster
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def exported(model: str, *, fetch: bool = True) -> Path:
    """Return the folder of the exported model, exporting it if that was not done before.

    Args:
        model: One of ``model.CARRIED``, a sentence-transformers folder, or a name on the hub.
        fetch: Fetch a name that is not in the hub's cache.

    Raises:
        ModelUnavailableError: There is no such model, it is damaged, or it cannot be exported.
    """
    if known := ready(model, fetch=fetch):
        return known
    cache = cache_folder() / "models"
    source = find(model, fetch=fetch)
    pointer = cache / "sources" / signature(source, model)
    fingerprint = fingerprint_files(source, model)
    folder = cache / folder_name(fingerprint)
    try:
        if not (folder / "card.json").exists():
            _export(model, source, fingerprint, folder)
        pointer.parent.mkdir(parents=True, exist_ok=True)
        pointer.write_text(folder.name, encoding="utf-8")
    except OSError as error:
        raise ModelUnavailableError(
            f"the exported model cannot be written to {cache}: {error.strerror}",
            "free some disk space there, or point XDG_CACHE_HOME at another folder",
        ) from error
    return folder


def ready(model: str, *, fetch: bool = True) -> Path | None:
    """Return the folder of a model exported before; None when it has to be exported.

    Args:
        model: As for ``exported``.
        fetch: As for ``exported``.

    Raises:
        ModelUnavailableError: There is no such model.
    """
    cache = cache_folder() / "models"
    try:
        pointer = cache / "sources" / signature(find(model, fetch=fetch), model)
        folder = cache / pointer.read_text(encoding="utf-8")
    except OSError:
        return None  # not exported yet, or the cache was cleared
    return folder if (folder / "card.json").exists() else None


def _export(model: str, source: Path, fingerprint: str, folder: Path) -> None:
    """Export a model beside its folder, then move it in place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    delete_abandoned()
    beside = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder.parent))
    try:
        if model in CARRIED:
            carried.write(model, source, fingerprint, beside)
        else:
            _convert(model, source, fingerprint, beside)
        np.save(beside / "projection.npy", _projection(beside))
        write_sums(beside)
        try:
            beside.rename(folder)
        except OSError:
            if not (folder / "card.json").exists():  # else another process was faster
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _convert(model: str, source: Path, fingerprint: str, folder: Path) -> None:
    """Put a model that sentence-transformers opens into a folder, by torch."""
    need_converters(model)
    with safe_children():  # for its locks tqdm has Python start itself, where it cannot fork
        transformer = _load(source)
        inputs = _write_graph(transformer, folder)
    transformer.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    prompts = transformer.prompts or {}
    ModelCard(
        name=model,
        fingerprint=fingerprint,
        dimensions=transformer.get_embedding_dimension() or 0,
        max_pieces=int(transformer.max_seq_length or 512),
        inputs=inputs,
        query_prompt=prompts.get("query") or "",
        passage_prompt=prompts.get("document") or prompts.get("passage") or "",
        lower_case=bool(getattr(transformer[0], "do_lower_case", False)),
    ).write(folder / "card.json")


def _projection(folder: Path) -> Vectors:
    """Return the projection of token states, fitted on general text so that no notes decide it."""
    texts = [question for _, _, question in probes.read() if question.isascii()]
    states = [embedding.states for _, embedding in OnnxEncoder(folder).encode_passages(texts)]
    return maxsim.fit(np.concatenate(states))


def refuse_code(source: Path) -> None:
    """Refuse a model whose files could bring code: pickled weights, or modules of its own.

    sentence-transformers itself would import any module that a model names, and unpickle the
    weights of a layer that has no others.

    Raises:
        ModelUnavailableError: It is such a model.
    """
    for path in sorted(source.rglob("pytorch_model*.bin")):
        if not any(path.parent.glob("*.safetensors")):
            raise ModelUnavailableError(
                f"{path} is a pickle, which may hold any code; only safetensors are opened", REMEDY
            )
    try:
        modules = json.loads((source / "modules.json").read_text(encoding="utf-8"))
        types = [str(module["type"]) for module in modules]
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelUnavailableError(
            f"{source} cannot be loaded: its modules.json cannot be read", REMEDY
        ) from error
    for named in types:
        if not named.startswith("sentence_transformers."):
            raise ModelUnavailableError(
                f"{source} asks for the module {named!r}; only those of sentence-transformers are"
                " run",
                REMEDY,
            )


def _load(source: Path) -> SentenceTransformer:
    """Load a model with sentence-transformers, without a network and without running its code."""
    refuse_code(source)
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    without_telemetry()
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call] # untyped there
    # Else a table of weights that a model has no use for is written to the standard error.
    logging.set_verbosity_error()  # type: ignore[no-untyped-call] # untyped there
    try:
        transformer = SentenceTransformer(
            str(source),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            # The other kinds of attention test every score for what padding cannot make of it.
            model_kwargs={"use_safetensors": True, "attn_implementation": "eager"},
        )
        has_fast_tokenizer = hasattr(transformer.tokenizer, "backend_tokenizer")
    # Loading runs through three libraries, each with errors of its own.
    except Exception as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        if memory.is_used_up(error):
            raise no_room(reason[0]) from error
        raise ModelUnavailableError(f"{source} cannot be loaded: {reason[0]}", REMEDY) from error
    if not has_fast_tokenizer:
        raise ModelUnavailableError(f"{source} has no fast tokenizer", REMEDY)
    return transformer.eval()


def _write_graph(transformer: SentenceTransformer, folder: Path) -> tuple[str, ...]:
    """Write ``model.onnx`` and its weights, optimised; return the names of its inputs."""
    import onnxruntime
    import torch

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, *values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            features: dict[str, Any] = dict(zip(inputs, values, strict=True))
            found = self.transformer(features)
            return found["sentence_embedding"], found["token_embeddings"]

    sample = transformer.preprocess(["a sample of two texts", "for the tracer"])
    known = ("input_ids", "attention_mask", "token_type_ids")
    inputs = tuple(name for name in known if name in sample)
    axes = {name: {0: "texts", 1: "pieces"} for name in (*inputs, "states")}
    plain = folder / "plain.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of every shape that it fixes
        torch.onnx.export(
            Graph(),
            tuple(sample[name] for name in inputs),
            plain,
            input_names=list(inputs),
            output_names=["vectors", "states"],
            dynamic_axes={**axes, "vectors": {0: "texts"}},
            opset_version=17,
            dynamo=False,
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # One level below the highest, whose graphs hold only for the processor that made them.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(folder / "model.onnx")
    prefix = "session.optimized_model_external_initializers"
    options.add_session_config_entry(f"{prefix}_file_name", "model.bin")
    options.add_session_config_entry(f"{prefix}_min_size_in_bytes", "1024")
    onnxruntime.InferenceSession(plain, options, providers=["CPUExecutionProvider"])
    plain.unlink()
    return inputs
