"""What the most usual calls print, on terminals of two sizes and in a pipe.

``python tests/helpers/transcripts.py`` writes the golden files anew; look at what changed.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "cli" / "transcripts"

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "piped": None}

CALLS = {
    "ask": ["ask", "how do I free GPU memory"],
    "refusal": ["ask", "who painted the ceiling of the chapel"],
    "several": ["ask", "undo a commit", "-k", "2"],
    "why": ["ask", "undo the last commit", "--why"],
    "code": ["ask", "--code", "how do I free GPU memory"],
    "show-entry": ["show", "git:8"],
    "show-note": ["show", "gpu"],
    "list": ["list"],
    "outline": ["list", "gpu"],
    "tags": ["tags"],
    "similar": ["similar", "gpu:10", "-n", "3"],
    "unknown-note": ["show", "gti.md"],
}

_PROGRAM = """
import sys
from assistant.cli.app import main
import json
for name, words in json.loads(sys.argv[1]).items():
    sys.argv = ["assistant", *words]
    print(f"=== {name}", flush=True)
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush(); sys.stderr.flush()
        print(f"--- {end.code or 0}", flush=True)
    else:
        print("--- 0", flush=True)
"""

_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07)")
_FIGURES = re.compile(r"\b[01]\.\d\d\b")


def recorded(size: str) -> dict[str, str]:
    """Return what each of the calls prints, and how it ends.

    Args:
        size: One of ``SIZES``.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(GOLDEN / "notes", folder / "notes")
        (folder / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n')
        build = [sys.executable, "-m", "assistant", "build"]
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "PAGER": "cat", "TERM": "xterm"}
        subprocess.run(build, cwd=folder, env=variables, check=True, capture_output=True)
        return dict(_parts(_printed(folder, variables, SIZES[size])))


def _printed(folder: Path, variables: dict[str, str], size: tuple[int, int] | None) -> str:
    """Return all that the calls print, one after the other in one process."""
    import json

    command = [sys.executable, "-c", _PROGRAM, json.dumps(CALLS)]
    if size is None:
        done = subprocess.run(
            command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        return done.stdout.decode()
    main, ours = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    with subprocess.Popen(
        command, cwd=folder, env=variables, stdin=ours, stdout=ours, stderr=ours
    ) as process:
        os.close(ours)
        found = b"".join(_read(main))
        process.wait()
    os.close(main)
    return _CODES.sub("", found.decode()).replace("\r\n", "\n")


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the other side has gone
            return
        if not data:
            return
        yield data


def _parts(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("=== ")[1:]:
        name, _, printed = part.partition("\n")
        yield name, _FIGURES.sub("#.##", printed)


def golden(size: str) -> dict[str, str]:
    """Return what was recorded, by the name of the call."""
    text = (GOLDEN / f"{size}.txt").read_text("utf-8")
    return dict(_parts(text))


def main() -> None:
    """Write the golden files."""
    for size in SIZES:
        text = "".join(f"=== {name}\n{printed}" for name, printed in recorded(size).items())
        (GOLDEN / f"{size}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
