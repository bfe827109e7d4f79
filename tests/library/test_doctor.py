"""What ``assistant doctor`` finds, how it is repaired, and with which code it ends."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from indexes import Case
from shell import Shell

from assistant.embedding import export, model
from assistant.embedding.model import DEFAULT_MODEL
from assistant.library import doctor, status
from assistant.records import Source
from assistant.settings.load import Settings
from assistant.store.connection import connect
from assistant.store.files import DATABASE
from assistant.store.repair.integrity import Finding
from assistant.store.tables import SUMS

pytestmark = pytest.mark.usefixtures("without_calibration")


@pytest.fixture
def case(case: Case, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Two notes, indexed by the fake model, which is in force."""
    monkeypatch.setattr(export, "ready", lambda *_, **__: case.model)
    return case


@pytest.fixture
def settings(case: Case) -> Settings:
    """The settings of the case."""
    return Settings(index=case.index, notes=(Source(case.notes),))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_folder: Path) -> Path:
    """The exported model in a cache of its own, whose files may be exchanged."""
    cache = tmp_path / "cache"
    for module in (export, doctor):
        monkeypatch.setattr(module, "cache_folder", lambda: cache)
    copy = cache / "models" / model_folder.name
    copy.mkdir(parents=True)
    for path in model_folder.iterdir():
        if path.name != model.SUMS:
            (copy / path.name).symlink_to(path)
    pointer = cache / "models/sources" / model.signature(model.find(DEFAULT_MODEL), DEFAULT_MODEL)
    pointer.parent.mkdir()
    pointer.write_text(copy.name)
    return copy


