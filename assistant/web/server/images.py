"""Images of the notes folders, for the page alone.

The page names an image by an address with a proof that only this process can make. What the proof
is of, a folder of notes and a file below it, is looked at again when the image is asked for.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode

PATH = "/note-image"

LARGEST = 32 << 20
"""Bytes of an image that is sent."""

TYPES = {
    ".apng": "image/apng",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}

BESIDE = ("", "assets", "attachments", "images", "img", "media", "_resources", "resources")
"""Folders in which programs for notes keep the images of the notes beside them."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""Of an image that is opened by itself: one in SVG may hold scripts."""

_KEY = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class Image:
    """An image as it is sent."""

    type: str
    content: bytes


def address(root: Path, note: Path, name: str) -> str:
    """Return the address of an image that a note shows; "" where there is no such image.

    Args:
        root: The folder of notes, absolute.
        note: The note below it.
        name: Path of the image from the note or from the root, or its name alone.
    """
    for folder in dict.fromkeys((note.parent, root)):
        for beside in BESIDE:
            file = folder / beside / name.lstrip("/")
            if (found := _within(root, file)) is not None:
                inside = found.relative_to(root.resolve()).as_posix()
                query = urlencode({"in": str(root), "file": inside})
                return f"{PATH}?{query}&proof={_proof(query)}"
    return ""


def read(query: str) -> Image | None:
    """Return the image of an address that ``address`` returned; None for any other.

    Args:
        query: What is behind the question mark.
    """
    told, _, proof = query.rpartition("&proof=")
    if not hmac.compare_digest(proof.encode(), _proof(told).encode()):
        return None
    fields = parse_qs(told)
    root = Path(fields["in"][0])
    file = _within(root, root / fields["file"][0])
    if file is None:
        return None
    try:
        return Image(TYPES[file.suffix.lower()], file.read_bytes())
    except OSError:
        return None


def _proof(query: str) -> str:
    return hmac.digest(_KEY, query.encode(), "sha256").hex()


def _within(root: Path, file: Path) -> Path | None:
    """Return the file if it is an image below the folder, links followed, and not too large."""
    if file.suffix.lower() not in TYPES:
        return None
    try:
        found = file.resolve(strict=True)
        inside = found.relative_to(root.resolve())
        if not found.is_file() or found.stat().st_size > LARGEST:
            return None
    except (OSError, RuntimeError, ValueError):  # there is none, a loop of links, or it is outside
        return None
    hidden = any(part.startswith(".") for part in inside.parts)
    return None if hidden or found.suffix.lower() not in TYPES else found
