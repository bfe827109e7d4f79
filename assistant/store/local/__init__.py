"""The engine that lies in the index folder itself: SQLite's full-text search, and FAISS.

checksums     The sums that end a file of vectors, by which damage is noticed
engine        Both behind the interface of ``store.engine``
fts5          Terms to the queries of FTS5, SQLite's full-text search
vector_index  The dense index: FAISS over chunk vectors, exact while that is fast
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.store.local import vector_index
    from assistant.store.local.engine import LocalEngine

__all__ = ["LocalEngine", "vector_index"]

__getattr__ = faces.lazily(__name__, {"engine": ["LocalEngine"]}, modules=("vector_index",))
