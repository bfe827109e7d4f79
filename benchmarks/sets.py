"""How well notes of many makes are answered: one line for each set of questions in the tests.

    python benchmarks/sets.py FOLDER [--half tuning|held] [--set NAME]... [--misses] [--full]
        [--english] [--taken-out] [--model NAME]

A set is a folder of `tests/project/sets` with notes and two files of questions, `tuning.jsonl` and
`held.jsonl`; `content` stands for the notes that ship, whose questions are not halved. FOLDER keeps
the index of each set from one run to the next. --misses lists what failed and what came first.
--english does without the encoder of other languages, as where it is not installed.
--taken-out asks the answerable questions of the notes without what answers them: how well the
verdict tells that nothing is left, though all looks as before.
--model asks with another model than the default one, in a FOLDER of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.embedding.encoder import Encoder
from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.evaluation import questions, runner
from assistant.evaluation.questions import Question
from assistant.evaluation.runner import Case, Outcome
from assistant.indexing import scope
from assistant.indexing.build import build
from assistant.search.searcher import Searcher
from assistant.store import Snapshot

PROJECT = Path(__file__).parent.parent
SETS = PROJECT / "tests" / "project" / "sets"
HALVES = ("tuning", "held")
SHIPPED = "content"
ASKED = "foreign"
"""The set of questions in other languages over English notes, all of which are read for these."""

RANKING = ("hit@1", "hit@3", "hit@5", "mrr", "kept")
VERDICT = ("refused", "wrong found", "wrong-first found")
"""``wrong found``: of unanswerable questions, those answered by "found"; ``wrong-first found``: of
answerable ones, those answered by "found" whose first result is wrong."""

_NAME, _CELL = 18, 8


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Notes, and questions about them."""

    name: str
    notes: Path
    files: tuple[Path, ...]


def question_sets(half: str, names: Sequence[str]) -> list[QuestionSet]:
    """Return the sets that are asked for, all if none is named, with the questions of one half."""
    found = [
        QuestionSet(notes.parent.name, notes, (notes.parent / f"{half}.jsonl",))
        for notes in sorted(SETS.glob("*/notes"))
    ]
    shipped = (PROJECT / "tests" / "project" / "questions").glob("*.jsonl")
    found.append(QuestionSet(SHIPPED, PROJECT / "content", tuple(sorted(shipped))))
    known = {each.name for each in found}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"there is no set {unknown[0]!r}; there are {', '.join(sorted(known))}")
    return [each for each in found if not names or each.name in names]


def outcomes(
    chosen: QuestionSet,
    folder: Path,
    model_folder: Path,
    encoder: Future[Encoder],
    full: bool,
    taken_out: bool = False,
    multilingual: bool | str = "auto",
    model: str = DEFAULT_MODEL,
) -> list[Outcome]:
    """Bring the index of a set up to date, and ask it all questions, or without their answers."""
    index = folder / chosen.name
    other = scope.of_setting(multilingual, model, asked=chosen.name == ASKED)
    build(index, [chosen.notes], model_folder, full=full, open_encoder=encoder.result, other=other)
    searcher = Searcher(index, encoder, other.open)
    try:
        paths = questions.heading_paths(searcher.snapshot.notes(), searcher.snapshot.entries())
        asked = [question for file in chosen.files for question in questions.read(file, paths)]
        if taken_out:
            return runner.run(searcher, without_answers(searcher.snapshot, asked))
        return runner.run(searcher, [Case(question) for question in asked])
    finally:
        searcher.close()


def without_answers(snapshot: Snapshot, asked: Iterable[Question]) -> list[Case]:
    """Return the answerable questions as such that nothing answers: what does is left out."""
    stored = [snapshot.entry(head.row) for head in snapshot.entries()]
    cases = []
    for question in asked:
        left = [
            row
            for one in stored
            if not any(
                target.matches(one.file.path, one.entry.headings, one.entry.lines)
                for target in question.targets
            )
            for row, _ in one.chunks
        ]
        if question.targets and left:
            cases.append(Case(replace(question, targets=()), left))
    return cases


