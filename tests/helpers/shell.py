"""Runs commands as a shell would, within the tests' process."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder
from indexes import Case

from assistant.cli import app
from assistant.cli.terminal import progress
from assistant.embedding import export, onnx_encoder
from assistant.embedding.model import ModelCard


def stand_in_folder(model: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Step into a folder with settings for its notes, and let the fake stand for every model.

    Args:
        model: Folder with the card of the fake; see ``fakes.write_model``.
        folder: Where ``notes`` lies, and ``index`` will.
        monkeypatch: Takes it all back after the test.
    """
    (folder / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n')
    monkeypatch.chdir(folder)
    for name in ("ASSISTANT_CONFIG", "ASSISTANT_INDEX"):
        monkeypatch.delenv(name, raising=False)

    def open_fake(folder: Path, *, few: bool = False) -> FakeEncoder:
        return FakeEncoder(ModelCard.read(folder / "card.json"))

    # However long a slow machine takes, it says no more.
    monkeypatch.setattr(progress, "SILENT_SECONDS", 3600)
    monkeypatch.setattr(export, "exported", lambda *_, **__: model)
    monkeypatch.setattr(onnx_encoder, "OnnxEncoder", open_fake)


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """The one object of JSON that it printed."""
        (line,) = self.out.splitlines()
        record: dict[str, Any] = json.loads(line)
        return record


class Shell:
    """Runs commands within this process, with the fake encoder, in the folder of a case."""

    def __init__(
        self, case: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self.case = case
        self._monkeypatch = monkeypatch
        self._capfd = capfd

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Ran:
        """Run a command as ``main`` does."""
        self._monkeypatch.setattr(sys, "argv", ["assistant", *map(str, arguments)])
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "ascii"))
        try:
            app.main()
            code: object = 0
        except SystemExit as end:
            code = end.code
        out, err = self._capfd.readouterr()
        assert isinstance(code, int)
        assert "Traceback" not in err
        return Ran(code, out, err)
