"""How well questions with known answers are answered, beside two plainer searches.

The baselines are the two searches that the answer is made of, each by itself: BM25, and the cosine
of the model's vectors. They rank the same chunks for the same questions in the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answering import answer
from assistant.evaluation import metrics, questions
from assistant.evaluation.metrics import Interval
from assistant.evaluation.questions import Question
from assistant.results import Verdict
from assistant.search import Candidate, Searcher, best_of_entries

if TYPE_CHECKING:
    from assistant.indexing import Progress

DEPTH = 10
"""Results that are looked at; a right one below counts as none."""

ASSISTANT, BM25, VECTORS = SYSTEMS = ("assistant", "BM25 alone", "vectors alone")
ALL = "all"
MEASURES = ("hit@1", "hit@3", "hit@5", "mrr", "ndcg@5", "kept")
"""Of answerable questions; ``ndcg@5`` is by note, ``kept`` says that the verdict is not none."""

REFUSED = "refused"
"""Of unanswerable questions: the share whose verdict is none."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the chunks that may answer it."""

    question: Question
    among: Sequence[int] | None = None
    """None for all."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place in the notes that came up."""

    note: str
    headings: tuple[str, ...]
    lines: tuple[int, int]
    also: tuple[str, ...] = ()
    """Other notes with the same text under the same heading."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one search makes of one question."""

    rank: int
    """Of the first right result, from 1; 0 when none of the first ``DEPTH`` is right."""
    notes: tuple[str, ...]
    """Of the results, best first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question."""

    question: Question
    verdict: Verdict
    rankings: tuple[Ranking, ...]
    """In the order of ``SYSTEMS``."""
    first: Found | None
    """The assistant's first result."""

    @property
    def rank(self) -> int:
        """The assistant's rank."""
        return self.rankings[0].rank


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one search over the questions of one kind."""

    kind: str
    system: str
    count: int
    figures: dict[str, Interval] = field(default_factory=dict)
    """By name of the measure."""


def ask_file(searcher: Searcher, file: Path, progress: Progress) -> list[Outcome]:
    """Ask the questions of a file.

    Raises:
        UsageError: It cannot be read, or a line of it is wrong.
    """
    snapshot = searcher.snapshot
    asked = questions.read(file, questions.heading_paths(snapshot.notes(), snapshot.entries()))
    cases = [Case(question) for question in asked]
    return run(searcher, cases, lambda done: progress("questions", done, len(cases)))


def run(
    searcher: Searcher, cases: Iterable[Case], progress: Callable[[int], None] | None = None
) -> list[Outcome]:
    """Ask every question of the assistant and of both baselines.

    Args:
        searcher: The index.
        cases: The questions.
        progress: Told how many are done.
    """
    outcomes = []
    for done, case in enumerate(cases, 1):
        outcomes.append(_outcome(searcher, case))
        if progress:
            progress(done)
    return outcomes


def _outcome(searcher: Searcher, case: Case) -> Outcome:
    text = case.question.text
    given = answer.ask(searcher, text, DEPTH, among=case.among)
    shown = [Found(r.note, r.headings, r.lines, r.also) for r in given.results]
    ranked = searcher.rank(searcher.prepare(text), case.among)
    lists = [
        shown,
        _places(searcher, by_leg(ranked, lambda c: c.lexical_rank)),
        _places(searcher, by_leg(ranked, lambda c: c.dense_rank)),
    ]
    rankings = tuple(_ranking(case.question, found) for found in lists)
    return Outcome(case.question, given.verdict, rankings, shown[0] if shown else None)


def by_leg(
    ranked: Iterable[Candidate], rank_of: Callable[[Candidate], int | None]
) -> list[Candidate]:
    """Return the candidates that one search gave, in its own order, the best of each entry."""
    given = [(rank, c) for c in ranked if (rank := rank_of(c)) is not None]
    in_order = sorted(given, key=lambda item: (item[0], item[1].place))
    return best_of_entries(candidate for _, candidate in in_order)


def _places(searcher: Searcher, candidates: Sequence[Candidate]) -> list[Found]:
    """Return the chunks of the first candidates as places in the notes."""
    return [chunk_of(searcher, candidate) for candidate in candidates[:DEPTH]]


def chunk_of(searcher: Searcher, candidate: Candidate) -> Found:
    """Return where a candidate stands in its note."""
    stored = searcher.snapshot.entry(candidate.place.entry)
    chunk = dict(stored.chunks)[candidate.chunk]
    lines = stored.entry.lines_of(chunk.start, chunk.end)
    return Found(stored.file.path, stored.entry.headings, lines)


def _ranking(question: Question, found: Sequence[Found]) -> Ranking:
    hits = (
        any(
            target.matches(note, place.headings, place.lines)
            for target in question.targets
            for note in (place.note, *place.also)
        )
        for place in found
    )
    return Ranking(metrics.first_hit(hits), tuple(place.note for place in found))


def values(outcome: Outcome, system: str = ASSISTANT) -> dict[str, float]:
    """Return the measures of one answerable question, by name."""
    ranking = outcome.rankings[SYSTEMS.index(system)]
    right = {target.note for target in outcome.question.targets}
    found = {f"hit@{k}": metrics.hit_at(ranking.rank, k) for k in (1, 3, 5)}
    found["mrr"] = metrics.reciprocal_rank(ranking.rank)
    found["ndcg@5"] = metrics.ndcg(ranking.notes, right, 5)
    if system == ASSISTANT:
        found["kept"] = float(outcome.verdict != "none")
    return found


def table(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return the figures over all questions, then by kind, answerable ones first."""
    rows: list[Row] = []
    for answerable in (True, False):
        chosen = [o for o in outcomes if bool(o.question.targets) == answerable]
        kinds = list(dict.fromkeys(o.question.kind for o in chosen))
        groups = [(kind, [o for o in chosen if o.question.kind == kind]) for kind in kinds]
        if len(kinds) > 1:
            groups.insert(0, (ALL if answerable else f"{ALL} unanswerable", chosen))
        for kind, group in groups:
            rows += _rows(kind, group) if answerable else [_refusals(kind, group)]
    return rows


def _rows(kind: str, group: Sequence[Outcome]) -> list[Row]:
    found = []
    for system in SYSTEMS:
        each = [values(outcome, system) for outcome in group]
        figures = {name: metrics.bootstrap([v[name] for v in each]) for name in each[0]}
        found.append(Row(kind, system, len(group), figures))
    return found


def _refusals(kind: str, group: Sequence[Outcome]) -> Row:
    refused = metrics.bootstrap([float(outcome.verdict == "none") for outcome in group])
    return Row(kind, ASSISTANT, len(group), {REFUSED: refused})


def gain(outcomes: Sequence[Outcome], baseline: str) -> Interval | None:
    """Return by how much MRR exceeds a baseline's; None without answerable questions."""
    chosen = [outcome for outcome in outcomes if outcome.question.targets]
    if not chosen:
        return None
    return metrics.paired_difference(
        [values(outcome)["mrr"] for outcome in chosen],
        [values(outcome, baseline)["mrr"] for outcome in chosen],
    )


def misses(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the answerable questions whose right place was not first, the worst first."""
    missed = [o for o in outcomes if o.question.targets and o.rank != 1]
    return sorted(missed, key=lambda o: -(o.rank or DEPTH + 1))


def answered_in_vain(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the unanswerable questions that were not refused."""
    return [o for o in outcomes if not o.question.targets and o.verdict != "none"]
