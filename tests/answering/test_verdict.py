"""The verdict: its measures, the fit of its weights, and what a calibration makes of both."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import records
from assistant.answering import calibration, verdict
from assistant.answering.features import Array, Features, measure
from assistant.answering.question_words import Word, rarity, words
from assistant.embedding import probes
from assistant.records import Calibration

MEASURES = tuple(verdict.USUAL)


def features(level: float, *, late: bool = True, wave: float = 0.0) -> Features:
    """Return features of one level, a little apart from each other."""
    return Features(
        similarity=level + wave,
        known=level,
        cover=level / 2 + wave,
        matched=level if late else None,
    )


def sample(level: float, count: int, *, late: bool = True) -> list[Features]:
    """Return features about a level."""
    return [features(level + i % 7 / 50, late=late, wave=(i % 5 - 2) / 40) for i in range(count)]


PROBES = sample(0.2, 100)
CALIBRATED = verdict.calibrate(PROBES, sample(0.6, 40), 500)

numbers = st.floats(-1, 2, allow_nan=False)
any_features = st.builds(
    Features, **dict.fromkeys(MEASURES, numbers), unknown=st.just(()), missing=st.just(())
)


@given(any_features, st.sampled_from(MEASURES), st.floats(0, 1))
def test_better_evidence_never_counts_against(f: Features, name: str, more: float) -> None:
    """The probability never falls when a measure rises."""
    better = replace(f, **{name: getattr(f, name) + more})

    assert verdict.probability(better, CALIBRATED) >= verdict.probability(f, CALIBRATED)


@given(any_features)
def test_probability_is_one(f: Features) -> None:
    """A probability lies between 0 and 1."""
    assert 0 <= verdict.probability(f, CALIBRATED) <= 1


@given(st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True))
def test_similarity_raises(pair: list[float]) -> None:
    """All else equal, the more similar question is at least as likely answered."""
    low, high = sorted(pair)
    f = features(0.4)
    found = [verdict.probability(replace(f, similarity=level), CALIBRATED) for level in (low, high)]

    assert found[0] <= found[1]


@given(st.lists(st.integers(1, 500), min_size=1, max_size=6), st.data())
def test_unknown_word_lowers(counts: list[int], data: st.DataObject) -> None:
    """A word that the notes turn out not to have raises neither share nor probability."""
    at = data.draw(st.integers(0, len(counts) - 1))
    asked = words(" ".join(f"word{'x' * i}" for i in range(len(counts))))
    held = np.ones((1, len(counts)), bool)
    fewer = [0 if i == at else count for i, count in enumerate(counts)]
    without = held.copy()
    without[:, at] = False
    all_known = measure(0.5, asked, counts, 500, held)
    one_unknown = measure(0.5, asked, fewer, 500, without)
    calibrated = verdict.calibrate(sample(0.2, 50, late=False), [], 500)

    assert one_unknown.known <= all_known.known
    assert verdict.probability(one_unknown, calibrated) <= verdict.probability(
        all_known, calibrated
    )


def test_kinds_come_apart() -> None:
    """Off-topic probes are refused, and what looks like the notes' own headings is found."""
    assert verdict.verdict(verdict.probability(features(0.2), CALIBRATED)) == "none"
    assert verdict.verdict(verdict.probability(features(0.7), CALIBRATED)) == "found"


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(0.0, "none"), (0.49, "none"), (0.5, "weak"), (0.89, "weak"), (0.9, "found"), (1.0, "found")],
)
def test_verdicts(probability: float, expected: str) -> None:
    """Even odds part ``none`` from ``weak``, nine in ten ``weak`` from ``found``."""
    assert verdict.verdict(probability) == expected


@pytest.mark.parametrize("scale", [0.25, 1.0, 3.0])
def test_scale_of_the_model_does_not_matter(scale: float) -> None:
    """A model whose cosines are all larger, or smaller, gives the same verdicts."""

    def scaled(f: Features) -> Features:
        return replace(f, similarity=f.similarity * scale)

    own = sample(0.6, 40)
    calibrated = verdict.calibrate([scaled(f) for f in PROBES], [scaled(f) for f in own], 500)
    for level in (0.2, 0.35, 0.5, 0.8):
        usual = verdict.probability(features(level), CALIBRATED)
        assert verdict.probability(scaled(features(level)), calibrated) == pytest.approx(
            usual, abs=0.05
        )


def test_a_few_probes_may_be_on_topic() -> None:
    """Notes on cooking: the probes on cooking score like their headings and change no verdict."""
    calibrated = verdict.calibrate([*sample(0.2, 96), *sample(0.6, 4)], sample(0.6, 40), 500)

    assert verdict.verdict(verdict.probability(features(0.2), calibrated)) == "none"
    assert verdict.verdict(verdict.probability(features(0.7), calibrated)) == "found"


