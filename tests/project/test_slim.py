"""The slim installation does what it is for, by the packages of its lock alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from indexes import PYTORCH, Case
from project import ENVIRONMENT, HELPERS, ROOT

from assistant import left_out


def slim(lock: str, *words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder by the packages of a lock."""
    begin = [sys.executable, HELPERS / "only_locked.py", ROOT / f"requirements-{lock}.lock"]
    return subprocess.run(
        [*map(str, [*begin, *words])],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder of one note, not indexed yet."""
    Case(tmp_path).write("pytorch.md", PYTORCH)
    (tmp_path / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n')
    return tmp_path


def test_it_builds_asks_and_is_well(notes: Path) -> None:
    """With the real model, from the command line, and the doctor finds nothing wrong."""
    program = ROOT / "assistant" / "__main__.py"
    built = slim("slim", program, "build", folder=notes)
    asked = slim("slim", program, "ask", "how do I free GPU memory", folder=notes)
    looked = slim("slim", program, "doctor", folder=notes)

    assert built.returncode == 0, built.stderr
    assert asked.returncode == 0, asked.stderr
    assert "torch.cuda.empty_cache()" in asked.stdout
    assert looked.returncode == 0, looked.stdout
    assert looked.stdout.count("slim: without") == len(left_out.PARTS)


def test_the_page_answers(notes: Path) -> None:
    """All of it, the map as well."""
    program = notes / "visit.py"
    program.write_text(
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=60)\n"
        "app.query_params.update({'q': 'free GPU memory'})\n"
        "assert not app.run().exception\n"
        "assert any('empty_cache' in found.proto.json for found in app.get('bidi_component'))\n"
        "app.query_params.update({'view': 'Map'})\n"
        "assert not app.run().exception\n"
        "shown = [found.proto.component_name for found in app.get('bidi_component')]\n"
        "assert 'notes_map' in shown\n"
    )
    built = slim("slim", ROOT / "assistant" / "__main__.py", "build", folder=notes)
    visited = slim("page", program, folder=notes)

    assert (built.returncode, visited.returncode) == (0, 0), visited.stderr


def test_the_locks_are_of_the_same_versions() -> None:
    """What grows from slim to whole exchanges nothing, and leaves out what is left out."""

    def pins(lock: str) -> set[str]:
        lines = (ROOT / lock).read_text("utf-8").splitlines()
        return {line.split()[0] for line in lines if "==" in line.split()[0]}

    base, page, whole = (pins(f"requirements{name}.lock") for name in ("-slim", "-page", ""))
    assert base < page < whole
    names = {pin.partition("==")[0] for pin in page}
    assert not names & {"torch", "sentence-transformers", "onnx", "transformers", "pytest", "mypy"}
