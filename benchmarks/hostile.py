"""What `assistant build` needs for one large note made to take a reader's time and memory.

    python benchmarks/hostile.py [NAME]...

Builds each note by itself, in a process of its own, and prints its processor time and its peak of
memory: as a whole, and what it has above the build of ordinary notes, as a multiple of the note's
size. Ordinary notes are those of content/ on PyTorch: their chunks fill the model's batches.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from process import ASSISTANT, Run, run

MEGABYTE = 1_000_000
CONTENT = Path(__file__).parents[1] / "content"


def nested(size: int) -> str:
    """Return lists nested eighty deep, again and again."""
    once = "".join(f"{'  ' * depth}- item\n" for depth in range(80))
    return once * (size // len(once))


NOTES: dict[str, Callable[[], str]] = {
    "10 MB of [": lambda: "[" * (10 * MEGABYTE),
    "10 MB of >": lambda: ">" * (10 * MEGABYTE),
    "10 MB of `": lambda: "`" * (10 * MEGABYTE),
    "10 MB of |": lambda: "|" * (10 * MEGABYTE),
    "10 MB of nested lists": lambda: nested(10 * MEGABYTE),
    "10 MB of lines of [": lambda: "[\n" * (5 * MEGABYTE),
    "10 MB of lines of >": lambda: ">\n" * (5 * MEGABYTE),
    "10 MB of lines of `": lambda: "`\n" * (5 * MEGABYTE),
    "10 MB of lines of |": lambda: "|\n" * (5 * MEGABYTE),
    "one line of 50 MB, one word": lambda: "x" * (50 * MEGABYTE),
    "one line of 50 MB, many words": lambda: "words of a line " * (50 * MEGABYTE // 16),
    "1,000,000 headings alike": lambda: "# heading\n" * 1_000_000,
    "1,000,000 headings": lambda: "".join(f"# {n}\n" for n in range(1_000_000)),
}


ORDINARY = {path.name: path.read_text("utf-8") for path in CONTENT.glob("pytorch-*.md")}


def build(texts: Mapping[str, str]) -> Run:
    """Build the index of some notes."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        notes = Path(name) / "notes"
        notes.mkdir()
        for path, text in texts.items():
            (notes / path).write_text(text, encoding="utf-8")
        return run((*ASSISTANT, "--index", f"{name}/index", "build", str(notes)))


def main() -> None:
    """Build each note and print a line of a table for it."""
    parser = argparse.ArgumentParser(description="Build notes that are made to be hard to read.")
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(NOTES)}")
    chosen = parser.parse_args().names or NOTES
    ordinary = build(ORDINARY)
    print(f"| {len(ORDINARY)} ordinary notes | | {ordinary.cpu:.0f} s | {ordinary.peak:.0f} MB | |")
    for name in chosen:
        text = NOTES[name]()
        found = build({"note.md": text})
        above = max(0, found.peak - ordinary.peak) * MEGABYTE / len(text)
        print(
            f"| {name} | {len(text) / MEGABYTE:.0f} MB | {found.cpu:.0f} s | {found.peak:.0f} MB"
            f" | {above:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