@pytest.mark.parametrize("headings", [0, 1, 3])
def test_an_index_with_few_headings(headings: int) -> None:
    """With hardly a heading to learn from, off-topic is still refused and on-topic found."""
    calibrated = verdict.calibrate(PROBES, sample(0.6, headings), 5)

    assert verdict.verdict(verdict.probability(features(0.2), calibrated)) == "none"
    assert verdict.verdict(verdict.probability(features(0.7), calibrated)) == "found"


def test_probes_all_alike() -> None:
    """Measures without any spread, as in an index of one entry, divide nothing by zero."""
    calibrated = verdict.calibrate([features(0.1)] * 20, [], 1)

    assert verdict.verdict(verdict.probability(features(0.1), calibrated)) == "none"


def test_late_interaction_is_optional() -> None:
    """Without late interaction the words that the nearest entries have count in its stead."""
    calibrated = verdict.calibrate(sample(0.2, 50, late=False), sample(0.6, 20, late=False), 500)

    assert calibrated.measures == verdict.PLAIN_MEASURES
    assert verdict.verdict(verdict.probability(features(0.7, late=False), calibrated)) == "found"


def test_a_missing_measure_says_nothing() -> None:
    """A question whose passages were not compared word by word gets a probability all the same."""
    assert 0 < verdict.probability(features(0.5, late=False), CALIBRATED) < 1


def test_calibration_survives_json() -> None:
    """A calibration comes back from the manifest's JSON as it was."""
    fields = json.loads(json.dumps(asdict(CALIBRATED)))

    assert Calibration.from_fields(fields) == CALIBRATED
    assert set(MEASURES) == records.MEASURES


def test_calibration_is_the_same_every_time() -> None:
    """The same measures give the same calibration, whatever their order."""
    again = verdict.calibrate(PROBES[::-1], sample(0.6, 40)[::-1], 500)

    assert verdict.calibrate(PROBES, sample(0.6, 40), 500) == CALIBRATED
    assert again.weights == pytest.approx(CALIBRATED.weights, abs=1e-4)


def cases(count: int, width: int) -> tuple[Array, Array, Array]:
    """Return random cases, answers and weights for a fit."""
    random = np.random.default_rng(5)
    table = random.normal(size=(count, width))
    truth = (table @ np.linspace(-1, 2, width) + random.logistic(size=count) > 0).astype(float)
    return table, truth, random.uniform(0.5, 1.5, count)


def loss(table: Array, truth: Array, each: Array, found: Array) -> float:
    """Return what the fit minimises, for prior 0.3 and ridge 2."""
    odds = table @ found[:-1] + found[-1]
    logs = np.logaddexp(0, np.where(truth == 1, -odds, odds))
    return float(each @ logs + ((found[:-1] - 0.3) ** 2).sum())


def test_fit_is_at_the_minimum() -> None:
    """No step from the fitted weights that leaves none negative lowers the loss."""
    table, truth, each = cases(200, 4)
    weights, bias = verdict.fit(table, truth, each, 0.3, 2.0)
    found = np.array([*weights, bias])
    best = loss(table, truth, each, found)

    for direction in product((-1, 0, 1), repeat=5):
        step = found + 1e-3 * np.array(direction)
        step[:-1] = np.maximum(step[:-1], 0)
        assert loss(table, truth, each, step) >= best - 1e-9


def test_fit_has_no_negative_weight() -> None:
    """A measure that speaks the wrong way gets no weight, rather than a negative one."""
    table, truth, each = cases(200, 4)

    weights, _ = verdict.fit(table, truth, each, 0.0, 1.0)

    assert weights[0] == 0
    assert weights.min() >= 0


def test_words_leave_out_stop_words() -> None:
    """Stop words tell no entry from another; a question of nothing else keeps them."""
    assert [w.text for w in words("how do I use the GPU")] == ["use", "GPU"]
    assert [w.text for w in words("how to do it")] == ["how", "to", "do", "it"]
    assert words("?!") == []


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("打印机驱动", ["打印", "印机", "机驱", "驱动"]),
        ("プリンターの設定はどこ", ["プリンター", "設定"]),
        ("호텔은 어디", ["호텔", "어디"]),
        ("GPU메모리를 정리", ["GPU", "메모", "모리", "정리"]),
        ("what is IT", ["IT"]),
        ("です", ["です"]),
    ],
)
def test_words_of_scripts_without_spaces_are_told_apart(question: str, found: list[str]) -> None:
    """So that half of a question can be known; what only joins words does not count."""
    assert [word.text for word in words(question)] == found


