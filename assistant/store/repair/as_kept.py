"""What earlier versions kept of texts, in the form of today, so that none is embedded anew."""

from __future__ import annotations

import numpy as np

from assistant.embedding import maxsim, packed
from assistant.store.repair.integrity import is_unit

OLD_DIMENSIONS = 64
"""Bytes of each state in indexes before version 11: a signed one for each kept dimension, none
of them -128, so that no blob begins as those of today do."""


def vector(content: bytes) -> bytes | None:
    """Return a vector as it is kept, see ``packed``; None for what is no sound one."""
    if is_unit(content):
        return content
    if len(content) % np.dtype(np.float32).itemsize:
        return None
    found = np.frombuffer(content, np.float32)  # before version 11
    again = packed(found) if np.isfinite(found).all() and np.abs(found).max(initial=0) <= 1 else b""
    return again if is_unit(again) else None


def states(content: bytes) -> bytes | None:
    """Return token states as they are kept, see ``maxsim.pack``; None for what are none."""
    if maxsim.is_packed(content):
        return content
    if len(content) % OLD_DIMENSIONS:
        return None
    old = np.frombuffer(content, np.int8).reshape(-1, OLD_DIMENSIONS).astype(np.float32)
    lengths = np.linalg.norm(old, axis=1, keepdims=True)
    return maxsim.coded(np.asarray(old / np.maximum(lengths, 1e-12), np.float32))
