"""What `assistant build` needs for one large note made to take a reader's time and memory.

    python benchmarks/hostile.py [NAME]...

Builds each note by itself, in a process of its own, and prints its processor time and its peak of
memory: as a whole, and above that of a note of one line, as a multiple of the note's size.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from process import ASSISTANT, Run, run

MEGABYTE = 1_000_000


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


def build(text: str) -> Run:
    """Build the index of one note."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        notes = Path(name) / "notes"
        notes.mkdir()
        (notes / "note.md").write_text(text, encoding="utf-8")
        return run((*ASSISTANT, "--index", f"{name}/index", "build", str(notes)))


def main() -> None:
    """Build each note and print a line of a table for it."""
    parser = argparse.ArgumentParser(description="Build notes that are made to be hard to read.")
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(NOTES)}")
    chosen = parser.parse_args().names or NOTES
    least = build("# A note\n\nof one line\n")
    print(f"a note of one line: {least.cpu:.1f} s of the processor, peak {least.peak:.0f} MB")
    for name in chosen:
        text = NOTES[name]()
        found = build(text)
        above = (found.peak - least.peak) * MEGABYTE / len(text)
        print(
            f"| {name} | {len(text) / MEGABYTE:.0f} MB | {found.cpu:.0f} s | {found.peak:.0f} MB"
            f" | {above:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
