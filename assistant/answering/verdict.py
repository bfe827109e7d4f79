"""How sure it is that the notes answer: ``found``, ``weak`` or ``none``. Pure.

A cosine of 0.4 is much for one model and one set of notes, and little for another. So a build asks
its index two kinds of question (see ``calibration``): off-topic probes, and the notes' own
headings, each with its own entry left out, which leaves what a question in other words would find.
Each measure is counted in units of the probes' spread, and a logistic regression, fitted to the
two kinds at even odds, turns the measures into a probability. Its weights cannot be negative, so
that better evidence never lowers the probability, and they lean to equal weights, so that an
index of five entries, which has few headings to learn from, is judged sensibly too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from assistant.answering.features import Array, Features
from assistant.records import Calibration
from assistant.results import Verdict

MEASURES = ("similarity", "known", "matched")
"""Fields of ``Features`` that count."""

PLAIN_MEASURES = ("similarity", "known", "cover")
"""Those of an index without late interaction: words are the same or they are not."""

WORD_MEASURES = ("cover", "known")
"""Those of an index, or a part of one, that is not read by meaning."""

EVEN_ODDS = 0.5
"""Below it a question looks more like the off-topic probes than like the notes: ``none``."""

SURE = 0.9
"""From it on the notes answer: nine in ten such questions are about them."""

TOTAL_WEIGHT = 2.5
"""Sum of the weights, in log odds per spread, that the fit leans to, equal for each measure."""

RIDGE = 50.0
"""How firmly it leans, beside ``FIT_WEIGHT`` weighted questions."""

FIT_WEIGHT = 200.0
"""Weight of all questions of the fit together, half of it on each kind however many there are."""

MOST_SWEEPS = 300
"""Passes of the fit over the weights."""

LIMIT = 5.0
"""Spreads from the probes' mean beyond which a measure says nothing more."""

USUAL = {
    "similarity": (2.2, 5.4, 8.6),
    "known": (0.0, 2.0, 2.5),
    "cover": (0.8, 4.1, 7.4),
    "matched": (2.0, 5.2, 8.4),
}
"""Answered questions of four collections in units of the probes' spread: 5 %, mean, 95 %."""

USUAL_COUNT = 8
"""Headings that ``USUAL`` weighs as much as; it decides only where there are fewer."""

TRIMMED = 0.05
"""Share of the probes that may be on-topic for some notes: those with the highest similarity."""

LEAST_SPREAD = 0.1
"""Of the probes, as a share of that of probes and headings together: where all probes measure much
the same, as in few notes, no chance difference counts as many spreads."""

ROUNDING, NO_SPREAD = 1e-4, 0.01
"""What measures differ by that are equal, and the spread of one that is the same for all."""

KEPT_POINTS = 21
"""Quantiles kept of each distribution: every 5 %."""


def calibrate(
    probes: Sequence[Features],
    own: Sequence[Features],
    chunks: int,
    names: Sequence[str] = (),
) -> Calibration:
    """Return the calibration of an index.

    Args:
        probes: Of off-topic questions; a few may be on-topic, since nobody knows the notes.
        own: Of the notes' own headings, each with its own entry left out.
        chunks: Of the index.
        names: The measures; those of an index that is read by meaning unless given.
    """
    late = all(f.matched is not None for f in (*probes, *own))
    names = tuple(names) or (MEASURES if late else PLAIN_MEASURES)
    off, on = _table(probes, names), _table(own, names)
    off = off[np.argsort(off[:, 0], kind="stable")][: len(off) - int(TRIMMED * len(off))]
    centre, spread = off.mean(axis=0), _spread(off, on)
    usual = np.clip(np.array([USUAL[name] for name in names]).T, -LIMIT, LIMIT)
    off, on = _scaled(off, centre, spread), _scaled(on, centre, spread)
    cases = np.vstack([off, on, usual])
    answered = np.concatenate([np.zeros(len(off)), np.ones(len(on) + len(usual))])
    each = np.concatenate(
        [np.full(len(off), 1 / len(off)), np.ones(len(on)), np.full(3, USUAL_COUNT / 3)]
    )
    each[len(off) :] /= len(on) + USUAL_COUNT
    weights, bias = fit(cases, answered, each * FIT_WEIGHT / 2, TOTAL_WEIGHT / len(names), RIDGE)

    def quantiles(table: Array) -> tuple[float, ...]:
        at = np.linspace(0, 1, KEPT_POINTS)
        return _tuple(np.quantile(_logistic(table @ weights + bias), at)) if len(table) else ()

    return Calibration(
        names,
        _tuple(centre),
        _tuple(spread),
        _tuple(weights),
        round(bias, 6),
        quantiles(off),
        quantiles(on),
        chunks,
    )


