"""Fits the weights by which `answering/judging/likelihood.py` tells how likely a result answers.

    python benchmarks/likelihood.py FOLDER [--half tuning|held] [--set NAME]...
        [--also INDEX QUESTIONS.jsonl]...

The cases are the first results of every question of `tests/project/sets` and of the notes that
ship, right or wrong; --also adds those of a further index, in the form of `assistant eval`. The
notes that ship, all sets together and each further index weigh as much as another. FOLDER keeps the
index of each set. Prints the weights, the means that stand in where no token states are kept, and,
of the weights as they stand, fitted, and fitted without the set at hand: the area under the ROC
curve, the calibration error of all results and of the first ones, and how many of the surest are
right; then the reliability curve of those that stand.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from grounding import gather
from sets import HALVES, SHIPPED
from verdict import area, reliability

from assistant.answering import arrangement, verdict
from assistant.answering.answer import features_of, grounds_of, matches_of
from assistant.answering.judging import likelihood
from assistant.evaluation.questions import Question
from assistant.search.searcher import Searcher

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

RIDGE = 1.0
SURE = 0.9

MEASURES = tuple(likelihood.WEIGHTS)
SIGNS = np.array([-1.0 if weight < 0 else 1.0 for weight in likelihood.WEIGHTS.values()])
"""Which way each measure counts: none may count the other way."""


@dataclass(frozen=True, slots=True)
class Case:
    """One result of one question."""

    of: str
    """The set of the question."""
    rank: int
    """From 0."""
    is_right: bool
    measures: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """All cases, shape (n, d) and (n,)."""

    of: npt.NDArray[np.str_]
    ranks: npt.NDArray[np.int_]
    is_right: Flags
    measures: Array
    each: Array
    """What each case weighs."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Log odds of each measure, and what they start from."""

    weights: Array
    bias: float

    def sure(self, measures: Array) -> Array:
        """Return how likely each result answers."""
        return np.asarray(1 / (1 + np.exp(-(measures @ self.weights + self.bias))))


def cases(name: str, searcher: Searcher, asked: Sequence[Question]) -> Iterator[Case]:
    """Yield the first results of the questions of a set."""
    for question in asked:
        query = searcher.prepare(question.text)
        ranked = searcher.rank(query)
        shown = arrangement.arranged(searcher.snapshot, ranked)
        empty = {one.candidate.place.entry for one in shown if one.is_empty}
        telling = [candidate for candidate in ranked if candidate.place.entry not in empty]
        features = features_of(searcher, query, telling or ranked)
        first = shown[: likelihood.RIVALS]
        grounds = [grounds_of(searcher, query, one, features) for one in first]
        matches = matches_of(searcher, ranked, shown, grounds)
        for rank, (one, match) in enumerate(zip(first, matches, strict=True)):
            stored = searcher.snapshot.entry(one.candidate.place.entry)
            place = (stored.file.path, stored.entry.headings, stored.entry.lines)
            right = any(target.matches(*place) for target in question.targets)
            told = likelihood.measures(match)
            yield Case(name, rank, right, tuple(told[measure] for measure in MEASURES))


def table_of(found: Sequence[Case]) -> Table:
    """Return cases as a table; the sets together weigh as much as any other group."""
    groups = [case.of if case.of == SHIPPED or Path(case.of).suffix else "sets" for case in found]
    counts = Counter(groups)
    each = np.array([1 / counts[group] for group in groups])
    return Table(
        np.array([case.of for case in found]),
        np.array([case.rank for case in found]),
        np.array([case.is_right for case in found]),
        np.array([case.measures for case in found]),
        each * len(found) / each.sum(),
    )


def fit(table: Table, of: Flags) -> Fit:
    """Return the weights fitted to some of the cases."""
    measures = table.measures[of]
    centre, spread = measures.mean(axis=0), np.maximum(measures.std(axis=0), 1e-6)
    scaled, bias = verdict.fit(
        (measures - centre) / spread * SIGNS,
        table.is_right[of].astype(float),
        table.each[of],
        0.0,
        RIDGE,
    )
    weights = scaled * SIGNS / spread
    return Fit(weights, bias - float(weights @ centre))


def without_own_set(table: Table) -> Array:
    """Return how sure each result is by weights that are fitted to the other sets."""
    sure = np.zeros(len(table.of))
    for name in set(table.of):
        others = table.of != name
        sure[~others] = fit(table, others).sure(table.measures[~others])
    return sure


def falling(sure: Array, ranks: npt.NDArray[np.int_]) -> Array:
    """Return what is shown: no result is surer than the one before it."""
    shown = sure.copy()
    for at in np.flatnonzero(ranks):
        shown[at] = min(shown[at], shown[at - 1])
    return shown


def error(sure: Array, truth: Flags) -> float:
    """Return the expected calibration error, in tenths."""
    bins = reliability(sure, truth.astype(float))
    return sum(abs(told - share) * count for told, share, count in bins) / len(sure)


def line(name: str, sure: Array, table: Table) -> str:
    """Return the figures of one way to tell how sure a result is."""
    shown, right, first = falling(sure, table.ranks), table.is_right, table.ranks == 0
    surest = first & (shown >= SURE)
    return (
        f"{name:<24}AUC {area(shown[right], shown[~right]):.3f}"
        f"  first {area(shown[right & first], shown[~right & first]):.3f}"
        f"  error {error(shown, right):.3f}  first {error(shown[first], right[first]):.3f}"
        f"  surest {int(surest.sum())}, right {right[surest].mean() if surest.any() else 0:.3f}"
    )


def main() -> None:
    """Print the weights and what they are worth."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the indexes are kept")
    parser.add_argument("--half", choices=HALVES, default=HALVES[0])
    parser.add_argument("--set", action="append", default=[], dest="names", metavar="NAME")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        nargs=2,
        type=Path,
        metavar=("INDEX", "QUESTIONS"),
        help="a further index, and questions about its notes",
    )
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    table = table_of(list(gather(given.folder, given.names, given.also, cases, given.half)))
    fitted = fit(table, np.ones(len(table.of), bool))
    for name, weight, old in zip(
        MEASURES, fitted.weights, likelihood.WEIGHTS.values(), strict=True
    ):
        print(f"{name:<16}{weight:>7.2f}  now {old:>5.2f}")
    print(f"{'bias':<16}{fitted.bias:>7.2f}  now {likelihood.BIAS:>5.2f}")
    usual = dict(zip(MEASURES, table.measures.mean(axis=0), strict=True))
    print("usual     ", "  ".join(f"{name} {usual[name]:.2f}" for name in likelihood.USUAL))
    now = Fit(np.array(list(likelihood.WEIGHTS.values())), likelihood.BIAS)
    sure = now.sure(table.measures)
    print(line("as it stands", sure, table))
    print(line("fitted", fitted.sure(table.measures), table))
    if len(set(table.of)) > 1:
        print(line("fitted without own set", without_own_set(table), table))
    for told, share, count in reliability(falling(sure, table.ranks), table.is_right.astype(float)):
        print(f"  said {told:.2f}  right {share:.2f}  of {count}")


if __name__ == "__main__":
    main()
