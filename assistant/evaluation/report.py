"""An evaluation as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.evaluation import runner
from assistant.evaluation.history import STEPS, Change, Flip
from assistant.evaluation.metrics import RESAMPLES, Interval
from assistant.evaluation.runner import ASSISTANT, DEPTH, REFUSED, SYSTEMS, Found, Outcome, Row
from assistant.text import json_line, place, printable_line

SHOWN = ("hit@1", "hit@3", "hit@5", "mrr", "kept")
"""Columns of the text; JSON has every measure."""

WORST = 10
"""Misses that the text shows."""

_NAME, _CELL = 18, 16


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All that an evaluation found."""

    name: str
    """Of the questions."""
    outcomes: tuple[Outcome, ...]
    change: Change | None
    """None on the first run."""


def to_record(card: Scorecard) -> dict[str, Any]:
    """Return an evaluation for JSON."""
    outcomes = card.outcomes
    gains = {name: runner.gain(outcomes, name) for name in SYSTEMS if name != ASSISTANT}
    return {
        "name": card.name,
        "questions": len(outcomes),
        "table": [_row_record(row) for row in runner.table(outcomes)],
        "mrr_gain_over": {name: asdict(gain) for name, gain in gains.items() if gain},
        "misses": [_outcome_record(outcome) for outcome in runner.misses(outcomes)],
        "not_refused": [_outcome_record(o) for o in runner.answered_in_vain(outcomes)],
        "change": change_record(card.change) if card.change else None,
    }


def to_json(card: Scorecard) -> str:
    """Return an evaluation as one line of JSON."""
    return json_line(to_record(card))


def to_text(card: Scorecard) -> str:
    """Return an evaluation for people: no colour, no control codes."""
    parts = [
        _in_words(card.outcomes),
        [
            f"{len(card.outcomes):,} questions of {card.name};"
            f" 95 % intervals from {RESAMPLES:,} resamples of the questions"
        ],
        _table(runner.table(card.outcomes)),
        _gains(card.outcomes),
        _misses(card.outcomes),
        _in_vain(card.outcomes),
        _change(card.change),
    ]
    text = "\n\n".join("\n".join(lines) for lines in parts if lines)
    return "\n".join(printable_line(line).rstrip() for line in text.split("\n"))


