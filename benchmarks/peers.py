"""This program beside what a person would pick instead, over the same notes and questions.

    python benchmarks/peers.py NOTES QUESTIONS... [--environment FOLDER] [--repeats 5] [--write]

NOTES is a folder. A question is a line of JSON as `assistant eval` reads it; for a folder of one
note it may have `gold` instead, a list of the first and last lines of the entries that answer. The
peers are installed into an environment of their own, which --environment keeps for the next run;
--write puts the table into docs/benchmarks.md, under the name of the folder.

All run on this machine, in turn, by processes of their own, and all that read by meaning read by
one model. `hits.py` says what a hit is, `peer_recipes.py` how each peer is put together.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import hits
import process
import report
from hits import Asked, Lines, Passage
from process import ASSISTANT, HERE, Run

from assistant.embedding.model import DEFAULT_MODEL, find
from assistant.evaluation import questions
from assistant.evaluation.questions import Target
from assistant.store import Snapshot

PINS = HERE / "peers.txt"
TABLES = HERE.parent / "docs" / "benchmarks.md"
COUNT = str(hits.RANKS)

TITLES = {
    "ours": "this program",
    "langchain": "LangChain, its splitter for Markdown, FAISS",
    "llama-index": "LlamaIndex, its splitter for Markdown",
    "txtai": "txtai, hybrid",
    "faiss": "sentence-transformers and FAISS",
    "bm25s": "bm25s, by words alone",
}


@dataclass(frozen=True, slots=True)
class Contestant:
    """How one program is run."""

    build: tuple[str, ...]
    ask: tuple[str, ...]
    """Reads a question a line, answers each by a line of JSON."""
    ask_once: tuple[str, ...]
    """The same for one question, which is put behind it."""
    store: Path
    passages: Callable[[Any], list[Passage]]
    """What stands in an answer."""


def installed(folder: Path) -> Path:
    """Return the Python of the peers' environment, and make it where it is not there or other."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / PINS.name
    if not mark.exists() or mark.read_bytes() != PINS.read_bytes():
        print(f"installing the peers into {folder} ...", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", PINS], check=True)
        shutil.copy(PINS, mark)
    return python


def contestants(work: Path, notes: Path, python: Path) -> dict[str, Contestant]:
    """Return all programs, each with a place of its own below ``work``."""
    index = work / "ours"
    ours = (*ASSISTANT, "--index", str(index))
    found = {
        "ours": Contestant(
            (*ours, "build", str(notes)),
            (*ours, "ask", "--batch", "-", "--json", "-k", COUNT),
            (*ours, "ask", "--json", "-k", COUNT),
            index,
            lambda answer: [Passage(one["note"], one["snippet"]) for one in answer["results"]],
        )
    }
    model = str(find(DEFAULT_MODEL))
    for name in TITLES:
        if name != "ours":
            recipe = (str(python), "-I", str(HERE / "peer_recipes.py"), name)
            store = work / name
            ask = (*recipe, "ask", model, str(store))
            found[name] = Contestant(
                (*recipe, "build", model, str(store), str(notes)),
                ask,
                ask,
                store,
                lambda answer: [Passage(*one) for one in answer],
            )
    return found


def asked(files: Iterable[Path], index: Path) -> list[Asked]:
    """Return the questions that the notes answer; the index tells where headings stand."""
    with Snapshot(index) as snapshot:
        stored = [snapshot.entry(head.row) for head in snapshot.entries()]
        paths = questions.heading_paths(snapshot.notes(), snapshot.entries())
    entries = [(one.file.path, one.entry.headings, one.entry.lines) for one in stored]
    found = []
    for file in files:
        lines = file.read_text(encoding="utf-8").splitlines()
        fields = [json.loads(line) for line in lines if line.strip()]
        if any("gold" in each for each in fields):
            (note,) = paths
            found += [
                Asked(each["question"], {note: each["gold"]}, each.get("must_contain", ""))
                for each in fields
                if each["gold"]
            ]
        else:
            found += [
                Asked(each.text, gold(each.targets, entries), each.heart)
                for each in questions.read(file, paths)
                if each.targets
            ]
    return found


def gold(
    targets: Sequence[Target], entries: Iterable[tuple[str, tuple[str, ...], Lines]]
) -> dict[str, list[Lines]]:
    """Return the lines that answer, by note; entries that follow each other are one."""
    found: dict[str, list[Lines]] = {}
    for note, headings, lines in entries:
        if any(target.matches(note, headings, lines) for target in targets):
            ranges = found.setdefault(note, [])
            if ranges and ranges[-1][1] + 1 == lines[0]:
                ranges[-1] = (ranges[-1][0], lines[1])
            else:
                ranges.append(lines)
    return found


def size(folder: Path) -> float:
    """Return what the files of a folder take, MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def measured(
    all_of_them: dict[str, Contestant], files: Sequence[Path], notes: Path, repeats: int
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield what each program took and found.

    The first tenth of the questions does not count as warm: it reads what then stays in memory.
    """
    tell("builds")
    builds = {name: process.run(one.build) for name, one in all_of_them.items()}
    wanted = asked(files, all_of_them["ours"].store)
    texts = [each.text for each in wanted]
    tell(f"cold questions, {repeats} of each")
    once: dict[str, Callable[[], Run]] = {
        name: partial(process.run, (*one.ask_once, texts[0])) for name, one in all_of_them.items()
    }
    cold = process.interleaved(once, repeats)
    tell(f"{len(texts)} questions of each")
    sources = {
        path.relative_to(notes).as_posix(): hits.Note(path.read_text(encoding="utf-8"))
        for path in notes.rglob("*.md")
    }
    for name, one in all_of_them.items():
        answers, taken = process.conversation(one.ask, texts)
        scores = [
            hits.score(each, one.passages(answer), sources)
            for each, answer in zip(wanted, answers, strict=True)
        ]
        yield (
            name,
            {
                "build": builds[name].wall,
                "build cpu": builds[name].cpu,
                "build peak": builds[name].peak,
                "cold": cold[name].wall,
                "cold cpu": cold[name].cpu,
                "cold peak": cold[name].peak,
                "warm": 1000 * statistics.median(taken[len(taken) // 10 :]),
                "disk": size(one.store),
                "questions": len(texts),
                **hits.summary(scores),
            },
        )


def tell(stage: str) -> None:
    """Say on standard error what is being measured."""
    print(f"measuring {stage} ...", file=sys.stderr)


def table(found: dict[str, dict[str, float]], repeats: int) -> str:
    """Return the figures as a table of Markdown, with where and when they were taken."""
    lines = [
        f"{report.machine()}; {found['ours']['questions']:.0f} questions. Cold: medians of"
        f" {repeats} runs, taken in turn. Behind the seconds of the clock stand those of the"
        " processor and the most memory held.",
        "",
        "| | hit@1 | hit@3 | mrr | answer@3 | characters | cold | | | warm | build | | | disk |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, of in found.items():
        cells = [
            TITLES[name],
            *(f"{of[key]:.3f}" for key in ("hit@1", "hit@3", "mrr", "answer@3")),
            f"{of['characters']:,.0f}",
            f"{of['cold']:.2f} s",
            f"{of['cold cpu']:.2f} s",
            f"{of['cold peak']:.0f} MB",
            f"{of['warm']:.1f} ms",
            f"{of['build']:.0f} s",
            f"{of['build cpu']:.0f} s",
            f"{of['build peak']:.0f} MB",
            f"{of['disk']:.1f} MB",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Install, build, ask, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("notes", type=Path, help="a folder")
    parser.add_argument("questions", type=Path, nargs="+", help="files of JSON lines")
    parser.add_argument("--environment", type=Path, help="where the peers are, or are installed")
    parser.add_argument("--repeats", type=int, default=5, help="cold questions of each")
    parser.add_argument("--write", action="store_true", help="put it into docs/benchmarks.md")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        work = Path(name)
        python = installed((chosen.environment or work / "environment").absolute())
        notes = work / "notes" / chosen.notes.name
        shutil.copytree(chosen.notes, notes)
        for path in (notes, *notes.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        everyone = contestants(work, notes, python)
        found = dict(measured(everyone, chosen.questions, notes, chosen.repeats))
    result = table(found, chosen.repeats)
    print(result)
    if chosen.write:
        report.put(TABLES, f"peers, {chosen.notes.name}", result)


if __name__ == "__main__":
    main()
