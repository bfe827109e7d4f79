"""Tests of builds whose texts others embed: nothing is lost, and nothing doubled."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from indexes import PYTORCH, TOOLS, Case, contents
from milvus_server import MilvusServer
from typer.testing import CliRunner

from assistant import left_out
from assistant.cli import app
from assistant.embedding import maxsim
from assistant.embedding.model import DEFAULT_MODEL
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.engine_address import IndexPlace
from assistant.errors import IndexUnusableError, ModelUnavailableError, UsageError
from assistant.indexing import build, meaning
from assistant.indexing.up_to_date import Report
from assistant.indexing.workers import batches
from assistant.indexing.workers.batches import Batch, Batches
from assistant.indexing.workers.worker import Task, Worker
from assistant.records import Source
from assistant.store import EmbeddedText, copy


class LostError(Exception):
    """All workers are gone."""


class SomeWorkers:
    """Embed in this process, a few texts at a time, by a fake encoder; and are lost after some."""

    def __init__(self, case: Case, most: int = 10**9) -> None:
        self._case = case
        self._most = most
        self.tasks: list[Task] = []

    def embed(
        self, texts: Mapping[str, str], task: Task
    ) -> Iterator[tuple[Batch, list[EmbeddedText]]]:
        """Yield batches of two texts."""
        self.tasks.append(task)
        digests = list(texts)
        for at in range(0, len(digests), 2):
            if at >= self._most:
                raise LostError
            some = {digest: texts[digest] for digest in digests[at : at + 2]}
            encoder = self._case.encoder
            made = [
                EmbeddedText(
                    list(some)[i],
                    found.vector,
                    maxsim.pack(found.states, encoder.projection) if task.states else None,
                )
                for i, found in encoder.encode_passages(list(some.values()))
            ]
            if task.keep:
                pickle.loads(pickle.dumps(task)).keep(made)  # as on another machine
                made = []
            yield Batch(some), made


def noted(folder: Path) -> Case:
    """Two notes without an index."""
    case = Case(folder)
    case.write("pytorch.md", PYTORCH)
    case.write("tools.md", TOOLS)
    return case


def built(
    case: Case,
    workers: SomeWorkers,
    place: IndexPlace | None = None,
    **more: Any,  # noqa: ANN401 # as build takes
) -> Report:
    """Build with workers."""
    return build.build(
        place or case.index,
        [Source(case.notes)],
        case.model,
        open_encoder=lambda: case.encoder,
        workers=workers,
        **more,
    )


@given(st.lists(st.text("ab", max_size=12), max_size=30), st.integers(1, 5), st.integers(1, 20))
def test_every_text_is_in_one_batch(texts: list[str], most: int, characters: int) -> None:
    """No batch is empty or has too many texts, and no text is longer than one dealt out before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "BATCH_TEXTS", most)
        patch.setattr(batches, "BATCH_CHARACTERS", characters)
        named = {str(i): text for i, text in enumerate(texts)}
        dealt = Batches(named)
        taken = [dealt.take().texts for _ in range(len(dealt))]

    assert not dealt
    assert all(1 <= len(batch) <= most for batch in taken)
    assert sorted(item for batch in taken for item in batch.items()) == sorted(named.items())
    lengths = [len(text) for batch in taken for text in batch.values()]
    assert lengths == sorted(lengths, reverse=True)
    assert all(sum(map(len, list(batch.values())[:-1])) < characters for batch in taken)


def test_what_is_lost_is_dealt_out_next_and_not_for_ever() -> None:
    """A batch goes to other workers; one that ends them all is given up."""
    dealt = Batches({"a": "text"})
    for again in (True, True, False):
        assert dealt.lost(dealt.take()) is again
    assert dealt.take() == Batch({"a": "text"}, batches.MOST_LOSSES)


