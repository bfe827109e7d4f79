"""The verdict: what the notes, the first result and its passage say to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from indexes import ready

from assistant.answering.answer import ask
from assistant.answering.judging import grounding
from assistant.answering.judging.grounding import Grounds, support
from assistant.answering.verdict import SURE
from assistant.indexing.build import build
from assistant.search.searcher import Searcher

if TYPE_CHECKING:
    from assistant.embedding.onnx_encoder import OnnxEncoder
    from assistant.results import Verdict

GOOD = Grounds(covered=1, known=1, matched=0.9, late=0.9, cosine=0.7, named=0, unread=0)
DOUBTFUL = replace(GOOD, covered=0.4, known=0.7, matched=0.55, late=0.55, cosine=0.3)
POOR = replace(GOOD, covered=0, known=0.2, matched=0.4, late=0.35, cosine=0.1)

CARE: tuple[Verdict, ...] = ("found", "weak", "none")

shares = st.floats(0, 1)
grounds = st.builds(
    Grounds,
    covered=shares,
    known=shares,
    matched=st.none() | shares,
    late=st.none() | shares,
    cosine=st.floats(-1, 1),
    named=shares,
    unread=shares,
    asks_date=st.booleans(),
    is_dated=st.booleans(),
    lacking=st.sampled_from([(), ("numpy.bool",)]),
)


def judged(some: Grounds, notes: float = 0.95, own: float = 0.9, chunks: int = 1000) -> Verdict:
    """Return the verdict where all but these grounds is sure."""
    return grounding.judged(notes, own, chunks, some)


def measured(some: Grounds, name: str, value: float) -> Grounds:
    """Return grounds of which one measure is another."""
    return replace(some, **{name: value})  # type: ignore[arg-type] # a measure is a number


def test_the_examples_are_what_they_are_called() -> None:
    """One bears an answer out, one may, one does not."""
    assert support(GOOD) >= grounding.SUPPORTED > support(DOUBTFUL) > support(POOR)


@given(grounds)
def test_support_is_a_probability(some: Grounds) -> None:
    """Whatever is measured, and where late interaction is not kept."""
    assert 0 < support(some) < 1


@given(grounds, st.sampled_from(["covered", "known", "matched", "late", "cosine"]), shares, shares)
def test_support_grows_with_each_measure(some: Grounds, name: str, one: float, two: float) -> None:
    """No measure of what a passage has speaks against it."""
    low, high = (support(measured(some, name, value)) for value in sorted((one, two)))

    assert low <= high


def test_without_late_interaction_the_usual_is_assumed() -> None:
    """An index that keeps no token states is judged as one in which they are as usual."""
    usual = GOOD
    for name, value in grounding.USUAL.items():
        usual = measured(usual, name, value)

    assert support(replace(GOOD, matched=None, late=None)) == support(usual)


@given(shares, shares, st.integers(0, 10**6), grounds)
def test_found_takes_all_three(notes: float, own: float, chunks: int, some: Grounds) -> None:
    """Nothing is found unless the notes answer, this result does, and its passage bears it out."""
    judged = grounding.judged(notes, own, chunks, some)
    borne_out = support(some) >= grounding.SUPPORTED or some.named >= grounding.NAMED

    if judged == "found":
        assert notes >= SURE
        assert own >= grounding.OWN
        assert borne_out or some.is_dated


@given(st.tuples(shares, shares), st.tuples(shares, shares), st.integers(0, 10**6), grounds)
def test_better_evidence_is_never_less_sure(
    notes: tuple[float, float], own: tuple[float, float], chunks: int, some: Grounds
) -> None:
    """A surer calibration or result never makes the verdict more careful."""
    less = grounding.judged(min(notes), min(own), chunks, some)
    more = grounding.judged(max(notes), max(own), chunks, some)

    assert CARE.index(more) <= CARE.index(less)


def test_each_of_the_three_can_refuse() -> None:
    """Little support, a result like all others, or notes about something else: no answer."""
    assert judged(GOOD) == "found"
    assert judged(POOR, notes=0.6, own=0.1) == "none"
    assert judged(DOUBTFUL, notes=0.1, own=0.1) == "none"
    assert judged(DOUBTFUL, notes=0.99, own=0.4) == "weak"


def test_a_result_like_the_others_is_not_found() -> None:
    """However much the notes look like the question, one of ten that are alike may answer."""
    assert judged(GOOD, own=grounding.OWN - 0.01) == "weak"


def test_a_small_index_refuses_less() -> None:
    """It is worded in one way, and who asks in other words shares none with it."""
    assert judged(DOUBTFUL, notes=0.6, own=0.05, chunks=20) == "weak"
    assert judged(DOUBTFUL, notes=0.6, own=0.05, chunks=5000) == "none"


def test_a_named_note_is_support_enough() -> None:
    """Who asks by the name of a note has found it, however little its text says of the name."""
    assert judged(replace(DOUBTFUL, named=grounding.NAMED)) == "found"


@pytest.mark.parametrize(
    "some",
    [
        replace(GOOD, named=1.0, unread=grounding.UNREADABLE, covered=grounding.HELD / 2),
        replace(GOOD, named=1.0, lacking=("numpy.bool",)),
        replace(GOOD, named=1.0, is_empty=True),
        replace(GOOD, named=1.0, is_opposite=True),
    ],
    ids=["the model cannot read it", "lacking", "empty", "opposite"],
)
def test_a_doubt_keeps_from_found(some: Grounds) -> None:
    """Whatever else speaks for a passage, and it may answer all the same."""
    assert judged(some) == "weak"


def test_names_in_many_pieces_are_found_by_their_letters() -> None:
    """What the model cannot read is no doubt where the passage has the words themselves."""
    assert judged(replace(GOOD, unread=1.0, covered=grounding.HELD)) == "found"


def test_another_date_is_no_answer() -> None:
    """A passage of another day is never found, and is none unless much else speaks for it."""
    assert judged(replace(GOOD, asks_date=True)) == "weak"
    assert judged(replace(DOUBTFUL, asks_date=True)) == "none"


def test_the_date_asked_for_is_support_enough() -> None:
    """A log of that day answers "what did I do", with which it has no word in common."""
    assert judged(replace(POOR, asks_date=True, is_dated=True)) == "found"


def test_a_sign_that_is_asked_for_is_support_enough() -> None:
    """What has ``:=`` answers "what is :=", whose words tell nothing."""
    assert judged(replace(POOR, is_to_letter=True)) == "found"


def test_what_is_lacking_is_said(tmp_path: Path, model_folder: Path, encoder: OnnxEncoder) -> None:
    """A question for a name that the passage does not have is not found, and says which."""
    notes, index = tmp_path / "notes", tmp_path / "index"
    notes.mkdir()
    (notes / "numpy.md").write_text("## Booleans\n\nAn array of booleans is a mask.\n")
    (notes / "pump.md").write_text("## Error E4021\n\nThe pump runs dry: fill it.\n")
    build(index, [notes], model_folder, open_encoder=lambda: encoder)
    searcher = Searcher(index, ready(encoder))

    dated = ask(searcher, "what did I do on 3 June 2026")
    missing = ask(searcher, "what does error E4077 of the pump mean")
    there = ask(searcher, "what does error E4021 of the pump mean")
    searcher.close()

    assert (missing.results[0].note, missing.lacking) == ("pump.md", ("E4077",))
    assert missing.verdict != "found"
    assert (dated.verdict, dated.unknown) == ("none", ("3 June 2026",))
    assert (there.results[0].note, there.lacking) == ("pump.md", ())