def fit(
    cases: Array, answered: Array, each: Array, prior: float, ridge: float
) -> tuple[Array, float]:
    """Return weights, none negative, and bias of a ridge logistic regression.

    Minimises the weighted log loss plus ``ridge / 2`` times the squared distance of the weights
    from ``prior``, one weight at a time. A step is Newton's with the curvature at its largest,
    1/4 (Böhning and Lindsay 1988), so that each one lowers the loss; a library that does this
    takes a second to import and does not know weights that cannot be negative.

    Args:
        cases: Shape (n, d).
        answered: Shape (n,): 1 or 0.
        each: Shape (n,): weight of each case.
        prior: What the weights lean to.
        ridge: How firmly.
    """
    count, width = cases.shape
    columns = np.column_stack([cases, np.ones(count)]).T
    curvature = (columns**2 * each).sum(axis=1) / 4 + np.array([ridge] * width + [1e-9])
    found = np.array([prior] * width + [0.0])
    total = found @ columns
    for _ in range(MOST_SWEEPS):
        moved = 0.0
        for j, column in enumerate(columns):
            slope = float((_logistic(total) - answered) * each @ column)
            slope += ridge * (found[j] - prior) if j < width else 0.0
            new = found[j] - slope / curvature[j]
            step = (max(0.0, new) if j < width else new) - found[j]
            found[j] += step
            total += step * column
            moved = max(moved, abs(step))
        if moved < 1e-7:
            break
    return found[:width], float(found[width])


def probability(features: Features, calibration: Calibration) -> float:
    """Return how likely the notes answer, at even odds before anything is known."""
    return float(_logistic(_parts(features, calibration).sum() + calibration.bias))


def verdict(probability: float) -> Verdict:
    """Return the verdict for a probability; the calibration is in the probability."""
    return "none" if probability < EVEN_ODDS else "found" if probability >= SURE else "weak"


def _parts(features: Features, calibration: Calibration) -> Array:
    """Return the share of each measure in the log odds."""
    table = _table([features], calibration.measures)
    centre, spread = np.array(calibration.centre), np.array(calibration.spread)
    scaled = np.nan_to_num(_scaled(table, centre, spread)[0])
    return np.asarray(scaled * np.array(calibration.weights))


def reasons(features: Features, calibration: Calibration) -> list[str]:
    """Return what speaks for and against the notes answering, in words, the heaviest first."""
    usual = dict(zip(calibration.measures, calibration.centre, strict=True))
    tell: dict[str, Callable[[], str]] = {
        "similarity": lambda: f"similarity {features.similarity:.2f}",
        "margin": lambda: f"nearer than the next entries by {features.margin:.3f}",
        "known": lambda: f"words known to the notes {features.known:.0%}",
        "cover": lambda: f"words in one of the nearest entries {features.cover or 0:.0%}",
        "matched": lambda: f"words matched in meaning {features.matched or 0:.2f}",
    }
    parts = dict(zip(calibration.measures, _parts(features, calibration), strict=True))
    lines = []
    for name in sorted(parts, key=lambda name: -abs(parts[name])):
        off = f"{usual[name]:.0%}" if name in ("known", "cover") else f"{usual[name]:.2f}"
        lines.append(f"{tell[name]()}, off-topic questions {off} ({parts[name]:+.1f})")
    if features.unknown:
        lines.append(f"not in the notes: {', '.join(features.unknown)}")
    if features.missing:
        lines.append(f"not in the nearest entries: {', '.join(features.missing)}")
    return lines


def nearness(features: Features, calibration: Calibration) -> str:
    """Return in words how near the nearest entry is, beside questions about other things."""
    told = f"nearest meaning: {features.similarity:.2f}"
    if "similarity" not in calibration.measures:
        return told
    usual = calibration.centre[calibration.measures.index("similarity")]
    return f"{told}; questions about other things reach {usual:.2f}"


def _table(features: Sequence[Features], names: Sequence[str]) -> Array:
    """Return the measures, one row for each question; NaN where one has none."""
    rows = [[getattr(f, name) for name in names] for f in features]
    return np.array(rows, float).reshape(len(features), len(names))


def calibrated(
    probes: Sequence[Features],
    names: Sequence[str],
    weights: Array,
    bias: float,
    least: Array,
    chunks: int,
) -> Calibration:
    """Return a calibration whose weights are known, by off-topic questions alone.

    Args:
        probes: A few may be on-topic, as for ``calibrate``.
        names: The measures, the first of which tells which probes may be on-topic.
        weights: In log odds per spread of the probes, shape (measures,).
        bias: Log odds of a question that measures what the probes do on average.
        least: Spreads at least, shape (measures,).
        chunks: Of the index.
    """
    off = _table(probes, names)
    off = off[np.argsort(off[:, 0], kind="stable")][: len(off) - int(TRIMMED * len(off))]
    centre, spread = off.mean(axis=0), np.maximum(off.std(axis=0), least)
    told = _logistic(_scaled(off, centre, spread) @ weights + bias)
    return Calibration(
        tuple(names),
        _tuple(centre),
        _tuple(spread),
        _tuple(weights),
        bias,
        _tuple(np.quantile(told, np.linspace(0, 1, KEPT_POINTS))),
        (),
        chunks,
    )


def _spread(off: Array, on: Array) -> Array:
    """Return the spread of each measure over the probes, never zero, since it divides."""
    least = LEAST_SPREAD * np.vstack([off, on]).std(axis=0)
    spread = np.maximum(off.std(axis=0), least)
    return np.asarray(np.where(spread < ROUNDING, NO_SPREAD, spread))


def _scaled(table: Array, centre: Array, spread: Array) -> Array:
    return np.clip((table - centre) / spread, -LIMIT, LIMIT)


def _logistic(odds: Array | float) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30.0, 30.0))))


def _tuple(values: Array) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)
