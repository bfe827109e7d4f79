"""An index on a server beside one in a folder: the same notes, the same questions, one run.

    python benchmarks/cluster.py FOLDER CHUNKS [--clients 8] [--repeats 3] [--write]

Notes and vectors are those of `scale.py`, which need no encoder: what is measured is the engine.
The server is milvus-lite's, in a process of its own on this machine. Writing takes the whole of a
build but for the calibration of the verdict; a question is one of the command line, from its start
to its end, or one of a running process. FOLDER keeps the notes, both indexes and the server's data;
it has to be empty.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import process
import report
import scale
from process import ASSISTANT, HERE, Run
from questions import COLD, ENGLISH

from assistant import engine_address
from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL
from assistant.indexing import build

sys.path.append(str(HERE.parent / "tests" / "helpers"))  # what the tests have of it

from indexes import uncalibrated
from milvus_server import MilvusServer

TABLES = HERE.parent / "docs" / "benchmarks.md"
TITLES = {"folder": "in a folder: SQLite, FAISS", "server": "on a server: milvus-lite"}

Figures = dict[str, float]


def build_at(place: str, notes: Path) -> None:
    """Bring an index up to date without a model; a process of its own does so."""
    model = exported(DEFAULT_MODEL)
    # Some 500 questions at the end of a first build: here it would be most of it.
    setattr(build, "_calibration", uncalibrated)  # noqa: B010 # it has the types of no call
    build.build(
        engine_address.place(place),
        [notes],
        model,
        open_encoder=lambda: scale.RandomEncoder(model),
    )


def remove_tenth(notes: Path) -> int:
    """Delete every tenth note; return how many that were."""
    paths = sorted(notes.rglob("*.md"))[::10]
    for path in paths:
        path.unlink()
    return len(paths)


def at_once(place: str, clients: int) -> list[float]:
    """Return the seconds that each answer took while several processes ask without a pause."""
    command = [*ASSISTANT, "--index", place, "ask", "--batch", "-", "--json"]
    asked = [*ENGLISH] * 3
    with ThreadPoolExecutor(clients) as pool:
        each = pool.map(lambda _: process.conversation(command, asked)[1], range(clients))
        # While the first round is asked, others may still be starting.
        return [seconds for taken in each for seconds in taken[len(ENGLISH) :]]


def resident(pid: int) -> float:
    """Return the most memory that a process had, MB; Linux tells it."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def size(folder: Path) -> float:
    """Return what the files of a folder take, MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def measured(
    work: Path, chunks: int, clients: int, repeats: int, server: MilvusServer
) -> dict[str, Figures]:
    """Return the figures of both."""
    places = {"folder": str(work / "index"), "server": str(server.address("bench"))}
    found: dict[str, Figures] = {name: {} for name in places}
    notes = work / "notes"
    scale.write_notes(notes, chunks)

    def timed(kind: str, once: Callable[[str], Run]) -> None:
        tell(kind)
        for name, place in places.items():
            run = once(place)
            found[name] |= {kind: run.wall, f"{kind} cpu": run.cpu, f"{kind} peak": run.peak}

    timed("write", lambda place: process.run(command_of(place, notes)))
    tell("cold")
    asking = {
        name: partial(process.run, (*ASSISTANT, "--index", place, "ask", COLD))
        for name, place in places.items()
    }
    for name, run in process.interleaved(asking, repeats).items():
        found[name] |= {"cold": run.wall, "cold cpu": run.cpu, "cold peak": run.peak}
    for name, place in places.items():
        tell(f"warm, and {clients} clients, {name}")
        command = [*ASSISTANT, "--index", place, "ask", "--batch", "-", "--json"]
        taken = process.conversation(command, [*ENGLISH] * (repeats + 1))[1][len(ENGLISH) :]
        found[name]["warm"] = 1000 * statistics.median(taken)
        found[name]["clients"] = 1000 * statistics.median(at_once(place, clients))
    found["folder"]["disk"] = size(work / "index")
    found["server"]["disk"] = size(server.folder)
    found["server"]["resident"] = resident(server.pid)
    tell("the server's restart")
    server.kill()
    begin = time.perf_counter()
    server.start()
    process.run((*ASSISTANT, "--index", places["server"], "ask", COLD))
    found["server"]["reopen"] = time.perf_counter() - begin
    remove_tenth(notes)
    timed("delete", lambda place: process.run(command_of(place, notes)))
    return found


def command_of(place: str, notes: Path) -> tuple[str, ...]:
    """Return the command that builds without a model."""
    return (sys.executable, str(HERE / "cluster.py"), "--build", place, str(notes))


def tell(stage: str) -> None:
    """Say on standard error what is being measured."""
    print(f"{time.strftime('%X')}: measuring {stage} ...", file=sys.stderr, flush=True)


def table(found: dict[str, Figures], chunks: int, clients: int, repeats: int) -> str:
    """Return the figures as a table of Markdown, with where and when they were taken."""
    rows: list[tuple[str, Callable[[Figures], str]]] = [
        ("build, no encoder", partial(process_cell, "write")),
        ("build without a tenth of the notes", partial(process_cell, "delete")),
        ("question, cold", partial(process_cell, "cold")),
        ("question, warm", lambda of: f"{of['warm']:.0f} ms"),
        (f"question, {clients} clients at once", lambda of: f"{of['clients']:.0f} ms"),
        ("server started again, and the first answer", partial(cell, "reopen", " s")),
        ("memory of the server", partial(cell, "resident", " MB")),
        ("disk", partial(cell, "disk", " MB")),
    ]
    lines = [
        f"{report.machine()}; {chunks:,} chunks. Cold: medians of {repeats}, taken in turn; behind"
        " the seconds of the clock those of the processor and the most memory held, both without"
        " the server's.",
        "",
        f"| | {' | '.join(TITLES.values())} |",
        "|---|---|---|",
    ]
    for title, shown in rows:
        lines.append(f"| {title} | {' | '.join(shown(found[name]) for name in TITLES)} |")
    return "\n".join(lines)


def process_cell(kind: str, of: Figures) -> str:
    """Return what a process took."""
    return f"{of[kind]:.2f} s; {of[f'{kind} cpu']:.2f} s; {of[f'{kind} peak']:.0f} MB"


def cell(kind: str, unit: str, of: Figures) -> str:
    """Return a figure, or that there is none."""
    return f"{of[kind]:,.1f}{unit}" if kind in of else "-"


def main(words: Sequence[str]) -> None:
    """Measure both, and print the table."""
    if words[:1] == ["--build"]:
        build_at(words[1], Path(words[2]))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("chunks", type=int)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put it into docs/benchmarks.md")
    chosen = parser.parse_args(words)
    work: Path = chosen.folder.absolute()
    (work / "server").mkdir(parents=True)
    with MilvusServer(work / "server") as server:
        found = measured(work, chosen.chunks, chosen.clients, chosen.repeats, server)
    (work / "figures.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    result = table(found, chosen.chunks, chosen.clients, chosen.repeats)
    print(result)
    if chosen.write:
        report.put(TABLES, f"cluster, {chosen.chunks}", result)


if __name__ == "__main__":
    main(sys.argv[1:])
