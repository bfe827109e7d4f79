"""Fits the weights by which `answering/judging/grounding.py` judges the best passage of a question.

    python benchmarks/grounding.py FOLDER [--set NAME]... [--also INDEX QUESTIONS.jsonl]...

The questions are those of the tuning halves of `tests/project/sets` and of the notes that ship;
--set takes some of the sets only, --also adds those of a further index, in the form of `assistant
eval`. FOLDER keeps the index of each set. Answerable questions of which the first passage is wrong
are left out: there is nothing in it to bear out. The others and those without an answer weigh half
each. Prints the weights, the means that stand in where no token states are kept, and the area under
the ROC curve: of the verdict alone, of all weights, and of weights fitted without the set at hand.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from sets import question_sets
from verdict import area

from assistant.answering import arrangement, verdict
from assistant.answering.answer import features_of, grounds_of
from assistant.answering.judging import grounding
from assistant.embedding.encoder import Encoder
from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.evaluation import questions
from assistant.evaluation.questions import Question
from assistant.indexing.build import build
from assistant.search.searcher import Searcher

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_Case = TypeVar("_Case")

TOTAL, RIDGE = 400.0, 1.0
"""What all questions weigh together, against how firmly the weights lean to 0."""

MEASURES = tuple(grounding.WEIGHTS)
SIGNS = np.array([-1.0 if name == "neither" else 1.0 for name in MEASURES])
"""Which way each measure counts: none may count the other way."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question, and what its best passage says to it."""

    of: str
    """Its set."""
    answered: bool
    probability: float
    """Of the verdict alone."""
    measures: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """Log odds of each measure, and what they start from."""

    weights: Array
    bias: float

    def support(self, table: Array) -> Array:
        """Return the support of each row of measures."""
        return np.asarray(1 / (1 + np.exp(-(table @ self.weights + self.bias))))


def cases(name: str, searcher: Searcher, asked: Sequence[Question]) -> Iterator[Case]:
    """Yield the questions of a set that tell something."""
    calibration = searcher.snapshot.manifest.calibration
    if calibration is None:
        raise SystemExit(f"the index of {name} has no calibration: run `assistant build --full`")
    for question in asked:
        query = searcher.prepare(question.text)
        ranked = searcher.rank(query)
        features = features_of(searcher, query, ranked)
        shown = arrangement.arranged(searcher.snapshot, ranked)
        if not shown:
            continue
        grounds = grounds_of(searcher, query, shown[0], features)
        first = searcher.snapshot.entry(shown[0].candidate.place.entry)
        place = (first.file.path, first.entry.headings, first.entry.lines)
        if question.targets and not any(target.matches(*place) for target in question.targets):
            continue
        yield Case(
            name,
            bool(question.targets),
            verdict.probability(features, calibration),
            tuple(grounding.measures(grounds)[measure] for measure in MEASURES),
        )


def fit(table: Array, answered: Flags) -> Fit:
    """Return the weights for measures, shape (n, d), of questions answered or not, shape (n,)."""
    centre, spread = table.mean(axis=0), np.maximum(table.std(axis=0), 1e-6)
    each = np.where(answered, 1 / max(1, answered.sum()), 1 / max(1, (~answered).sum()))
    scaled, bias = verdict.fit(
        (table - centre) / spread * SIGNS,
        answered.astype(float),
        each * TOTAL / 2,
        0.0,
        RIDGE,
    )
    weights = scaled * SIGNS / spread
    return Fit(weights, bias - float(weights @ centre))


def without_own_set(found: Sequence[Case], table: Array, answered: Flags) -> Array:
    """Return the support of each question by weights that are fitted to the other sets."""
    of = np.array([case.of for case in found])
    support = np.zeros(len(found))
    for name in set(of):
        others = of != name
        support[~others] = fit(table[others], answered[others]).support(table[~others])
    return support


def gather(
    folder: Path,
    names: Sequence[str],
    further: Sequence[tuple[Path, Path]],
    cases: Callable[[str, Searcher, Sequence[Question]], Iterator[_Case]],
    half: str = "tuning",
) -> Iterator[_Case]:
    """Yield the cases of the sets, brought up to date, and of further indexes."""
    model_folder = exported(DEFAULT_MODEL)
    encoder: Future[Encoder] = Future()
    encoder.set_result(OnnxEncoder(model_folder))
    places: list[tuple[str, Path, Sequence[Path]]] = []
    for each in question_sets(half, names):
        build(folder / each.name, [each.notes], model_folder, open_encoder=encoder.result)
        places.append((each.name, folder / each.name, each.files))
    places += [(str(file), index, [file]) for index, file in further]
    for name, index, files in places:
        searcher = Searcher(index, encoder)
        paths = questions.heading_paths(searcher.snapshot.notes(), searcher.snapshot.entries())
        asked = [question for file in files for question in questions.read(file, paths)]
        yield from cases(name, searcher, asked)
        searcher.close()


def main() -> None:
    """Print the weights and what they are worth."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the indexes are kept")
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
    found = list(gather(given.folder, given.names, given.also, cases))
    table = np.array([case.measures for case in found])
    answered = np.array([case.answered for case in found])
    if not answered.any() or answered.all():
        raise SystemExit("there have to be questions with an answer, and such without one")
    print(f"answered {int(answered.sum())}  not answered {int((~answered).sum())}")
    fitted = fit(table, answered)
    for name, weight, old in zip(MEASURES, fitted.weights, grounding.WEIGHTS.values(), strict=True):
        print(f"{name:<10}{weight:>7.2f}  now {old:>5.2f}")
    print(f"{'bias':<10}{fitted.bias:>7.2f}  now {grounding.BIAS:>5.2f}")
    usual = dict(zip(MEASURES, table.mean(axis=0), strict=True))
    print("usual     ", "  ".join(f"{name} {usual[name]:.2f}" for name in grounding.USUAL))
    now = Fit(np.array(list(grounding.WEIGHTS.values())), grounding.BIAS)
    scores = {
        "verdict alone": np.array([case.probability for case in found]),
        "as it stands": now.support(table),
        "fitted": fitted.support(table),
    }
    if len({case.of for case in found}) > 1:
        scores["fitted without own set"] = without_own_set(found, table, answered)
    for name, score in scores.items():
        print(f"AUC {name:<24}{area(score[answered], score[~answered]):.3f}")


if __name__ == "__main__":
    main()
