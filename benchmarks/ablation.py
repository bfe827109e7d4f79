"""What each part of the search is worth: take one away, and see what is lost.

    python benchmarks/ablation.py INDEX QUESTIONS.jsonl... [--write]

INDEX is an index folder, the questions are in the form of `assistant eval`. Prints a table; --write
puts it into docs/quality.md.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from unittest import mock

from assistant.embedding import maxsim
from assistant.embedding.encoder import Encoder
from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.evaluation import metrics, questions
from assistant.evaluation.questions import Question
from assistant.indexing import build, embedder
from assistant.language import analyzer, api_summaries, english, identify, spelling
from assistant.search import fusion, signs
from assistant.search.fusion import Leg, Signs
from assistant.search.searcher import Candidate, Query, Searcher
from assistant.store.manifest import last_sources

PAGE = Path(__file__).parent.parent / "docs" / "quality.md"
MARKS = re.compile(r"(<!-- begin: ablation -->\n).*(<!-- end: ablation -->)", re.DOTALL)
DEPTH = 10

SIGNS = "signs"

Weights = Mapping[str, tuple[float, float]]
"""Weight and least span of each leg."""

ALL: Weights = {
    "cosine": (fusion.DENSE, fusion.COSINES_APART),
    "note_cosine": (fusion.NOTE, fusion.COSINES_APART),
    "bm25": (fusion.LEXICAL, 0.0),
    "late": (fusion.LATE, fusion.LATE_APART),
    SIGNS: (1.0, 0.0),
}


def without(leg: str) -> Weights:
    """Return the weights with one leg left out."""
    return {name: weight for name, weight in ALL.items() if name != leg}


def fused_rank(
    searcher: Searcher, found: list[Candidate], question: Question, legs: Weights
) -> int:
    """Return the rank of the first right entry when the legs are fused, 0 when it is too low."""
    scores = fusion.fused(
        [
            Leg(weight, {c.chunk: getattr(c, leg) or 0.0 for c in found}, span)
            for leg, (weight, span) in legs.items()
            if leg != SIGNS
        ],
        {c.chunk: c.signs if SIGNS in legs else Signs() for c in found},
    )
    ordered = sorted(found, key=lambda c: (-scores[c.chunk], c.place))
    entries = list(dict.fromkeys(c.place.entry for c in ordered))[:DEPTH]
    return metrics.first_hit(is_right(searcher, entry, question) for entry in entries)


def is_right(searcher: Searcher, row: int, question: Question) -> bool:
    """Return whether an entry is among those that answer."""
    stored = searcher.snapshot.entry(row)
    lines = (stored.entry.first_line, stored.entry.first_line + stored.entry.text.count("\n"))
    return any(t.matches(stored.file.path, stored.entry.headings, lines) for t in question.targets)


def query(searcher: Searcher, text: str, glossed: str, repaired: str, searched: str) -> Query:
    """Return a query made of given forms of a question."""
    terms = tuple(analyzer.query_terms(searched))
    embedding = searcher.encoder.encode_query(searched)
    pieces = maxsim.project(embedding.states, searcher.encoder.projection)
    return Query(
        question=text,
        glossed=glossed,
        repaired=repaired,
        terms=terms,
        marks=terms,
        vector=embedding.vector,
        pieces=pieces,
        asked=pieces,
        spans=embedding.spans,
        wording=signs.wording(text, terms, date.today()),
        unread=0.0,
    )


def plain_query(searcher: Searcher, text: str) -> Query:
    """Return a query whose Chinese stays Chinese."""
    repaired = spelling.repair(
        text, searcher.snapshot.engine.vocabulary(), english.is_word, identify.of_question(text)
    ).question
    return query(searcher, text, text, repaired, repaired)


def unrepaired_query(searcher: Searcher, text: str) -> Query:
    """Return a query as it was typed, mistakes included."""
    glossed = searcher.prepare(text).glossed
    return query(searcher, text, glossed, text, glossed)


def measure(searcher: Searcher, asked: list[Question]) -> dict[str, list[int]]:
    """Return the rank of every question, for the whole and for each part left out."""
    legs: dict[str, Weights] = {
        "the whole": ALL,
        "late interaction": without("late"),
        "cosine of the chunk": without("cosine"),
        "BM25": without("bm25"),
        "cosine of the note": without("note_cosine"),
        "names, numbers, words held": without(SIGNS),
    }
    ranks: dict[str, list[int]] = {name: [] for name in legs}
    prepared: dict[str, Callable[[Searcher, str], Query]] = {
        "gloss of the question": plain_query,
        "spelling repair": unrepaired_query,
    }
    for question in asked:
        found = searcher.rank(searcher.prepare(question.text))
        for name, weights in legs.items():
            ranks[name].append(fused_rank(searcher, found, question, weights))
        for name, prepare in prepared.items():
            other = searcher.rank(prepare(searcher, question.text))
            ranks.setdefault(name, []).append(fused_rank(searcher, other, question, ALL))
    return ranks


REBUILT: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "summaries of the names in headings": lambda: mock.patch.object(
        api_summaries, "explained", lambda context, *_: context
    ),
    "descriptions of the notes": lambda: mock.patch.object(embedder, "MOST_ABOUT", 0),
}
"""Parts of what is embedded, and how a build goes without each."""


def rebuilt(
    index: Path,
    model_folder: Path,
    encoder: Future[Encoder],
    asked: list[Question],
    left_out: AbstractContextManager[object],
) -> list[int]:
    """Return the rank of every question on a copy of the index that is built without a part."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "index"
        shutil.copytree(index, copy)
        sources = last_sources(index)
        with left_out:
            build.build(copy, sources, model_folder, full=True, open_encoder=encoder.result)
        searcher = Searcher(copy, encoder)
        try:
            found = [searcher.rank(searcher.prepare(question.text)) for question in asked]
            return [fused_rank(searcher, f, q, ALL) for f, q in zip(found, asked, strict=True)]
        finally:
            searcher.close()