@pytest.mark.usefixtures("without_calibration")
def test_an_index_is_the_same_whoever_embeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is read before it is found, however long it takes; a second build asks nobody."""
    monkeypatch.setattr(meaning, "LONG_SECONDS", 0.0)
    told: list[tuple[str, int, int]] = []
    case, alone = noted(tmp_path), tmp_path / "alone"
    workers = SomeWorkers(case)
    report = built(case, workers, progress=lambda *stage: told.append(stage))
    monkeypatch.setattr(meaning, "LONG_SECONDS", float("inf"))
    case.build(index=alone)

    assert report.manifest.unread == 0
    assert contents(case.index) == contents(alone)
    card = case.encoder.card
    assert workers.tasks == [Task(card.name, card.fingerprint)]
    embedding = [stage[1:] for stage in told if stage[0] == "embedding"]
    assert embedding[0][0] == 0
    assert embedding == sorted(embedding)
    assert embedding[-1] == (report.pieces, report.pieces)
    assert built(case, workers).embedded == 0
    assert len(workers.tasks) == 1


@pytest.mark.usefixtures("without_calibration")
def test_a_build_goes_on_from_where_all_workers_were_lost(tmp_path: Path) -> None:
    """What came back before is not embedded again."""
    case, alone = noted(tmp_path), tmp_path / "alone"
    with pytest.raises(LostError):
        built(case, SomeWorkers(case, most=2))
    assert len(case.encoder.encoded) == 2
    built(case, SomeWorkers(case))
    encoded = list(case.encoder.encoded)
    case.build(index=alone)

    assert contents(case.index) == contents(alone)
    assert len(encoded) == len(set(encoded))
    assert sorted(case.encoder.encoded[len(encoded) :]) == sorted(encoded)


@pytest.mark.usefixtures("without_calibration")
def test_on_a_server_the_workers_write_themselves(tmp_path: Path, milvus: MilvusServer) -> None:
    """What they keep is what the build then finds, and nothing comes back to it."""
    case, alone, copied = noted(tmp_path), tmp_path / "alone", tmp_path / "copied"
    address = milvus.address("workers", "mine")
    report = built(case, SomeWorkers(case), address)
    copy(address, copied)
    case.build(index=alone)

    assert report.embedded == report.manifest.chunks
    assert contents(copied) == contents(alone)


def test_a_worker_makes_what_this_process_would(encoder: OnnxEncoder) -> None:
    """It gives vectors and states back, or keeps them itself."""
    texts = {"a": "## Boil an egg\n\nSeven minutes.", "b": "Free memory by `del`."}
    task = Task(DEFAULT_MODEL, encoder.card.fingerprint)
    made = {found.digest: found for found in Worker(task).embed(texts)}
    wanted = dict(encoder.encode_passages(list(texts.values())))

    assert made.keys() == texts.keys()
    for i, digest in enumerate(texts):
        assert np.allclose(made[digest].vector, wanted[i].vector, atol=1e-6)
        assert made[digest].states == maxsim.pack(wanted[i].states, encoder.projection)
    kept: list[EmbeddedText] = []
    assert Worker(replace(task, states=False, keep=kept.extend)).embed(texts) == []
    assert {(found.digest, found.states) for found in kept} == {("a", None), ("b", None)}


def test_a_node_with_another_model_or_version_is_refused(encoder: OnnxEncoder) -> None:
    """Its vectors would not belong to the others."""
    task = Task(DEFAULT_MODEL, encoder.card.fingerprint)
    for wrong, cause in (
        (replace(task, fingerprint="other"), "another model under the name 'all-MiniLM-L6-v2'"),
        (replace(task, version="0.0"), "version"),
    ):
        with pytest.raises(ModelUnavailableError) as caught:
            Worker(wrong).embed({"a": "text"})
        assert cause in caught.value.cause


def test_workers_have_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not one is refused, and where Ray is not installed it is told what to install."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("# A\n\nText.\n")
    command = ["--index", str(tmp_path / "index"), "build", str(tmp_path / "notes"), "--workers"]
    told = CliRunner().invoke(app.app, [*command, "spark"])
    assert isinstance(told.exception, UsageError)
    assert "'spark' is not where workers are" in told.exception.cause
    monkeypatch.setattr(left_out, "WORKERS", left_out.Part("a build by workers", ("no-ray",)))
    told = CliRunner().invoke(app.app, [*command, "ray"])
    assert isinstance(told.exception, UsageError)
    assert "pip install no-ray" in told.exception.remedy


@pytest.mark.cluster
def test_a_node_that_is_lost_takes_no_text_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: OnnxEncoder
) -> None:
    """A cluster of two loses one while it embeds: all is embedded, once, as on one machine."""
    ray_cluster = pytest.importorskip("assistant.indexing.workers.ray_cluster")
    utilities = pytest.importorskip("ray.cluster_utils")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setattr(batches, "BATCH_TEXTS", 2)
    cluster = utilities.Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    texts = {f"{i}": f"Text number {i}, and what it is about: {i % 7}." for i in range(60)}
    task = Task(DEFAULT_MODEL, encoder.card.fingerprint)
    came: list[str] = []
    try:
        with ray_cluster.RayWorkers() as workers:
            for batch, made in workers.embed(texts, task):
                assert [*batch.texts] == sorted(batch.texts, key=[m.digest for m in made].index)
                came += batch.texts
                if len(came) == 10:
                    cluster.remove_node(nodes[0], allow_graceful=False)
    finally:
        cluster.shutdown()

    assert sorted(came) == sorted(texts)


@pytest.mark.cluster
def test_a_cluster_that_is_not_there_is_told(tmp_path: Path, encoder: OnnxEncoder) -> None:
    """With where it was looked for."""
    ray_cluster = pytest.importorskip("assistant.indexing.workers.ray_cluster")
    task = Task(DEFAULT_MODEL, encoder.card.fingerprint)
    with (
        ray_cluster.RayWorkers("ray://127.0.0.1:1") as workers,
        pytest.raises(IndexUnusableError, match=r"ray://127\.0\.0\.1:1"),
    ):
        list(workers.embed({"a": "text"}, task))
