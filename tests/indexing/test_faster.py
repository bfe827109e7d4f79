"""Builds on another processor: large ones ask for it, small ones do not, and both tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fakes import FakeEncoder
from indexes import Case, contents

from assistant.embedding import Embedding, Encoder, Passages
from assistant.indexing import build, meaning, pace
from assistant.indexing.up_to_date import Report
from assistant.records import Source

pytestmark = pytest.mark.usefixtures("without_calibration")


class Counting:
    """Another processor, which tells how many texts it embeds of builds of how many."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.builds: list[int] = []
        self.encoder = FakeEncoder()
        self.told = ""

    def for_many(self, encoder: Encoder, count: int) -> Passages:
        """Return itself for more texts than it leaves to the CPU."""
        self.builds.append(count)
        return self if count > self.most else encoder

    def encode_passages(self, texts: Sequence[str]) -> Iterator[tuple[int, Embedding]]:
        """Embed as the CPU does."""
        self.told = "embedded"
        return self.encoder.encode_passages(texts)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A note of eight chunks."""
    found = Case(tmp_path)
    found.write("parts.md", "# Parts\n\n" + "".join(f"## {n}\n\npart {n}\n\n" for n in range(7)))
    return found


def built(case: Case, faster: Counting) -> Report:
    """Build with another processor at hand."""
    return build.build(
        case.index,
        [Source(case.notes)],
        case.model,
        open_encoder=lambda: case.encoder,
        faster=faster,
    )


def test_large_builds_are_embedded_elsewhere_and_edits_are_not(case: Case, tmp_path: Path) -> None:
    """The index is the same, the report tells of it, and the next edit stays on the CPU."""
    other = Counting(most=3)
    report = built(case, other)

    assert (report.embedded, report.processor) == (8, "embedded")
    assert (len(other.encoder.encoded), case.encoder.encoded) == (8, [])
    alone = tmp_path / "alone"
    case.build(index=alone)
    assert contents(case.index) == contents(alone)

    case.encoder.encoded.clear()
    case.edit("parts.md", "part 3", "another part 3")
    other = Counting(most=3)
    assert (built(case, other).processor, other.builds) == ("", [1])
    assert len(case.encoder.encoded) == 1


def test_its_pace_is_not_the_models(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question, which embeds on the CPU, would take in more than it has time for."""
    kept: list[int] = []
    monkeypatch.setattr(pace, "keep", lambda _, pieces, *__, **___: kept.append(pieces))
    built(case, Counting(most=3))
    assert kept == []

    case.edit("parts.md", "part 3", "another part 3")
    built(case, Counting(most=3))
    assert len(kept) == 1


def test_rounds_count_as_one_build(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each round asks for the processor of all texts that wait, not of its own few."""
    monkeypatch.setattr(meaning, "LONG_SECONDS", 0.0)
    monkeypatch.setattr(meaning, "ROUND_SECONDS", 0.0)
    monkeypatch.setattr(meaning, "ROUND_COSTS", 0.0)
    monkeypatch.setattr(meaning, "AT_ONCE", 2)
    other = Counting(most=3)
    built(case, other)

    assert other.builds == [8] * 4
    assert (len(other.encoder.encoded), case.encoder.encoded) == (8, [])
