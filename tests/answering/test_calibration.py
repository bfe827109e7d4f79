"""What a build asks a new index, what of it is kept, and that late interaction counts in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEncoder, unpacked
from indexes import PYTORCH, TOOLS, Case, ready, uncalibrated

import assistant.indexing.build
from assistant.answering import calibration, verdict
from assistant.answering.answer import features_of
from assistant.answering.features import matcher
from assistant.embedding import maxsim, probes
from assistant.indexing.build import build
from assistant.records import Calibration
from assistant.search.searcher import Searcher
from assistant.store.snapshot import Snapshot


def written(folder: Path, *, late_interaction: bool = True) -> Path:
    """Return the folder of an index that has no calibration of its own."""
    case = Case(folder)
    case.write("pytorch.md", PYTORCH)
    case.write("tools.md", TOOLS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assistant.indexing.build, "_calibration", uncalibrated)
        build(
            case.index,
            [case.notes],
            case.model,
            late_interaction=late_interaction,
            open_encoder=lambda: case.encoder,
        )
    return case.index


def calibrated(folder: Path, cache: Path, encoder: FakeEncoder | None = None) -> Calibration:
    """Return the calibration of an index."""
    with Snapshot(folder) as snapshot:
        return calibration.calibration(snapshot, encoder or FakeEncoder(), cache, str)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with late interaction."""
    return written(tmp_path_factory.mktemp("late"))


@pytest.fixture
def searcher(index: Path) -> Iterator[Searcher]:
    """The same, open for questions."""
    found = Searcher(index, ready(FakeEncoder()))
    yield found
    found.close()


def test_late_interaction_counts_where_the_index_has_it(index: Path, tmp_path: Path) -> None:
    """Words count by meaning, or as they are written in an index without token states."""
    plain = written(tmp_path, late_interaction=False)

    assert calibrated(index, tmp_path / "probes").measures == verdict.MEASURES
    assert calibrated(plain, tmp_path / "probes").measures == verdict.PLAIN_MEASURES


def test_probes_are_encoded_once(index: Path, tmp_path: Path) -> None:
    """A second calibration is the same, and finds the probes in the cache."""
    encoder = FakeEncoder()
    first = calibrated(index, tmp_path / "probes", encoder)
    encoded = len(encoder.encoded)
    again = calibrated(index, tmp_path / "probes", encoder)

    assert again == first
    assert len(encoder.encoded) - encoded == encoded - len(probes.read())


@pytest.mark.parametrize("content", [b"", b"PK\3\4 and no more", b"\x93NUMPY"])
def test_a_damaged_cache_is_made_anew(index: Path, tmp_path: Path, content: bytes) -> None:
    """Probes that cannot be read back are encoded again."""
    first = calibrated(index, tmp_path / "probes")
    (file,) = tmp_path.glob("probes-*.npz")
    file.write_bytes(content)

    assert calibrated(index, tmp_path / "probes") == first
    assert len(file.read_bytes()) > len(content)


def test_questions_are_kept_with_their_pieces() -> None:
    """Each question gets its own states and spans back, also one without any."""
    encoder = FakeEncoder()
    questions = ["free the GPU memory", "?", "save it"]
    asked = calibration._encoded(questions, encoder)

    for question, (states, spans) in zip(questions, asked.pieces(), strict=True):
        embedding = encoder.encode_query(question)
        assert tuple(spans) == embedding.spans
        assert states == pytest.approx(maxsim.project(embedding.states, encoder.projection))
    assert [field.name for field in fields(asked)] == ["vectors", "states", "spans", "begins"]


def test_matches_come_in_the_order_asked_for(searcher: Searcher) -> None:
    """The matcher gives a row for each chunk, as brute force over its states does."""
    query = searcher.prepare("free memory of the GPU")
    rows = [row for (row,) in searcher.snapshot.query("SELECT id FROM chunks ORDER BY id DESC")]
    found = matcher(searcher.snapshot, query.asked)(rows)
    states = searcher.snapshot.states(rows)
    expected = [
        (unpacked(states[row], query.asked.shape[1]) @ query.asked.T).max(axis=0) for row in rows
    ]

    assert len(rows) > 1
    assert found == pytest.approx(np.array(expected), abs=1e-5)


def test_a_word_that_the_notes_lack_lowers_the_match(searcher: Searcher) -> None:
    """A question whose telling word stands nowhere is matched worse than one whose words do."""

    def matched(question: str) -> float:
        query = searcher.prepare(question)
        return features_of(searcher, query, searcher.rank(query)).matched or 0.0

    assert matched("count parameters") > 0.9
    assert matched("count kubernetes") < matched("count parameters") - 0.3


def test_the_verdict_sees_the_question_unrepaired(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Word pieces of a misspelt question are compared as they were written."""
    monkeypatch.setattr(FakeEncoder, "has_word", lambda *_: False)
    query = searcher.prepare("count paramaters")

    assert query.repaired == "count parameters"
    assert [query.glossed[start:end] for start, end in query.spans] == ["count", "paramaters"]
    assert not np.allclose(query.asked, query.pieces)
    assert features_of(searcher, query, searcher.rank(query)).unknown == ("paramaters",)
