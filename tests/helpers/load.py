"""A program for test_load: processes that build, edit and ask at once, for some seconds.

``python load.py FOLDER SECONDS READERS SEED HOW`` makes a ``Case`` in FOLDER and prints, as JSON,
what came of it. HOW is ``open`` if this process keeps the database open all the while, as a page
does, or ``closed``: then SQLite clears its log away whenever nobody has it open. ``killed`` adds a
watcher, kills it and the two writers at random moments and starts them again; the writers then also
read everything anew at times, and make the index one of another version, which is started over.

    answers      how many questions were answered, by all readers
    generations  how many builds the readers saw
    edits        how many times a note was edited, added, renamed or deleted
    built        for each of the two writers, how many builds changed something
    told         how many builds found that the other writer was at work, by its message
    busy         how many times SQLite told a reader that the database is locked
    waited       milliseconds until the longest of these was over
    kills        how many times a process that builds was killed
    versions     how many times a reader was told that the index is of another version
    problems     whatever else went wrong, a line each

In a reader SQLite never waits for a lock: it says at once that it would have to. So the time waited
is that for locks alone, and not that for a processor, which many processes share.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sqlite3
import sys
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from fakes import FakeEncoder
from indexes import TOOLS, Case, contents, ready, uncalibrated

import assistant.indexing.build
from assistant import Notes
from assistant.answering.answer import ask
from assistant.embedding import export
from assistant.errors import AssistantError, IndexBusyError, IndexDamagedError
from assistant.records import Source
from assistant.search.searcher import Searcher
from assistant.settings.load import Settings
from assistant.store.connection import connect
from assistant.store.files import locked
from assistant.store.repair.integrity import check

QUESTIONS = ("which revision of alpha is this", "list files", "查看进程", "a word of beta 3")
NOTES = 12
PAUSE = 0.02
"""Seconds between what a process does, so that all get their turn on a machine of two cores."""

BEGIN = "begin"
"""The file for which all wait, so that none is at work before the page is open."""

OF_ANOTHER_VERSION = 0.05
"""How often a build begins with an index of another version, and how often it reads all anew."""

LONGEST_LIFE = 0.4
"""Seconds between two kills at most."""

Told = dict[str, Any]
Work = dict[str, Callable[[], Told]]
T = TypeVar("T")


def note(name: str, revision: int, parts: int) -> str:
    """Return a note of which every entry says the same revision."""
    entries = (
        f"## Part {part} of {name}\n\nA word of {name} {part}, revision {revision}.\n"
        for part in range(parts)
    )
    return f"# {name}\n\n" + "\n".join(entries)


def edit(case: Case, end: float, seed: int) -> Told:
    """Edit, add, rename and delete notes, some in place and some by another name."""
    chance, edits = random.Random(seed), 0
    while time.monotonic() < end:
        path = case.notes / f"note-{chance.randrange(NOTES)}.md"
        name = chance.choice(("alpha", "beta", "gamma"))
        text = note(name, edits, chance.randrange(1, 8))
        kind = chance.choice(("in place", "in place", "replace", "rename", "delete"))
        if kind == "in place":
            path.write_text(text)
        elif kind == "replace":
            path.with_suffix(".new").write_text(text)
            path.with_suffix(".new").replace(path)
        elif path.exists() and kind == "rename":
            path.replace(case.notes / f"note-{chance.randrange(NOTES)}.md")
        elif kind == "delete":
            path.unlink(missing_ok=True)
        edits += 1
        time.sleep(PAUSE)
    return {"edits": edits}


def write(case: Case, end: float, seed: int | None = None) -> Told:
    """Build again and again; where another builds, be told and try again.

    With a seed, at times everything is read anew, or the index becomes one of another version.
    """
    told: Counter[str] = Counter()
    built, problems = 0, []
    chance = random.Random(seed)
    while time.monotonic() < end:
        try:
            if seed is not None and chance.random() < OF_ANOTHER_VERSION:
                with locked(case.index), closing(connect(case.index, write=True)) as found:
                    found.execute("PRAGMA user_version = 1")
            report = case.build(full=seed is not None and chance.random() < OF_ANOTHER_VERSION)
            built += bool(report.read or report.removed)
        except IndexBusyError as error:
            told[error.cause] += 1
        except AssistantError as error:
            problems.append(f"writer: {error.cause}")
        time.sleep(PAUSE)
    return {"built": built, "told": told, "problems": problems}


def watch_notes(case: Case, end: float) -> Told:
    """Build after every save, as `assistant watch` does."""
    setattr(export, "exported", lambda *_, **__: case.model)  # noqa: B010 # another type
    settings = Settings(index=case.index, index_named=True, notes=(Source(case.notes),))
    stop = threading.Event()
    threading.Timer(max(0.0, end - time.monotonic()), stop.set).start()
    lines: list[str] = []
    Notes(settings, ready(case.encoder)).watch(lines.append, stop)
    wrong = [line for line in lines if "embedded" not in line and "another process" not in line]
    return {"problems": [f"watcher: {line}" for line in wrong]}


def shown(searcher: Searcher, question: str) -> str:
    """Return a name for all that an answer shows."""
    results = ask(searcher, question).results
    parts = [(r.note, r.headings, r.lines, r.snippet, r.highlight) for r in results]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class Waits:
    """Counts the locks that a reader met, and how long it had to wait for the longest."""

    def __init__(self) -> None:
        self.busy, self.longest = 0, 0.0

    def past(self, work: Callable[[], T]) -> T:
        """Do some work, again and again while the database is locked."""
        began = time.monotonic()
        while True:
            try:
                return work()
            except IndexBusyError:
                self.busy += 1
                time.sleep(0.001)
                self.longest = max(self.longest, time.monotonic() - began)


def read(case: Case, end: float, seed: int) -> Told:
    """Open the index and ask; return what each generation answered."""
    connect_as_ever = sqlite3.connect
    sqlite3.connect = lambda *a, **b: connect_as_ever(*a, **b | {"timeout": 0})
    chance, waits = random.Random(seed), Waits()
    answers, problems, count, versions = defaultdict(set), [], 0, 0
    encoder = ready(FakeEncoder())
    while time.monotonic() < end:
        try:
            with closing(waits.past(partial(Searcher, case.index, encoder))) as searcher:
                for _ in range(chance.randrange(1, 6)):
                    question = chance.choice(QUESTIONS)
                    generation = searcher.snapshot.manifest.generation
                    answer = waits.past(partial(shown, searcher, question))
                    answers[f"{generation} {question}"].add(answer)
                    count += 1
                    searcher.pause()
                    time.sleep(PAUSE)
                    waits.past(searcher.resume)
        except IndexDamagedError as error:
            if "another version" in error.cause:
                versions += 1
                time.sleep(PAUSE)
            else:
                problems.append(f"reader: {error.cause}")
        except AssistantError as error:
            problems.append(f"reader: {type(error).__name__}: {error.cause}")
    return {
        "versions": versions,
        "answers": count,
        "busy": waits.busy,
        "waited": 1000 * waits.longest,
        "problems": problems,
        "shown": {key: sorted(found) for key, found in answers.items()},
    }


def start(folder: Path, name: str, work: Callable[[], Told]) -> int:
    """Do some work in a child, which writes down what came of it."""
    child = os.fork()
    if child:
        return child
    try:
        while not (folder / BEGIN).exists():
            time.sleep(PAUSE)
        (folder / f"{name}.json").write_text(json.dumps(work()))
    except BaseException:
        (folder / f"{name}.json").write_text(json.dumps({"problems": [traceback.format_exc()]}))
    finally:
        os._exit(0)


def kill_at_random(folder: Path, work: Work, running: dict[int, str], end: float) -> int:
    """Kill processes by name at random moments, start others in their place; return how many."""
    chance, kills = random.Random(0), 0
    while time.monotonic() < end - 1:
        time.sleep(chance.uniform(0, LONGEST_LIFE))
        victim = chance.choice(sorted(running))
        name = running.pop(victim)
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        kills += 1
        running[start(folder, name, work[name])] = name
    return kills


def mixed(found: list[Told]) -> list[str]:
    """Return the generations that did not give the same answers to all who asked."""
    answers = defaultdict(set)
    for told in found:
        for key, shown_there in told.get("shown", {}).items():
            answers[key].update(shown_there)
    return [f"different answers of generation {k}" for k, v in answers.items() if len(v) > 1]


def afterwards(case: Case) -> list[str]:
    """Return what is wrong when all have ended: the index is to be as one built anew."""
    case.build()
    wrong = [finding.what for finding in check(case.index) if finding.level != "ok"]
    fresh = case.folder / "fresh"
    case.build(index=fresh)
    return wrong if contents(fresh) == contents(case.index) else [*wrong, "unlike a fresh index"]


def main() -> None:
    """Set all to work, wait, and print what came of it."""
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
    readers, seed, how = int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    assistant.indexing.build._calibration = uncalibrated  # type: ignore[assignment]
    case = Case(folder)
    case.write("tools.md", TOOLS)
    for number in range(NOTES):
        case.write(f"note-{number}.md", note("alpha", 0, 3))
    case.build()
    end = time.monotonic() + seconds
    seeds = (seed, seed + 1) if how == "killed" else (None, None)
    work: Work = {
        "editor": partial(edit, case, end, seed),
        "writer-0": partial(write, case, end, seeds[0]),
        "writer-1": partial(write, case, end, seeds[1]),
        **{f"reader-{n}": partial(read, case, end, seed + n) for n in range(readers)},
    }
    if how == "killed":
        work["watcher"] = partial(watch_notes, case, end)
    children = {start(folder, name, what): name for name, what in work.items()}
    # Opened after the children were made: SQLite does not allow a connection in two processes.
    page = connect(case.index) if how == "open" else None
    if page:
        page.execute("SELECT 1 FROM manifest").fetchall()
    (folder / BEGIN).touch()
    kills = 0
    if how == "killed":
        builders = {c: name for c, name in children.items() if name.startswith("w")}
        children = {c: name for c, name in children.items() if c not in builders}
        kills = kill_at_random(folder, work, builders, end)
        children |= builders
    for child in children:
        os.waitpid(child, 0)
    if page:
        page.close()
    found = {name: json.loads((folder / f"{name}.json").read_text()) for name in work}
    every = list(found.values())
    told: Counter[str] = sum((Counter(item.get("told", {})) for item in every), Counter())
    record = {
        "answers": sum(item.get("answers", 0) for item in every),
        "generations": len({key.split()[0] for item in every for key in item.get("shown", {})}),
        "edits": found["editor"].get("edits", 0),
        "built": [found[f"writer-{n}"].get("built", 0) for n in range(2)],
        "told": dict(told),
        "kills": kills,
        "versions": sum(item.get("versions", 0) for item in every),
        "busy": sum(item.get("busy", 0) for item in every),
        "waited": max(item.get("waited", 0.0) for item in every),
        "problems": [line for item in every for line in item.get("problems", [])]
        + mixed(every)
        + afterwards(case),
    }
    sys.stdout.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
