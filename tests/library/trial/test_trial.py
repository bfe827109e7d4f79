"""Another model tried, taken and given back, by the command line, with models that are tiny."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_models
from typer.testing import CliRunner

from assistant.cli import app
from assistant.errors import AssistantError, ConfigError, UsageError
from assistant.settings import edit, load
from assistant.store.snapshot import Snapshot

NOTES = """\
# House

## Bake bread

Knead the dough and bake it in a hot oven for an hour.

## Water the garden

Give the tomatoes in the garden a litre of water every morning.
"""

QUESTIONS = (
    {"question": "how hot is the oven", "note": "house.md", "heading": "Bake bread"},
    {"question": "water for tomatoes", "note": "house.md", "heading": "Water the garden"},
    {"question": "who painted the ceiling"},
)

WORDS = ("bread", "oven", "garden", "water", "bake", "tomatoes", "dough", "the", "a")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two models of different weights."""
    folder = tmp_path_factory.mktemp("models")
    one, other = (
        tiny_models.write(folder / name, tiny_models.word_pieces(WORDS), seed=seed)
        for seed, name in enumerate(("one", "other"))
    )
    return one, other


@pytest.fixture
def run(
    models: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., str]:
    """Return what runs a command in a folder of notes whose settings name the first model."""
    cache = tmp_path_factory.getbasetemp() / "tiny-cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: cache / name)
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path / "data" / name)
    monkeypatch.setattr("platformdirs.user_state_path", lambda name: tmp_path / "state" / name)
    here = tmp_path / "here"
    (here / "notes").mkdir(parents=True)
    (here / "notes" / "house.md").write_text(NOTES, "utf-8")
    lines = [json.dumps(question) for question in QUESTIONS]
    (here / "mine.jsonl").write_text("\n".join(lines), "utf-8")
    (here / load.FILE_NAME).write_text(f'notes = ["notes"]\nmodel = "{models[0]}"\n', "utf-8")
    monkeypatch.chdir(here)

    def command(*words: str) -> str:
        result = CliRunner().invoke(app.app, list(words))
        if isinstance(result.exception, AssistantError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    command("config", "--trust")
    command("build")
    return command


def model_in_use() -> str:
    """Return the model that the index here was built with, which the settings must name too."""
    with Snapshot(Path("index")) as snapshot:
        model = snapshot.manifest.model
    assert load.load(environment={}).model == model
    return model


def test_a_model_is_tried_taken_and_given_back(
    run: Callable[..., str], models: tuple[Path, Path]
) -> None:
    """The index in use stays as it is until `use`, is another at once, and comes back whole."""
    settings = Path(load.FILE_NAME).read_text("utf-8")
    database = Path("index/index.sqlite3").read_bytes()
    run("eval", "mine.jsonl")
    said = run("model", "try", str(models[1]))

    assert f"in use: {models[0]}" in said
    assert f"tried:  {models[1]}" in said
    assert "mine, 3 questions" in said
    assert "headings, 2 questions" in said
    assert "a hundred chunks" in said
    assert Path("index/index.sqlite3").read_bytes() == database
    assert model_in_use() == str(models[0])

    run("model", "use")
    assert model_in_use() == str(models[1])
    run("ask", "how hot is the oven", "--json")
    with pytest.raises(UsageError, match="is the model in use"):
        run("model", "use")

    run("model", "back")
    assert model_in_use() == str(models[0])
    assert Path(load.FILE_NAME).read_text("utf-8") == settings
    run("ask", "how hot is the oven", "--json")
    with pytest.raises(UsageError, match="no other model was taken"):
        run("model", "back")


def test_the_index_goes_back_where_the_setting_cannot_be_written(
    run: Callable[..., str], models: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Index and setting name the same model, whatever fails."""

    def refused(*_: object) -> None:
        raise ConfigError("it cannot be written", "give yourself access")

    monkeypatch.setattr(edit, "put", refused)
    with pytest.raises(ConfigError):
        run("model", "use", str(models[1]))

    assert model_in_use() == str(models[0])


def test_json_has_every_question_that_fares_otherwise(
    run: Callable[..., str], models: tuple[Path, Path]
) -> None:
    """The record has both models, what they take, and figures and flips by set of questions."""
    said = run("model", "try", str(models[1]), "--questions", "mine.jsonl", "--json")
    record = json.loads(said.splitlines()[-1])

    assert record["tried"]["model"] == str(models[1])
    assert record["in_use"]["cost"]["index"] > 0
    assert set(record["questions"]) == {"mine", "headings"}
    assert record["questions"]["mine"]["common"] == 3
    assert {"better", "worse", "figures"} <= record["questions"]["mine"].keys()


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (("try",), "no model was tried"),
        (("use",), "no model was tried"),
        (("back", "x"), "takes no name"),
        (("use", "x", "--json"), "do not go with use"),
    ],
)
def test_what_makes_no_sense_is_told(
    run: Callable[..., str], words: tuple[str, ...], cause: str
) -> None:
    """Each misuse has a cause of its own."""
    with pytest.raises(UsageError, match=cause):
        run("model", *words)