def _in_words(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the figures that one asks for first, counted: ``7 of 8 came first``."""
    asked = [one for one in outcomes if one.question.targets]
    lines = []
    if asked:
        first = sum(one.rank == 1 for one in asked)
        three = sum(1 <= one.rank <= 3 for one in asked)
        words, vectors = (sum(one.rankings[at].rank == 1 for one in asked) for at in (1, 2))
        lines.append(
            f"{first:,} of {len(asked):,} came first; keyword search alone (BM25): {words:,},"
            f" vectors alone: {vectors:,}."
        )
        lines.append(f"{three:,} came among the first three.")
        turned = sum(one.verdict == "none" for one in asked)
        lines += [f"{turned:,} of them were turned away."] if turned else []
    if rest := len(outcomes) - len(asked):
        refused = sum(one.verdict == "none" for one in outcomes if not one.question.targets)
        lines.append(f"Of {rest:,} that the notes do not answer, {refused:,} were refused.")
    return lines


def _cell(interval: Interval | None) -> str:
    """Return a figure and its bounds: ``.71 (.60-.82)``."""
    if interval is None:
        return ""
    value, low, high = (share(x) for x in (interval.value, interval.low, interval.high))
    return f"{value} ({low}-{high})"


def share(value: float) -> str:
    """Return a share with two digits, the zero before the point left out: ``.71``, ``1.0``."""
    return f"{value:.1f}" if value > 0.995 else f"{value:.2f}"[1:]


def signed(interval: Interval) -> str:
    """Return a difference and its bounds: ``+.07 (-.01 to +.15)``."""
    value, low, high = (f"{x:+.2f}" for x in (interval.value, interval.low, interval.high))
    return f"{value} ({low} to {high})"


def _table(rows: Sequence[Row]) -> list[str]:
    answerable = [row for row in rows if REFUSED not in row.figures]
    others = [row for row in rows if REFUSED in row.figures]
    width = max(_NAME, *(len(row.kind) + 2 for row in rows))
    lines = []
    if answerable:
        head = "".join(f"{name:<{_CELL}}" for name in SHOWN)
        lines.append(f"{'kind':<{width}}{'n':>5}  {head}")
    for row in answerable:
        own = row.system == ASSISTANT
        name, count = (row.kind, f"{row.count:,}") if own else (f"  {row.system}", "")
        cells = "".join(f"{_cell(row.figures.get(name)):<{_CELL}}" for name in SHOWN)
        lines.append(f"{name:<{width}}{count:>5}  {cells}")
    if others:
        lines += [""] * bool(lines) + [f"{'kind':<{width}}{'n':>5}  {REFUSED}"]
        lines += [
            f"{row.kind:<{width}}{row.count:>5,}  {_cell(row.figures[REFUSED])}" for row in others
        ]
    return lines


def _gains(outcomes: Sequence[Outcome]) -> list[str]:
    found = ((name, runner.gain(outcomes, name)) for name in SYSTEMS if name != ASSISTANT)
    return [f"mrr against {name:<15} {signed(gain)}" for name, gain in found if gain]


def _place(found: Found | None) -> str:
    if found is None:
        return "nothing"
    return place(found.note, found.lines, found.headings)


def _expected(outcome: Outcome) -> str:
    return ", or ".join(target.shown for target in outcome.question.targets)


def _misses(outcomes: Sequence[Outcome]) -> list[str]:
    missed = runner.misses(outcomes)
    if not missed:
        return []
    lines = [f"Not first: {len(missed):,}" + the_first(missed, "the worst")]
    for outcome in missed[:WORST]:
        rank = f"at rank {outcome.rank}" if outcome.rank else f"not among the first {DEPTH}"
        lines += [
            f"  {_one_line(outcome.question.text)}  [{outcome.question.where}]",
            f"    expected  {_expected(outcome)}, {rank}",
            f"    first     {_place(outcome.first)}",
        ]
    return lines


def _in_vain(outcomes: Sequence[Outcome]) -> list[str]:
    found = runner.answered_in_vain(outcomes)
    if not found:
        return []
    lines = [f"Answered, though nothing answers: {len(found):,}" + the_first(found, "the first")]
    for outcome in found[:WORST]:
        lines += [
            f"  {_one_line(outcome.question.text)}  [{outcome.question.where}]",
            f"    {outcome.verdict:<8}  {_place(outcome.first)}",
        ]
    return lines


def the_first(found: Sequence[object], which: str) -> str:
    """Return what a heading adds where not all of what was found is listed."""
    return f", {which} {WORST}" if len(found) > WORST else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _change(change: Change | None) -> list[str]:
    if change is None:
        return []
    lines = [f"Since the last run, {change.since}, over {change.common:,} questions of both:"]
    lines += [f"  {name:<8} {signed(interval)}" for name, interval in change.figures.items()]
    if not change.flips:
        return [*lines, f"  no question crossed rank {', '.join(str(step) for step in STEPS)}"]
    for better, word in ((True, "better"), (False, "worse")):
        flips = [flip for flip in change.flips if flip.better == better]
        if flips:
            lines.append(f"  {word}: {len(flips):,}" + the_first(flips, "the first"))
            lines += [flip_line(flip) for flip in flips[:WORST]]
    return lines


def flip_line(flip: Flip) -> str:
    """Return a question that fares otherwise, with how, in one line."""
    return f"    {_one_line(flip.question)}: {flip.before} -> {flip.now}"


def _row_record(row: Row) -> dict[str, Any]:
    figures = {name: asdict(interval) for name, interval in row.figures.items()}
    return {"kind": row.kind, "system": row.system, "n": row.count, **figures}


def _outcome_record(outcome: Outcome) -> dict[str, Any]:
    question = outcome.question
    return {
        "question": question.text,
        "kind": question.kind,
        "where": question.where,
        "verdict": outcome.verdict,
        "expected": [target.shown for target in question.targets],
        "rank": outcome.rank or None,
        "first": asdict(outcome.first) if outcome.first else None,
    }


def change_record(change: Change) -> dict[str, Any]:
    """Return a change for JSON."""
    return {
        "since": change.since,
        "common": change.common,
        "figures": {name: asdict(interval) for name, interval in change.figures.items()},
        "better": _flip_records(flip for flip in change.flips if flip.better),
        "worse": _flip_records(flip for flip in change.flips if not flip.better),
    }


def _flip_records(flips: Iterable[Flip]) -> list[dict[str, str]]:
    return [{"question": f.question, "before": str(f.before), "now": str(f.now)} for f in flips]