def figures(found: Iterable[Outcome]) -> dict[str, float]:
    """Return the shares by name of the measure, those without any question left out."""
    found = list(found)
    answerable = [outcome for outcome in found if outcome.question.targets]
    others = [outcome for outcome in found if not outcome.question.targets]
    each = [runner.values(outcome) for outcome in answerable]
    shares = {name: mean([values[name] for values in each]) for name in RANKING} if each else {}
    if others:
        shares["refused"] = mean([outcome.verdict == "none" for outcome in others])
        shares["wrong found"] = mean([outcome.verdict == "found" for outcome in others])
    if answerable:
        wrong = [outcome.rank != 1 and outcome.verdict == "found" for outcome in answerable]
        shares["wrong-first found"] = mean(wrong)
    return shares


def mean(values: Sequence[float]) -> float:
    """Return the mean of at least one value."""
    return sum(values) / len(values)


def is_failure(outcome: Outcome) -> bool:
    """Return whether the right place was not first, was turned away, or there is none to find."""
    if not outcome.question.targets:
        return outcome.verdict != "none"
    return outcome.rank != 1 or outcome.verdict == "none"


def heading() -> str:
    """Return the line above the table."""
    names = "".join(f"{name:>{max(_CELL, len(name) + 2)}}" for name in (*RANKING, *VERDICT))
    return f"{'set':<{_NAME}}{'n':>5}{names}"


def line(name: str, count: int, shares: Mapping[str, float]) -> str:
    """Return one line of the table."""
    cells = (
        f"{f'{shares[key]:.3f}' if key in shares else '-':>{max(_CELL, len(key) + 2)}}"
        for key in (*RANKING, *VERDICT)
    )
    return f"{name:<{_NAME}}{count:>5}{''.join(cells)}"


def failure(outcome: Outcome) -> str:
    """Return a question that failed: its rank, its verdict, what was wanted, what came first."""
    question, first = outcome.question, outcome.first
    wanted = " or ".join(target.shown for target in question.targets) or "nothing"
    came = " › ".join((first.note, *first.headings)) if first else "nothing"
    rank = str(outcome.rank or "-") if question.targets else ""
    asked = " ".join(question.text.split())
    return (
        f"  {rank:>2} {outcome.verdict:<5} {asked}  [{question.kind}]\n"
        f"           wanted {wanted}\n           first  {came}"
    )


def main() -> None:
    """Print the figures of each set, and of all those in the tests together."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the indexes are kept")
    parser.add_argument("--half", choices=HALVES, default=HALVES[0])
    parser.add_argument("--set", action="append", default=[], dest="names", metavar="NAME")
    parser.add_argument("--misses", action="store_true", help="list the questions that failed")
    parser.add_argument("--full", action="store_true", help="index all notes again")
    parser.add_argument("--english", action="store_true", help="read no other language")
    parser.add_argument("--taken-out", action="store_true", help="ask without what answers")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    given = parser.parse_args()
    chosen = question_sets(given.half, given.names)
    given.folder.mkdir(parents=True, exist_ok=True)
    encoder: Future[Encoder] = Future()
    model_folder = exported(given.model)
    encoder.set_result(OnnxEncoder(model_folder))
    print(heading())
    together: list[Outcome] = []
    for each in chosen:
        others = False if given.english else "auto"
        found = outcomes(
            *(each, given.folder, model_folder, encoder, given.full, given.taken_out, others),
            model=given.model,
        )
        print(line(each.name, len(found), figures(found)), flush=True)
        if given.misses:
            print("\n".join(failure(outcome) for outcome in found if is_failure(outcome)))
        if each.name != SHIPPED:
            together += found
    if len(chosen) > 1:
        print(line("all but content", len(together), figures(together)))


if __name__ == "__main__":
    main()
