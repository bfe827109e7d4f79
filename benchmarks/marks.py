"""Measures how often the marked sentence and the excerpt hold the heart of an answer.

    python benchmarks/marks.py FOLDER [--half tuning|held] [--set NAME]...

The questions are those of `tests/project/sets` and the notes that ship that have `must_contain`.
Of those whose first result is right and whose passage holds the heart: the share whose mark holds
it, the characters of a mark, the share whose excerpt holds it, and, of those with the heart in the
entry's code, the share of which `ask --code` prints it. FOLDER keeps the indexes.
"""

from __future__ import annotations

import argparse
from concurrent.futures import Future
from pathlib import Path

from sets import HALVES, QuestionSet, mean, question_sets

from assistant.answering.answer import ask
from assistant.embedding.encoder import Encoder
from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.evaluation import questions
from assistant.indexing.build import build
from assistant.rendering.excerpts import excerpt
from assistant.search.searcher import Searcher

Row = tuple[bool, int, bool, bool | None]
"""Mark holds the heart, its length, the excerpt does, the code does (None: none of the code)."""


def rows(chosen: QuestionSet, folder: Path, model: Path, encoder: Future[Encoder]) -> list[Row]:
    """Ask the questions of a set whose heart is known."""
    index = folder / chosen.name
    build(index, [chosen.notes], model, open_encoder=encoder.result)
    searcher = Searcher(index, encoder)
    found: list[Row] = []
    try:
        paths = questions.heading_paths(searcher.snapshot.notes(), searcher.snapshot.entries())
        asked = [question for file in chosen.files for question in questions.read(file, paths)]
        for question in asked:
            heart = folded(question.heart)
            results = ask(searcher, question.text, 1).results if heart else ()
            for first in results:
                place = (first.note, first.headings, first.lines)
                right = any(target.matches(*place) for target in question.targets)
                if not right or heart not in folded(first.snippet):
                    continue
                mark = first.snippet[slice(*first.highlight)]
                code = [heart in folded(block.text) for block in first.code if not block.output]
                printed = code[0] if any(code) else None
                held = heart in folded(excerpt(first))
                found.append((heart in folded(mark), len(mark), held, printed))
    finally:
        searcher.close()
    return found


def folded(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def line(name: str, found: list[Row]) -> str:
    """Return one line of the table."""
    if not found:
        return f"{name:<18}{0:>5}"
    marks, lengths, excerpts, codes = zip(*found, strict=True)
    printed = [code for code in codes if code is not None]
    code = f"{mean(printed):>8.3f} of {len(printed)}" if printed else ""
    shares = f"{mean(marks):>8.3f}{mean(lengths):>8.0f}{mean(excerpts):>9.3f}"
    return f"{name:<18}{len(found):>5}{shares}{code}"


def main() -> None:
    """Print the figures of each set, and of all together."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the indexes are kept")
    parser.add_argument("--half", choices=HALVES, default=HALVES[0])
    parser.add_argument("--set", action="append", default=[], dest="names", metavar="NAME")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    model = exported(DEFAULT_MODEL)
    encoder: Future[Encoder] = Future()
    encoder.set_result(OnnxEncoder(model))
    print(f"{'set':<18}{'n':>5}{'mark':>8}{'length':>8}{'excerpt':>9}{'code':>8}")
    together: list[Row] = []
    for each in question_sets(given.half, given.names):
        found = rows(each, given.folder, model, encoder)
        together += found
        if found:
            print(line(each.name, found), flush=True)
    print(line("all", together))


if __name__ == "__main__":
    main()
