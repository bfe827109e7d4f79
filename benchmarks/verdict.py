"""How well the verdict tells questions that the notes answer from those that they do not.

    python benchmarks/verdict.py INDEX QUESTIONS.jsonl ... [--plot CURVES.svg]

QUESTIONS: one object a line with ``question`` and ``kind``; those whose kind begins with
"unanswerable" have no answer. Prints what is kept and refused, how well the probability ranks and
how far it is from the truth; ``--plot`` draws the reliability diagram and the risk/coverage curve.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from curves import write

from assistant.answering import verdict
from assistant.answering.answer import features_of
from assistant.embedding import background
from assistant.embedding.model import DEFAULT_MODEL
from assistant.search.searcher import Searcher

Array = npt.NDArray[np.float64]

BINS = 10


def area(answered: Array, rest: Array) -> float:
    """Return the area under the ROC curve: how often an answered question is above another one."""
    above = (answered[:, None] > rest).mean() + (answered[:, None] == rest).mean() / 2
    return float(above)


def reliability(probabilities: Array, truth: Array) -> list[tuple[float, float, int]]:
    """Return (mean probability, share answered, questions) of each tenth that has any."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return [
        (float(probabilities[here].mean()), float(truth[here].mean()), int(here.sum()))
        for here in (bins == i for i in range(BINS))
        if here.any()
    ]


def risk_coverage(probabilities: Array, truth: Array) -> list[tuple[float, float]]:
    """Return (share of questions not refused, share of those without an answer), surest first."""
    order = np.argsort(-probabilities, kind="stable")
    taken = np.arange(1, len(order) + 1)
    risks = np.cumsum(1 - truth[order]) / taken
    return list(zip((taken / len(order)).tolist(), risks.tolist(), strict=True))


def probabilities_of(searcher: Searcher, questions: Sequence[str]) -> Array:
    """Return what the index at hand thinks of each question."""
    calibration = searcher.snapshot.manifest.calibration
    if calibration is None:
        raise SystemExit("the index has no calibration: run `assistant build --full`")
    found = []
    for question in questions:
        query = searcher.prepare(question)
        features = features_of(searcher, query, searcher.rank(query))
        found.append(verdict.probability(features, calibration))
    return np.array(found)


def main() -> None:
    """Print the figures of one index and one set of questions."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--plot", type=Path)
    args = parser.parse_args()
    lines = itertools.chain(*(path.read_text("utf-8").splitlines() for path in args.questions))
    cases = [json.loads(line) for line in lines if line]
    kinds = np.array([case["kind"] for case in cases])
    truth = np.array([not kind.startswith("unanswerable") for kind in kinds], float)
    searcher = Searcher(args.index, background.open_encoder(DEFAULT_MODEL))
    sure = probabilities_of(searcher, [case["question"] for case in cases])
    verdicts = np.array([verdict.verdict(p) for p in sure])
    answered = truth == 1
    print(f"answerable {int(answered.sum())}", end="")
    print(f"  keep {(verdicts[answered] != 'none').mean():.3f}", end="")
    print(f"  found {(verdicts[answered] == 'found').mean():.3f}")
    for kind in sorted(set(kinds[~answered])):
        here = kinds == kind
        print(f"{kind} {int(here.sum())}  refuse {(verdicts[here] == 'none').mean():.3f}", end="")
        print(f"  AUC {area(sure[answered], sure[here]):.3f}")
    each = np.where(answered, 1 / answered.sum(), 1 / (~answered).sum()) / 2
    print(f"Brier score at even odds {float(each @ (sure - truth) ** 2):.3f}", end="")
    bins = reliability(sure, truth)
    error = sum(abs(p - share) * n for p, share, n in bins) / len(sure)
    print(f"  calibration error {error:.3f}")
    if args.plot:
        write(args.plot, bins, risk_coverage(sure, truth))


if __name__ == "__main__":
    main()
