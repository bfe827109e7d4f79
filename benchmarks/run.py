"""Measure the program beside the recipe a person would write instead; `make bench NOTES=folder`.

Everything runs in processes of its own, in turn, on one machine; medians are reported. The table
goes between the markers of docs/benchmarks.md, in place of the one before.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import process
import report
from process import ASSISTANT, HERE, Run, interleaved, median, run
from questions import CHINESE, COLD, ENGLISH

HEADING = re.compile(r"^#{1,6} .*\n", re.MULTILINE)

Figures = dict[str, Any]

CONTENT = HERE.parent / "content"
"""The notes that the questions of the tests are about."""


def main() -> None:
    """Measure what is asked for and write the table."""
    parser = argparse.ArgumentParser(
        description="Measure speed and memory into docs/benchmarks.md."
    )
    parser.add_argument("notes", nargs="?", type=Path, default=CONTENT)
    parser.add_argument("--repeats", type=int, default=7, help="runs of each kind")
    parser.add_argument(
        "--chunks", type=int, default=100_000, help="of the large index; 0 for none"
    )
    parser.add_argument("--vectors", type=int, default=250_000, help="of dense.py; 0 for none")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        work = Path(name)
        found = measure_build(work, chosen.notes.absolute())
        found |= measure_cold(work, chosen.repeats)
        found |= measure_warm(work / "index", chosen.repeats)
        if chosen.notes.absolute() == CONTENT:
            draw_verdict(work / "index")
        found |= measure_changes(work, chosen.repeats)
        if chosen.chunks:
            found |= measure_scale(work / "large", chosen.chunks, chosen.repeats)
        if chosen.vectors:
            tell("the inverted file")
            found["dense"] = process.figures("dense.py", work / "index", str(chosen.vectors))
    report.write(HERE.parent / "docs" / "benchmarks.md", found, chosen.repeats)
    print(report.table(found))


def tell(stage: str) -> None:
    """Say on standard error what is being measured."""
    print(f"measuring {stage} ...", file=sys.stderr)


def build_command(index: Path, notes: Path) -> tuple[str, ...]:
    """Return the command that brings an index up to date."""
    return (*ASSISTANT, "--index", str(index), "build", str(notes))


def measure_build(work: Path, notes: Path) -> Figures:
    """Build the index of a copy of the notes, and let the recipe encode the same texts."""
    tell("the full build")
    if notes.is_dir():
        shutil.copytree(notes, work / "notes")
    else:
        (work / "notes").mkdir()
        shutil.copy(notes, work / "notes")
    for path in (work / "notes", *(work / "notes").rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    # The texts are cut first, so that the model is exported by then.
    counts = process.figures("texts.py", work, work / "notes")
    built = run(build_command(work / "index", work / "notes"))
    return {"texts": counts, "build": built, "encode": process.figures("recipe.py", "build", work)}


def measure_cold(work: Path, repeats: int) -> Figures:
    """Time whole processes that answer one question."""
    tell("cold questions")
    ask = (*ASSISTANT, "--index", str(work / "index"), "ask", COLD)
    recipe = (sys.executable, str(HERE / "recipe.py"), "ask", str(work), COLD)
    kinds = {
        "recipe": lambda: run(recipe),
        "plain": lambda: run(ask),
        "json": lambda: run((*ask, "--json")),
        "terminal": lambda: run(ask, terminal=True),
    }
    return {"cold": interleaved(kinds, repeats)}


def measure_warm(index: Path, rounds: int) -> Figures:
    """Time questions of one running process, in milliseconds."""
    tell("warm questions")
    kinds = {"English": ENGLISH, "Chinese": CHINESE}
    return {
        "warm": {
            name: [1000 * seconds for seconds in process.warm(index, asked, rounds)]
            for name, asked in kinds.items()
        }
    }


def draw_verdict(index: Path) -> None:
    """Draw how far the verdict can be trusted, for docs/quality.md."""
    tell("the verdict")
    questions = sorted((HERE.parent / "tests" / "project" / "questions").glob("*.jsonl"))
    picture = HERE.parent / "docs" / "images" / "verdict.svg"
    command = (HERE / "verdict.py", index, *questions, "--plot", picture)
    run((sys.executable, *(str(part) for part in command)))


def edit(note: Path, turn: int) -> None:
    """Add a sentence to the entry in the middle of a note, each turn another one."""
    text = note.read_text(encoding="utf-8")
    headings = list(HEADING.finditer(text))
    at = headings[len(headings) // 2].end() if headings else 0
    note.write_text(f"{text[:at]}\nAn edit, number {turn}.\n{text[at:]}", encoding="utf-8")


def measure_changes(work: Path, repeats: int) -> Figures:
    """Time builds with nothing changed, and after an edit of the largest note."""
    tell("builds of few changes")
    command = build_command(work / "index", work / "notes")
    notes = [p for p in (work / "notes").rglob("*") if p.suffix in (".md", ".markdown")]
    largest = max(notes, key=lambda path: path.stat().st_size)
    same: list[Run] = []
    edited: list[Run] = []
    for turn in range(repeats):
        same.append(run(command))
        edit(largest, turn)
        edited.append(run(command))
    embedded = [int(found[1]) for r in edited if (found := re.search(r"(\d+) embedded", r.said))]
    return {
        "same": median(same),
        "edited": median(edited),
        "embedded": (min(embedded), max(embedded)),
        "largest": largest.stat().st_size,
    }


def measure_scale(folder: Path, chunks: int, repeats: int) -> Figures:
    """Time questions over a large index; see scale.py."""
    tell(f"an index of {chunks:,} chunks")
    made = process.figures("scale.py", folder, str(chunks))
    index = folder / "index"
    cold = [run((*ASSISTANT, "--index", str(index), "ask", COLD)) for _ in range(repeats)]
    taken = process.warm(index, ENGLISH, rounds=min(3, repeats))
    return {
        "large": made,
        "large cold": median(cold),
        "large warm": 1000 * statistics.median(taken),
    }


if __name__ == "__main__":
    main()
