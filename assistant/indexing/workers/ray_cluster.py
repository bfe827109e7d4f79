"""Workers on the nodes of a Ray cluster, one a core.

A worker is an actor of Ray, so that each opens the model once. Which texts it has is decided here,
and not by Ray: a batch that is lost with a node goes to another worker, and what a cluster gains in
nodes meanwhile gets workers, too.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import chdir
from types import TracebackType
from typing import Any, Self
from warnings import catch_warnings, simplefilter

import ray
from ray.exceptions import (
    GetTimeoutError,
    ObjectLostError,
    RayActorError,
    RayError,
    RayTaskError,
    WorkerCrashedError,
)

from assistant import own_python
from assistant.errors import AssistantError, IndexUnusableError
from assistant.indexing.workers.batches import Batch, Batches
from assistant.indexing.workers.worker import Task, Worker
from assistant.store import EmbeddedText

NAMED = "ray"
"""The cluster that RAY_ADDRESS names, else one of this machine's cores alone."""

AHEAD = 2
"""Batches that a worker has, so that it need not wait for the next one."""

LOOK_SECONDS = 5.0
"""Seconds after which to look whether the cluster has grown."""

START_SECONDS = 180.0
"""Seconds without a single worker after which to give up: a machine that swaps starts one in a
minute."""

STORE_BYTES = 200_000_000
"""Memory that Ray shares between the processes of one machine: what is on its way is far less."""


class RayWorkers:
    """Workers of a cluster, which is joined, or begun, when there is something to embed."""

    def __init__(self, address: str = NAMED) -> None:
        """Take the address of a cluster.

        Args:
            address: ``ray``, see ``NAMED``, or ``ray://HOST:PORT`` of a cluster elsewhere.
        """
        self._address = address
        self._is_joined = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_joined:
            ray.shutdown()
            self._is_joined = False

    def embed(
        self, texts: Mapping[str, str], task: Task
    ) -> Iterator[tuple[Batch, list[EmbeddedText]]]:
        """Embed texts as ``Workers`` do; the cluster is joined first."""
        self._join()
        crew = _Crew(task, self._address)
        batches = Batches(texts)
        try:
            while batches or crew.is_busy:
                crew.grow(len(batches))
                crew.deal(batches)
                yield from crew.done(batches)
        finally:
            crew.dismiss()

    def _join(self) -> None:
        """Join the cluster, or begin one.

        Raises:
            IndexUnusableError: It cannot be reached.
        """
        if self._is_joined:
            return
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        where = os.environ.get("RAY_ADDRESS", "") if self._address == NAMED else self._address
        alone = {"include_dashboard": False, "object_store_memory": STORE_BYTES}
        given: dict[str, Any] = {"address": where} if where else {"address": "local", **alone}
        try:
            # Ray would put the working folder on the path of the workers: it is anybody's.
            with own_python.safe_children(), chdir(own_python.PACKAGES), catch_warnings():
                simplefilter("ignore")  # what it warns of is told as an error of ours
                ray.init(log_to_driver=False, logging_level=logging.ERROR, **given)
        except (ConnectionError, OSError, RuntimeError, ValueError, RayError) as error:
            raise IndexUnusableError(
                f"there is no Ray cluster at {where or 'this machine'}: {_first_line(error)}",
                "start one with `ray start --head`, or build without --workers",
            ) from error
        self._is_joined = True


class _Crew:
    """The workers of one build, and the batches that each has."""

    def __init__(self, task: Task, address: str) -> None:
        self._address = address
        self._task = ray.put(task)
        self._class: Any = ray.remote(Worker)
        self._starting: dict[Any, Any] = {}
        """Workers by what they answer when they have started."""
        self._ready: dict[Any, int] = {}
        """Workers with how many batches each has."""
        self._running: dict[Any, tuple[Any, Batch]] = {}
        """Workers and their batches, by what they answer."""
        self._looked = float("-inf")
        self._alive = time.monotonic()
        """When there was a worker last."""

    @property
    def is_busy(self) -> bool:
        """Whether any batch is with a worker."""
        return bool(self._running)

    def grow(self, batches: int) -> None:
        """Start a worker for each core of the cluster that has none, as far as there is work."""
        now = time.monotonic()
        if self._ready:
            self._alive = now
        elif now - self._alive > START_SECONDS:
            raise IndexUnusableError(
                f"no worker has started in the Ray cluster ({self._address}) for"
                f" {START_SECONDS:.0f} seconds",
                "see `ray status` there; a build goes on from where it was",
            )
        if now - self._looked < LOOK_SECONDS and (self._ready or self._starting):
            return
        self._looked = now
        resources: Any = ray.cluster_resources  # Ray has no type for it
        told = resources()
        cores = int(told.get("CPU", 0))
        wanted = min(cores, batches) - len(self._ready) - len(self._starting)
        for _ in range(wanted):
            actor = self._class.options(num_cpus=1, scheduling_strategy="SPREAD").remote(self._task)
            self._starting[actor.ready.remote()] = actor

    def deal(self, batches: Batches) -> None:
        """Give batches to those who have the fewest."""
        for has in range(AHEAD):
            for worker in [one for one, count in self._ready.items() if count == has]:
                if not batches:
                    return
                batch = batches.take()
                self._running[worker.embed.remote(dict(batch.texts))] = worker, batch
                self._ready[worker] += 1

    def done(self, batches: Batches) -> Iterator[tuple[Batch, list[EmbeddedText]]]:
        """Wait for what is done next, and yield it; what is lost goes back to the batches."""
        answers = [*self._running, *self._starting]
        finished, _ = ray.wait(answers, num_returns=1, timeout=LOOK_SECONDS) if answers else ([], 0)
        for answer in finished:
            try:
                found = ray.get(answer, timeout=START_SECONDS)
            except RayTaskError as error:
                if isinstance(error.cause, AssistantError):
                    raise error.cause from None
                raise
            except (RayActorError, WorkerCrashedError, ObjectLostError, GetTimeoutError) as error:
                self._lose(answer, batches, error)
                continue
            if answer in self._starting:
                self._ready[self._starting.pop(answer)] = 0
            elif answer in self._running:  # else its worker was lost with another one
                worker, batch = self._running.pop(answer)
                self._ready[worker] -= 1
                yield batch, found

    def _lose(self, answer: Any, batches: Batches, error: RayError) -> None:  # noqa: ANN401 # Ray's
        """Take back what a lost worker had."""
        if answer in self._starting:
            del self._starting[answer]
            return
        if answer not in self._running:
            return
        lost, _ = self._running[answer]
        self._ready.pop(lost, None)
        for other in [ref for ref, (worker, _) in self._running.items() if worker is lost]:
            _, batch = self._running.pop(other)
            if not batches.lost(batch):
                raise IndexUnusableError(
                    f"the same {len(batch.texts)} texts were with {batch.losses + 1} workers of the"
                    f" Ray cluster ({self._address}) that ended: {_first_line(error)}",
                    "see their logs there, and whether they have memory enough",
                ) from error

    def dismiss(self) -> None:
        """End the workers: a cluster elsewhere goes on without them."""
        for worker in [*self._ready, *self._starting.values()]:
            ray.kill(worker)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def opened(address: str) -> RayWorkers:
    """Return the workers of an address, see ``RayWorkers``."""
    return RayWorkers(address)
