"""What another model makes of the same questions, beside the one in use: figures, and each flip."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.evaluation import runner
from assistant.evaluation.history import Change, change_between
from assistant.evaluation.report import WORST, change_record, flip_line, share, signed, the_first
from assistant.evaluation.runner import Outcome
from assistant.search import Searcher
from assistant.store import index_at
from assistant.text import json_line, printable_line

TIMED_QUESTIONS = 20
"""Questions that are timed, after one that opens what is opened once."""

TIMED_CHUNKS = 32
"""Chunks that are embedded for their time, spread evenly over the notes."""

MEASURES = ("hit@1", "hit@5", "mrr", "kept", runner.REFUSED)
"""Rows of the table."""

_NAME, _CELL = 24, 12


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model takes."""

    index: int
    """Bytes of the index."""
    question: float
    """Seconds until the passages that a question finds are ranked, the median."""
    chunks: float
    """Seconds in which a hundred chunks are embedded."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What one model made of the questions."""

    model: str
    outcomes: Mapping[str, Sequence[Outcome]]
    """By name of the questions."""
    cost: Cost


def cost(searcher: Searcher) -> Cost:
    """Return what the model of an index takes, on this machine as busy as it is now."""
    snapshot = searcher.snapshot
    texts = [text for _, text in snapshot.chunk_texts(note.row for note in snapshot.notes())]
    step = max(1, len(texts) // TIMED_CHUNKS)
    chosen = texts[::step][:TIMED_CHUNKS]
    began = time.perf_counter()
    encoded = list(searcher.encoder.encode_passages(chosen))
    a_hundred = 100 * (time.perf_counter() - began) / max(1, len(encoded))
    headings = [entry.headings[-1] for entry in snapshot.entries() if entry.headings]
    spent = [_seconds(searcher, text) for text in (headings or ["notes"])[: TIMED_QUESTIONS + 1]]
    size = index_at(snapshot.folder).size()
    return Cost(size, statistics.median(spent[1:] or spent), a_hundred)


def _seconds(searcher: Searcher, text: str) -> float:
    began = time.perf_counter()
    searcher.rank(searcher.prepare(text))
    return time.perf_counter() - began


def changes(now: Trial, tried: Trial) -> dict[str, Change]:
    """Return how the model that was tried fares against the one in use, by set of questions."""
    return {
        name: change_between(now.outcomes[name], outcomes)
        for name, outcomes in tried.outcomes.items()
    }


def to_json(now: Trial, tried: Trial) -> str:
    """Return a comparison as one line of JSON."""
    record: dict[str, Any] = {
        "in_use": {"model": now.model, "cost": asdict(now.cost)},
        "tried": {"model": tried.model, "cost": asdict(tried.cost)},
        "questions": {
            name: {
                "in_use": _figures(now.outcomes[name]),
                "tried": _figures(tried.outcomes[name]),
                **change_record(change),
            }
            for name, change in changes(now, tried).items()
        },
    }
    return json_line(record)


def to_text(now: Trial, tried: Trial) -> str:
    """Return a comparison for people: no colour, no control codes."""
    parts = [
        [f"in use: {now.model}", f"tried:  {tried.model}"],
        _row("", "in use", "tried", "difference (95 % interval)"),
    ]
    for name, change in changes(now, tried).items():
        parts.append(_table(name, change, now.outcomes[name], tried.outcomes[name]))
    parts.append(_costs(now.cost, tried.cost))
    for name, change in changes(now, tried).items():
        parts += _flips(name, change)
    text = "\n\n".join("\n".join(lines) for lines in parts if lines)
    return "\n".join(printable_line(line).rstrip() for line in text.split("\n"))


def _row(*cells: str) -> list[str]:
    name, *others = cells
    return [f"{name:<{_NAME}}" + "".join(f"{cell:<{_CELL}}" for cell in others)]


def _figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the mean of each measure that there are questions for."""
    answerable = [runner.values(o) for o in outcomes if o.question.targets]
    refusals = [o.verdict == "none" for o in outcomes if not o.question.targets]
    found = {
        name: statistics.fmean(values[name] for values in answerable)
        for name in MEASURES
        if answerable and name != runner.REFUSED
    }
    return found | ({runner.REFUSED: statistics.fmean(refusals)} if refusals else {})


def _table(
    name: str, change: Change, now: Sequence[Outcome], tried: Sequence[Outcome]
) -> list[str]:
    """Return the figures over one set of questions."""
    before, after = _figures(now), _figures(tried)
    lines = [f"{name}, {change.common:,} questions"]
    for measure, interval in change.figures.items():
        if measure in before and measure in after:
            cells = (share(before[measure]), share(after[measure]), signed(interval))
            lines += _row(f"  {measure}", *cells)
    return lines


def _costs(now: Cost, tried: Cost) -> list[str]:
    def row(name: str, unit: str, before: float, after: float) -> list[str]:
        times = f"{after / before:.1f} times" if before else ""
        return _row(f"  {name}", f"{before:,.1f} {unit}", f"{after:,.1f} {unit}", times)

    return [
        "what it takes",
        *row("index", "MB", now.index / 1e6, tried.index / 1e6),
        *row("a question", "ms", now.question * 1e3, tried.question * 1e3),
        *row("a hundred chunks", "s", now.chunks, tried.chunks),
    ]


def _flips(name: str, change: Change) -> list[list[str]]:
    """Return the questions that fare better, and those that fare worse."""
    found = []
    for better, word in ((True, "better"), (False, "worse")):
        flips = [flip for flip in change.flips if flip.better == better]
        if flips:
            head = f"{name}, {word}: {len(flips):,}{the_first(flips, 'the first')}"
            found.append([head, *map(flip_line, flips[:WORST])])
    return found or [[f"{name}: no question fares otherwise"]]