def test_a_joined_name_is_known_by_its_parts() -> None:
    """A joined name is held by what has it whole, or all of its parts."""
    (word,) = words("torch.topk")

    assert word.alternatives == (("torch.topk",), ("torch", "topk"))


@given(st.text(max_size=60))
def test_words_never_raise(question: str) -> None:
    """Any text has words, in order, each where it says it is."""
    found = words(question)

    assert all(question[w.start : w.end] == w.text for w in found)
    assert [w.start for w in found] == sorted(w.start for w in found)


def test_rare_words_weigh_more() -> None:
    """A rare word unknown costs more than a common one, and both are named."""
    asked = words("kubernetes print")
    held = np.array([[False, False]])

    rare = measure(0.4, asked, [0, 100], 500, held)

    assert rare.known < 0.5
    assert rare.unknown == ("kubernetes",)
    assert rare.missing == ("print",)


def test_words_match_by_their_pieces() -> None:
    """A word of several pieces matches as well as these do on average, in the better chunk."""
    asked = [Word("kubernetes", 0, 10, (("kubernetes",),))]
    pieces = [(0, 2), (2, 10), (11, 14)]
    matches = np.array([[0.2, 0.4, 0.9], [0.6, 0.8, 0.0]], np.float32)

    found = measure(0.5, asked, [1], 9, np.array([[True]]), matches, pieces)

    assert found.matched == pytest.approx(0.7)


def test_rare_words_weigh_more_in_the_match() -> None:
    """A chunk that has the rare word of a question beats one that has the common word."""
    asked = words("kubernetes print")
    pieces = [(word.start, word.end) for word in asked]
    matches = np.array([[0.9, 0.1], [0.1, 0.9]], np.float32)
    rare, common = rarity([1, 100], 500)

    found = measure(0.5, asked, [1, 100], 500, None, matches, pieces)

    assert found.matched == pytest.approx((0.9 * rare + 0.1 * common) / (rare + common))


def test_words_beyond_what_the_model_reads_do_not_count() -> None:
    """A word without word pieces leaves the match to the others; with none at all it is nought."""
    asked = words("kubernetes print")
    matches = np.array([[0.9]], np.float32)

    found = measure(0.5, asked, [1, 1], 9, None, matches, [(0, 10)])
    none = measure(0.5, asked, [1, 1], 9, None, np.zeros((1, 0), np.float32), [])

    assert found.matched == pytest.approx(0.9)
    assert none.matched == 0


def test_no_words_no_entries() -> None:
    """A question without words, on an index that gave nothing, has measures of nought."""
    none = np.zeros((0, 0), bool)
    found = measure(0.0, [], [], 0, none, none.astype(np.float32))

    assert (found.similarity, found.known, found.cover, found.matched) == (0, 0, 0, 0)


def test_reasons_tell_the_match_in_meaning() -> None:
    """Late interaction is told in words, beside what off-topic questions have."""
    f = replace(features(0.3), matched=0.75)

    assert any(
        line.startswith("words matched in meaning 0.75, off-topic questions 0.2")
        for line in verdict.reasons(f, CALIBRATED)
    )


def test_a_calibration_of_other_measures_is_none() -> None:
    """An index of a version that measured something else is calibrated anew."""
    fields = asdict(replace(CALIBRATED, measures=("similarity", "lead")))

    assert Calibration.from_fields(json.loads(json.dumps(fields))) is None


def test_reasons_name_what_is_unknown() -> None:
    """The reasons tell every measure in words, and the words that the notes do not have."""
    f = replace(features(0.3), unknown=("kubernetes", "pod"), missing=("restart",))
    lines = verdict.reasons(f, CALIBRATED)

    assert len(lines) == len(verdict.MEASURES) + 2
    assert any(line.startswith("similarity 0.30, off-topic questions 0.2") for line in lines)
    assert lines[-2:] == [
        "not in the notes: kubernetes, pod",
        "not in the nearest entries: restart",
    ]


def test_probes_are_many() -> None:
    """There are several hundred probes, none twice."""
    found = [question for _, _, question in probes.read()]

    assert len(found) >= 300
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(("chunks", "due"), [(100, False), (105, False), (106, True), (94, True)])
def test_due_after_a_drift(chunks: int, due: bool) -> None:
    """An index is calibrated anew when it grew or shrank by more than a twentieth."""
    assert calibration.is_due(replace(CALIBRATED, chunks=100), chunks) is due


def test_due_when_there_is_none() -> None:
    """An index without a calibration needs one."""
    assert calibration.is_due(None, 1)