def bad(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that are no good news; each has a remedy, and the others have none."""
    found = list(findings)
    assert all(bool(finding.remedy) == (finding.level != "ok") for finding in found)
    assert all("\n" not in finding.what + finding.remedy for finding in found)
    return [finding for finding in found if finding.level != "ok"]


def test_a_sound_index_is_well(case: Case, settings: Settings) -> None:
    """Of an index as it was built nothing is said that is to be repaired."""
    assert bad(doctor.index(settings)) == []
    assert bad(doctor.sources(settings)) == []
    assert bad(doctor.environment(settings)) == []


def test_notes_that_were_read_otherwise_are_named(case: Case, settings: Settings) -> None:
    """Bad front matter and other encodings are told with note, line and reason, here and there."""
    case.write("bad.md", "---\ntags: [a]\ntitle: Car: tyres\n---\n# A\n\nText.\n")
    case.write(
        "old.md", ("# Größe\n\n" + "Die Straße führt über schöne Brücken. ").encode("latin-1")
    )
    case.build()
    told = {
        "bad.md": (3, "not YAML (mapping values are not allowed in this context), and read as it"),
        "old.md": (0, "read as Windows-1252, since it is not UTF-8"),
    }
    found = status.of(settings)
    record = found.to_record()
    lines = [value for name, value in found.lines() if name == "remark"]
    findings = [finding.what for finding in bad(doctor.index(settings))]

    assert [(item["note"], item["line"]) for item in record["remarks"]] == [
        (note, line) for note, (line, _) in told.items()
    ]
    for note, (line, words) in told.items():
        place = f"{note} line {line}: " if line else f"{note}: "
        for said in (lines, findings):
            assert [one for one in said if one.startswith(place + words)] != []
    assert record["dates_from"] == {"file": 4}
    assert ("dates", "4 from the files' times") in found.lines()


def test_an_index_that_is_not_there(settings: Settings) -> None:
    """A folder without an index is an error, with the command that makes one."""
    shutil.rmtree(settings.index)
    (found,) = bad(doctor.index(settings))
    assert (found.level, "there is no index" in found.what) == ("error", True)
    assert "assistant build NOTES" in found.remedy


def test_entries_that_stand_elsewhere_in_their_notes(case: Case, settings: Settings) -> None:
    """Lines that are not those of an unchanged file are noticed, and a full build repairs them."""
    columns = ", ".join(SUMS["entries", "checksum"]).replace("first_line", "first_line + 1")
    with closing(connect(case.index)) as connection:
        connection.execute(
            "UPDATE entries SET first_line = first_line + 1,"
            f" checksum = row_sum({columns}) WHERE id = 2"
        )
    (found,) = bad(doctor.index(settings))
    assert found == Finding(
        "error",
        "1 entries are not where the index says in their notes",
        "run `assistant build --full`",
    )
    case.build(full=True)
    assert bad(doctor.index(settings)) == []


@pytest.mark.skipif(os.name != "posix", reason="there are no permissions of this kind")
def test_an_index_that_others_may_read(case: Case, settings: Settings) -> None:
    """Rights of others are named, and a build takes them away."""
    (case.index / DATABASE).chmod(0o644)
    (found,) = bad(doctor.index(settings))
    assert found.what == f"others on this computer may read {DATABASE}"
    case.build()
    assert bad(doctor.index(settings)) == []


def test_an_index_of_another_model(case: Case, settings: Settings, cache: Path) -> None:
    """An index that the model in force cannot search is an error."""
    (case.model / "card.json").write_text((cache / "card.json").read_text())
    (found,) = bad(doctor.index(settings))
    assert "with another model, fake" in found.what


def test_notes_newer_than_the_index(case: Case, settings: Settings) -> None:
    """Changed, missing and unknown notes are warnings: the index answers all the same."""
    case.edit("pytorch.md", "Call ", "Then call ")
    (found,) = bad(doctor.sources(settings))
    assert found == Finding("warning", "notes newer than the index: 1", "run `assistant build`")
    shutil.rmtree(case.notes)
    (found,) = bad(doctor.sources(settings))
    assert (found.level, str(case.notes) in found.what) == ("warning", True)
    shutil.rmtree(case.index)
    (found,) = bad(doctor.sources(Settings(index=case.index)))
    assert found.what == "no notes folder is known"


def test_a_sound_model_is_well(cache: Path) -> None:
    """The default model has its published checksum, its export the sums of its making."""
    model.write_sums(cache)
    assert bad(doctor.model(Settings())) == []


def test_an_export_of_earlier_versions_is_told(cache: Path) -> None:
    """Without sums nobody can tell whether the files are whole; the model is used all the same."""
    (found,) = bad(doctor.model(Settings()))
    assert (found.level, "no checksums" in found.what) == ("warning", True)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "projection.npy"])
def test_a_changed_file_of_the_model(cache: Path, name: str) -> None:
    """One bit of the export that changed is noticed and named, and another file beside it."""
    model.write_sums(cache)
    content = bytearray((cache / name).read_bytes())
    content[len(content) // 2] ^= 1
    (cache / name).unlink()
    (cache / name).write_bytes(content)
    (cache / "more").touch()
    (found,) = bad(doctor.model(Settings()))
    assert found.level == "error"
    assert f"do not match their checksums: {', '.join(sorted(['more', name]))}" in found.what
    assert f"{cache}" in found.what


def test_an_export_that_was_stopped(cache: Path) -> None:
    """What it left is told, and deleted by the next one when no export can be under way in it."""
    model.write_sums(cache)
    left = cache.parent / ".export-x"
    left.mkdir()
    (found,) = bad(doctor.model(Settings()))
    assert (found.level, str(left) in found.what) == ("warning", True)
    export.delete_abandoned()
    assert left.exists()
    os.utime(left, (0, 0))
    export.delete_abandoned()
    assert bad(doctor.model(Settings())) == []
    assert cache.exists()


@pytest.mark.parametrize(
    ("name", "what"),
    [("nobody/nothing", "need a network: the model"), ("folder", "with a network or without")],
)
def test_a_model_that_is_not_there(tmp_path: Path, name: str, what: str) -> None:
    """A name that is not cached needs a network; a folder that is no model never works."""
    if name == "folder":
        name = str(tmp_path)
    for findings in (doctor.model(Settings(model=name)), doctor.offline(Settings(model=name))):
        (found,) = bad(findings)
        assert found.level == "error"
    assert what in found.what


def test_why_no_network_is_needed(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model comes with a package, or lies in a folder, or in the cache of the hub."""
    monkeypatch.setattr(doctor, "find", lambda *_, **__: model_folder)
    why = {
        next(iter(doctor.offline(Settings(model=name)))).what.partition(": ")[2]
        for name in (DEFAULT_MODEL, str(model_folder), "some/name")
    }
    assert why == {
        "an installed package carries the model",
        "the model is a folder on this computer",
        "the model is in the hub's cache",
    }


@pytest.fixture
def shell(case: Case, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    """A shell beside the case, where the model is well."""
    monkeypatch.setattr(doctor, "model", lambda _: iter([doctor.well("a model")]))
    for name in ("ASSISTANT_CONFIG", "ASSISTANT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(case.folder)
    (case.folder / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n')
    return Shell(case, monkeypatch, capfd)


def test_the_command_ends_with_what_it_found(shell: Shell) -> None:
    """With 0 while all is well or to be warned of, with 3 for the index, with 4 for the model."""
    shell.case.edit("pytorch.md", "Call ", "Then call ")
    ran = shell("doctor")
    assert (ran.code, ran.err) == (0, "")
    assert "warning  notes newer than the index: 1\n" + " " * 22 + "-> run" in ran.out
    assert shell("doctor", "--json").record["exit_code"] == 0

    shutil.rmtree(shell.case.index)
    assert shell("doctor").code == 3
    (shell.case.folder / "assistant.toml").write_text(
        'notes = ["notes"]\nindex = "index"\nmodel = "nobody/nothing"\n'
    )
    ran = shell("doctor", "--json")
    assert (ran.code, ran.record["exit_code"]) == (4, 4)
    for item in ran.record["findings"]:
        assert {*item} == {"area", "level", "what", "remedy"}
        assert item["area"] in doctor.EXIT_CODES
        assert item["level"] in ("ok", "warning", "error")
    assert json.dumps(ran.record["findings"]).isascii()
