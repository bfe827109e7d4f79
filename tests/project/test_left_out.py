"""What a slim installation cannot do is said with what to install, and nothing else is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from indexes import Case
from shell import Shell

from assistant import left_out
from assistant.embedding import DEFAULT_MODEL, find
from assistant.embedding.export import exported
from assistant.errors import ModelUnavailableError
from assistant.library import doctor
from assistant.settings import Settings


@pytest.fixture
def slim(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the packages that a slim installation leaves out."""
    for part in left_out.PARTS:
        for name in part.packages:
            monkeypatch.setitem(sys.modules, name.replace("-", "_"), None)


@pytest.mark.usefixtures("slim")
def test_another_model_is_refused_with_what_to_install(tmp_path: Path) -> None:
    """A folder and a name alike; what is missing is named."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").write_text("{}")
    for model in (str(tmp_path / "mine"), "somebody/some-model"):
        with pytest.raises(ModelUnavailableError) as caught:
            exported(model)
        assert "cannot be loaded without onnx, sentence-transformers, torch" in caught.value.cause
        assert "pip install onnx sentence-transformers torch" in caught.value.remedy


@pytest.mark.usefixtures("slim")
def test_the_page_is_refused_with_what_to_install(
    case: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """One line of cause and one of remedy, no traceback."""
    found = Shell(case, monkeypatch, capfd)("web")

    assert (found.code, found.out) == (2, "")
    assert "the page needs latex2mathml, streamlit" in found.err
    assert "pip install latex2mathml streamlit" in found.err


@pytest.mark.usefixtures("slim")
def test_doctor_says_what_is_left_out(tmp_path: Path) -> None:
    """It is no fault, save for a model that is configured and cannot be loaded."""
    found = list(doctor.environment(Settings(index=tmp_path)))
    told = [finding.what for finding in found if finding.what.startswith("slim: ")]

    assert {finding.level for finding in found} == {"ok"}
    assert len(told) == len(left_out.PARTS)
    assert "without latex2mathml, streamlit there is not the page" in told[1]
    (tmp_path / "config.json").write_text("{}")
    (wrong,) = [
        found for found in doctor.model(Settings(model=str(tmp_path))) if found.level == "error"
    ]
    assert "cannot be loaded without" in wrong.what


def test_a_normal_installation_leaves_out_nothing() -> None:
    """All of it is installed here, and the default model is found."""
    assert [part.missing() for part in left_out.PARTS] == [[], []]
    assert find(DEFAULT_MODEL).is_dir()
