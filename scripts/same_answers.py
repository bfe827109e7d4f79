"""Whether a change leaves every answer as it was, to the byte.

    python scripts/same_answers.py BEFORE NOTES QUESTIONS.jsonl...

BEFORE is another checkout, such as ``git worktree add ../before HEAD~1`` makes one. It builds an
index of NOTES, and both checkouts put all questions to it; this one must find nothing to build.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

HERE = Path(__file__).parents[1]

UNANSWERED = 1
"""Exit status of a batch in which a question has no answer."""


def run(checkout: Path, folder: Path, *arguments: str, asked: str = "") -> tuple[str, str]:
    """Run ``assistant`` as a checkout has it; return what it wrote to both streams.

    Raises:
        SystemExit: It failed.
    """
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "assistant", "--index", str(folder / "index"), *arguments],
        input=asked,
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(checkout), "HF_HUB_OFFLINE": "1"},
    )
    if ended.returncode not in (0, UNANSWERED):
        raise SystemExit(f"{checkout}: {ended.stderr}")
    return ended.stdout, ended.stderr


def questions(files: Sequence[str]) -> list[str]:
    """Return the questions of files of ``assistant eval``."""
    lines = (line for file in files for line in Path(file).read_text("utf-8").splitlines())
    return [json.loads(line)["question"] for line in lines if line.strip()]


def main(before: Path, notes: Path, files: Sequence[str]) -> int:
    """Return how many answers differ, and print them."""
    asked = questions(files)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(before, folder, "build", str(notes))
        _, said = run(HERE, folder, "build", str(notes))
        if "nothing changed" not in said:
            raise SystemExit(f"the index of before is built again: {said}")
        batch = "\n".join(asked)
        old, new = (
            run(checkout, folder, "ask", "--batch", "-", "--json", asked=batch)[0].splitlines()
            for checkout in (before, HERE)
        )
    different = [pair for pair in zip_longest(old, new) if pair[0] != pair[1]]
    for one, other in different:
        print(f"- {one}\n+ {other}")  # noqa: T201 # a script that prints what it found
    print(f"{len(asked)} questions, {len(different)} answers differ")  # noqa: T201
    return len(different)


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]), sys.argv[3:]), 1))
