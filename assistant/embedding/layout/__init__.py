"""The map of the notes: vectors of many dimensions laid out in two. Pure.

neighbours  The nearest of each of some vectors
placing     Where what is new belongs: among what it is nearest to
regions     Where points lie close together, as the hills of their density
repulsion   How points push each other apart, summed on a grid
tsne        Where vectors lie, so that near ones lie near
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.embedding.layout import placing, regions, tsne

__all__ = ["placing", "regions", "tsne"]

__getattr__ = faces.lazily(__name__, {}, modules=("placing", "regions", "tsne"))
