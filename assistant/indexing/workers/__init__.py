"""Texts embedded on many cores and machines at once, by Ray.

batches      How texts are dealt out: what is lost is dealt out again. Pure
ray_cluster  Workers on the nodes of a Ray cluster, one a core
worker       What a worker does: hold the model, and make of texts what an index keeps
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.indexing.workers.ray_cluster import RayWorkers, opened
    from assistant.indexing.workers.worker import Task, Worker, Workers

__all__ = ["RayWorkers", "Task", "Worker", "Workers", "opened"]

__getattr__ = faces.lazily(
    __name__, {"ray_cluster": ["RayWorkers", "opened"], "worker": ["Task", "Worker", "Workers"]}
)
