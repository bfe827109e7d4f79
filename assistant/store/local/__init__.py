"""The engine that lies in the index folder itself: SQLite's full-text search, and FAISS.

checksums     The sums that end a file of vectors, by which damage is noticed
engine        Both behind the interface of ``store.engine``
fts5          Terms to the queries of FTS5, SQLite's full-text search
map_points    Where entries lie on the map, as a build writes it
multilingual  What the encoder of other languages made of notes, beside the model's vectors
vector_index  The dense index: FAISS over chunk vectors, exact while that is fast
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.store.local import multilingual, vector_index
    from assistant.store.local.engine import LocalEngine

__all__ = ["LocalEngine", "multilingual", "vector_index"]

__getattr__ = faces.lazily(
    __name__, {"engine": ["LocalEngine"]}, modules=("multilingual", "vector_index")
)
