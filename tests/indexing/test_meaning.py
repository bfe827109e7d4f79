"""Builds that take long: notes are found by words first, then read by meaning round by round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder, write_model
from indexes import PYTORCH, TOOLS, Case, PassageEncoder, contents, ready

from assistant.answering.answer import ask
from assistant.embedding import Embedding
from assistant.indexing import build, meaning, up_to_date
from assistant.indexing.build import Until
from assistant.indexing.up_to_date import Report
from assistant.records import Source
from assistant.results import Answer
from assistant.search.searcher import Searcher
from assistant.store import Index, integrity
from assistant.store.snapshot import Snapshot

pytestmark = pytest.mark.usefixtures("without_calibration")

NOTES = {
    "2023.md": "---\ndate: 2023-05-01\n---\n# Old\n\n## Boiler\n\nThe boiler was serviced.\n",
    "2024.md": "---\ndate: 2024-05-01\n---\n# Newer\n\n## Boiler\n\nThe boiler leaks.\n",
    "2025.md": "---\ndate: 2025-05-01\n---\n# New\n\n## Roof\n\nThe roof was mended.\n",
    "pytorch.md": PYTORCH,
    "tools.md": TOOLS,
}


class StoppedError(Exception):
    """Somebody pressed Ctrl-C."""


class StoppingEncoder(PassageEncoder):
    """Is stopped after some passages."""

    most = 10**9

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Yield embeddings until it is stopped."""
        for found in super().encode_passages(texts):
            if len(self.encoded) > self.most:
                raise StoppedError
            yield found


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything takes long, and is committed after every two texts."""
    monkeypatch.setattr(meaning, "LONG_SECONDS", 0.0)
    monkeypatch.setattr(meaning, "ROUND_SECONDS", 0.0)
    monkeypatch.setattr(meaning, "ROUND_COSTS", 0.0)
    monkeypatch.setattr(meaning, "AT_ONCE", 2)
    monkeypatch.setattr(meaning, "SAVED_EVERY", 1)


def noted(folder: Path) -> Case:
    """Notes of several years, without an index."""
    case = Case(folder, StoppingEncoder())
    for path, text in NOTES.items():
        case.write(path, text)
    return case


def built(case: Case, until: Until = "read", **more: Any) -> Report:  # noqa: ANN401 # as build takes
    """Build as far as is asked for."""
    return build.build(
        case.index,
        [Source(case.notes)],
        case.model,
        until=until,
        open_encoder=lambda: case.encoder,
        **more,
    )


def answer(case: Case, question: str) -> Answer:
    """Ask the index as it is."""
    searcher = Searcher(case.index, ready(FakeEncoder(case.encoder.card)))
    try:
        return ask(searcher, question)
    finally:
        searcher.close()


def everything(index: Path) -> dict[str, Any]:
    """All that an index says, with its map, its centroids and the bytes of its vectors."""
    with Snapshot(index) as snapshot:
        dense = (index / snapshot.manifest.dense).read_bytes()
        told = {
            "map": snapshot.query("SELECT entry, x, y FROM map ORDER BY entry"),
            "plane": snapshot.query("SELECT vectors, content FROM plane"),
            "centroids": snapshot.query("SELECT path, centroid FROM notes ORDER BY path"),
            "rows": snapshot.query("SELECT id, entry, text_digest FROM chunks ORDER BY id"),
            "unread": snapshot.query("SELECT digest FROM unread"),
            "dense": dense,
            "sizes": (snapshot.manifest.unread, snapshot.manifest.by_words),
        }
    return told | contents(index)


def faults(index: Path) -> list[str]:
    """What is wrong with an index."""
    with Snapshot(index) as snapshot:
        return [*integrity.faults(snapshot), *snapshot.engine.faults("vectors")]


def test_what_is_read_in_rounds_is_as_if_read_at_once(
    tmp_path: Path, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one build or in many: to the row, the vectors to the byte."""
    one, many = noted(tmp_path), Case(tmp_path, StoppingEncoder())
    many.index = tmp_path / "many"
    report = built(one)
    assert report.embedded == report.manifest.chunks
    assert report.manifest.generation > 3
    while built(many, "round").manifest.unread:
        pass
    with monkeypatch.context() as patch:
        patch.setattr(meaning, "LONG_SECONDS", 1e9)
        whole = Case(tmp_path, StoppingEncoder())
        whole.index = tmp_path / "whole"
        assert built(whole).manifest.generation == 1
    assert everything(one.index) == everything(whole.index)
    assert everything(many.index) == everything(whole.index)


