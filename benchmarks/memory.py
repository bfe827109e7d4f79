"""Whether memory and disk stay flat: one process that builds and asks for as long as it is told.

    python benchmarks/memory.py [--builds 2000] [--questions 20000]

Each build takes in an edit, as `assistant watch` does; each question is answered by an index that
stays open, as the page does. Prints the resident memory after each tenth of either, in MB of 10**6
bytes, and what the index takes on the disk.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from questions import CHINESE, ENGLISH

from assistant.library.api import Notes
from assistant.library.watcher import give_back_memory

CONTENT = Path(__file__).parents[1] / "content"
STEPS = 10


def resident() -> float:
    """Return the resident memory of this process, MB; Linux tells it."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def on_disk(index: Path) -> float:
    """Return the size of the files of an index, MB."""
    return sum(path.stat().st_size for path in index.iterdir()) / 1e6


def build_often(notes: Notes, folder: Path, builds: int) -> Iterator[int]:
    """Edit a note and build, again and again; yield how often that was done, a step at a time."""
    paths = sorted(folder.glob("*.md"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    for number in range(1, builds + 1):
        turn = number % len(paths)
        edit = f"\n## An edit\n\nThis is edit {number}, and it says so.\n"
        paths[turn].write_text(texts[turn] + edit, encoding="utf-8")
        report = notes.build(check=False)
        assert report.read == 1
        give_back_memory()
        if number % max(1, builds // STEPS) == 0:
            yield number


def ask_often(notes: Notes, questions: int) -> Iterator[int]:
    """Ask questions; yield how many were answered, a step at a time."""
    asked = [*ENGLISH, *CHINESE]
    for number in range(1, questions + 1):
        notes.ask(asked[number % len(asked)], refresh=False)
        if number % max(1, questions // STEPS) == 0:
            yield number


def main() -> None:
    """Build and ask, and print what that took."""
    parser = argparse.ArgumentParser(description="Show whether memory and disk stay flat.")
    parser.add_argument("--builds", type=int, default=2000)
    parser.add_argument("--questions", type=int, default=20_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="memory-") as name:
        folder, index = Path(name) / "notes", Path(name) / "index"
        shutil.copytree(CONTENT, folder)
        with Notes.open(index, [folder]) as notes:
            notes.build()
            print(f"after the first build: {resident():.0f} MB, {on_disk(index):.1f} MB on disk")
            for done in build_often(notes, folder, chosen.builds):
                print(f"{done:6} builds: {resident():.0f} MB, {on_disk(index):.1f} MB on disk")
            for done in ask_often(notes, chosen.questions):
                print(f"{done:6} questions: {resident():.0f} MB")


if __name__ == "__main__":
    main()