def table(ranks: dict[str, list[int]]) -> str:
    """Return the figures as Markdown."""
    whole = [metrics.reciprocal_rank(rank) for rank in ranks["the whole"]]
    lines = [
        "| left out | hit@1 | hit@5 | mrr | mrr lost (95 % interval) |",
        "|---|---|---|---|---|",
    ]
    for name, found in ranks.items():
        values = [metrics.reciprocal_rank(rank) for rank in found]
        lost = metrics.paired_difference(whole, values)
        share = {k: sum(metrics.hit_at(rank, k) for rank in found) / len(found) for k in (1, 5)}
        mean = sum(values) / len(values)
        said = (
            "" if name == "the whole" else f"{lost.value:.3f} ({lost.low:.3f} to {lost.high:.3f})"
        )
        shown = "nothing" if name == "the whole" else name
        lines.append(f"| {shown} | {share[1]:.3f} | {share[5]:.3f} | {mean:.3f} | {said} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="write docs/quality.md")
    given = parser.parse_args()
    opened: Future[Encoder] = Future()
    model_folder = exported(DEFAULT_MODEL)
    opened.set_result(OnnxEncoder(model_folder))
    searcher = Searcher(given.index, opened)
    paths = questions.heading_paths(searcher.snapshot.notes(), searcher.snapshot.entries())
    asked = [q for file in given.questions for q in questions.read(file, paths) if q.targets]
    ranks = measure(searcher, asked)
    for part, left_out in REBUILT.items():
        ranks[part] = rebuilt(given.index, model_folder, opened, asked, left_out())
    shown = f"{len(asked)} questions.\n\n{table(ranks)}"
    print(shown)
    if given.write:
        PAGE.write_text(MARKS.sub(lambda m: m[1] + shown + m[2], PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