def test_each_round_is_whole(tmp_path: Path, slow: None) -> None:
    """Every generation is sound, answers, says how much is read, and reads more than the last."""
    case = noted(tmp_path)
    report = built(case, "words")
    assert case.encoder.encoded == []
    shares = []
    while True:
        assert faults(case.index) == []
        found = answer(case, "when did the roof get mended")
        assert found.results[0].note == "2025.md"
        assert found.read == report.manifest.share_read
        shares.append(found.read)
        if not report.manifest.unread:
            break
        report = built(case, "round")
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(set(shares))


def test_newest_notes_are_read_first(tmp_path: Path, slow: None) -> None:
    """By the dates that they say, so that what one works on is read by meaning soon."""
    case = noted(tmp_path)
    built(case, "words")
    built(case, "round")
    assert any("roof was mended" in text for text in case.encoder.encoded)
    assert not any("was serviced" in text for text in case.encoder.encoded)


def test_words_alone_are_never_sure(tmp_path: Path, slow: None) -> None:
    """The verdict is at most `weak` until half is read, and `none` where the notes know no word."""
    case = noted(tmp_path)
    built(case, "words")
    assert answer(case, "the boiler was serviced").verdict == "weak"
    assert answer(case, "quantum chromodynamics lattice").verdict == "none"


def test_no_text_is_embedded_twice(tmp_path: Path, slow: None) -> None:
    """Also where a build is stopped before it commits: the next one begins with that commit."""
    case = noted(tmp_path)
    built(case, "words")
    assert isinstance(case.encoder, StoppingEncoder)
    case.encoder.most = 5
    with pytest.raises(StoppedError):
        built(case)
    assert faults(case.index) == []
    case.encoder.most = 10**9
    report = built(case)
    assert report.manifest.unread == 0
    # The text at which it was stopped was embedded in vain.
    assert len(case.encoder.encoded) == len({*case.encoder.encoded}) + 1
    assert faults(case.index) == []


def test_an_index_that_waits_is_not_up_to_date(tmp_path: Path, slow: None) -> None:
    """Though no note has changed."""
    case = noted(tmp_path)
    built(case, "words")
    sources = [Source(case.notes)]
    assert up_to_date.manifest(case.index, sources, case.model, True) is None
    built(case)
    assert up_to_date.manifest(case.index, sources, case.model, True) is not None


def test_an_edit_comes_in_while_others_wait(tmp_path: Path, slow: None) -> None:
    """A question takes its note in by meaning, and leaves the others; the end is the same."""
    case = noted(tmp_path)
    built(case, "words")
    case.edit("2023.md", "was serviced", "was replaced by a heat pump")
    case.write("2026.md", "# Latest\n\nThe cellar is dry.\n")
    (case.notes / "2024.md").unlink()
    report = built(case, most_seconds=10.0)
    assert 0 < report.embedded < report.manifest.chunks
    assert report.manifest.unread
    assert faults(case.index) == []
    assert answer(case, "heat pump").results[0].note == "2023.md"
    built(case)
    fresh = Case(tmp_path, StoppingEncoder())
    fresh.index = tmp_path / "fresh"
    built(fresh)
    assert contents(case.index) == contents(fresh.index)


def test_an_index_that_answers_stays_till_another_is_read(tmp_path: Path, slow: None) -> None:
    """A full build has no words-first generation, since the old one knows more."""
    case = noted(tmp_path)
    built(case)
    with Index(case.index).snapshot() as before:
        generation = before.manifest.generation
    write_model(case.model)
    report = built(case, full=True)
    assert report.manifest.generation == generation + 1


def test_a_small_build_is_one_generation(tmp_path: Path) -> None:
    """Nobody waits long for it."""
    assert built(noted(tmp_path), "words").manifest.generation == 1


def test_a_first_question_waits_for_the_newest_notes(
    tmp_path: Path, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are; the next build takes the others in, and the end is the same."""
    case = noted(tmp_path)
    monkeypatch.setattr(meaning, "FIRST_NOTES", 2)
    report = built(case, "words")
    assert (report.manifest.notes, report.manifest.read) == (2, 0)
    assert answer(case, "list files").results[0].note == "tools.md"
    assert not answer(case, "the boiler was serviced").results
    assert built(case).manifest.notes == len(NOTES)
    assert faults(case.index) == []
    fresh = Case(tmp_path, StoppingEncoder())
    fresh.index = tmp_path / "fresh"
    built(fresh)
    assert contents(case.index) == contents(fresh.index)
