"""What narrows `assistant ask`: tags, dates and notes, through the command."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest
from fakes import FakeEncoder, write_model
from indexes import ready, uncalibrated
from shell import stand_in_folder

from assistant.answering.answer import pieces_of
from assistant.cli import app
from assistant.errors import NotFoundError
from assistant.indexing.build import build
from assistant.results import Filter
from assistant.search import filters, locate
from assistant.search.searcher import Searcher
from assistant.store.snapshot import Snapshot

NOTES = {
    "eggs.md": (
        "---\ntags: [Kitchen]\ndate: 2025-12-31\n---\n"
        "## Boil an egg\n\nEight minutes. #food/quick\n"
    ),
    "daily/2026-03-01.md": "## Morning\n\nBoil an egg, then decide. #Work\n",
    "daily/2026-03-15.md": "## Evening\n\nNo egg to boil. #work/plan `#code` #123\n",
    "old.md": "## Old\n\nAn egg of old, boiled. #workshop\n",
}
"""The last has a date by its change alone: the third of February 2020."""

Form = Literal["NFC", "NFD"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command within this process, with the fake encoder, in a folder with the notes."""
    for name, text in NOTES.items():
        path = tmp_path / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    os.utime(tmp_path / "notes" / "old.md", (1_580_731_200, 1_580_731_200))
    stand_in_folder(write_model(tmp_path / "model"), tmp_path, monkeypatch)
    monkeypatch.setattr("assistant.indexing.build._calibration", uncalibrated)

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["assistant", *arguments])
        try:
            app.main()
            code: object = 0
        except SystemExit as end:
            code = end.code
        assert isinstance(code, int)
        return code, *capfd.readouterr()

    return command


def notes_of(printed: str) -> list[str]:
    """Return the notes of the results that one line of JSON holds, in order of name."""
    return sorted({result["note"] for result in json.loads(printed)["results"]})


@pytest.mark.parametrize(
    ("limits", "notes"),
    [
        (["--tag", "kitchen"], ["eggs.md"]),
        (["--tag", "#FOOD"], ["eggs.md"]),
        (["--tag", "work"], ["daily/2026-03-01.md", "daily/2026-03-15.md"]),
        (["--tag", "work/plan"], ["daily/2026-03-15.md"]),
        (["--tag", "kitchen", "--tag", "food/quick"], ["eggs.md"]),
        (["--since", "2026"], ["daily/2026-03-01.md", "daily/2026-03-15.md"]),
        (["--since", "2026-03-02"], ["daily/2026-03-15.md"]),
        (["--until", "2025"], ["eggs.md", "old.md"]),
        (["--until", "2026-03"], sorted(NOTES)),
        (["--since", "2025-12-31", "--until", "2026-03-01"], ["daily/2026-03-01.md", "eggs.md"]),
        (["--until", "2020-02-04", "--since", "2020-02-02"], ["old.md"]),
        (["--note", "daily/*", "--tag", "work", "--until", "2026-03-01"], ["daily/2026-03-01.md"]),
    ],
)
def test_only_what_is_within_the_limits_answers(
    run: Run, limits: list[str], notes: list[str]
) -> None:
    """Tags of text and front matter, dates of front matter, name and change; all at once."""
    _, out, _ = run("ask", "boil an egg", "--json", *limits)
    assert notes_of(out) == notes


def test_a_note_is_found_by_its_other_names(run: Run, tmp_path: Path) -> None:
    """Where no path is meant, a title, an alias, an id or a permalink is, in any case."""
    head = (
        "---\ntitle: Crème brûlée\naliases: [Custard, eggs.md]\nid: 4711\npermalink: /c/b/\n---\n"
    )
    (tmp_path / "notes" / "2026-04-01 x.md").write_text(head + "## Boil an egg\n\nNo.\n")
    for name in (
        "crème brûlée",
        "CUSTARD",
        "4711",
        "/c/b/",
        "c/b",
        "cre\u0300me bru\u0302le\u0301e",
    ):
        _, out, _ = run("ask", "boil an egg", "--json", "--note", name)
        assert notes_of(out) == ["2026-04-01 x.md"]
        assert run("show", name)[1].startswith("2026-04-01 x.md")
    _, out, _ = run("ask", "boil an egg", "--json", "--note", "eggs.md")
    assert notes_of(out) == ["eggs.md"]
    code, _, err = run("show", "custart")
    assert code == 2
    assert "custart" in err


def test_properties_are_found_and_shown(run: Run, tmp_path: Path) -> None:
    """What front matter says of a thing is a passage with its lines, and no tag is made of it."""
    head = "---\ntags: [people]\nphone: 555 0142\ncolor: '#abc'\n---\n"
    (tmp_path / "notes" / "ada.md").write_text(head + "## Ada\n\nCounts.\n")
    _, out, _ = run("ask", "phone 0142", "--json", "--note", "ada.md")
    first = json.loads(out)["results"][0]
    assert (first["headings"], first["lines"]) == (["Properties"], [3, 4])
    assert first["snippet"] == "phone: 555 0142\ncolor: '#abc'"
    assert run("show", "ada.md")[1].count("Counts.") == 1
    assert "phone: 555 0142" in run("show", "ada.md:3")[1]
    assert run("ask", "x", "--tag", "abc")[0] == 2


def test_results_say_where_their_date_is_from(run: Run) -> None:
    """Each result has the day of its note, and what told it."""
    _, out, _ = run("ask", "boil an egg", "--json")
    assert {(r["note"], r["date"], r["date_from"]) for r in json.loads(out)["results"]} == {
        ("eggs.md", "2025-12-31", "front matter"),
        ("daily/2026-03-01.md", "2026-03-01", "name"),
        ("daily/2026-03-15.md", "2026-03-15", "name"),
        ("old.md", "2020-02-03", "file"),
    }


def test_a_batch_is_narrowed_too(run: Run, tmp_path: Path) -> None:
    """Each question of a batch is answered within the limits."""
    (tmp_path / "questions").write_text("boil an egg\negg\n")
    code, out, _ = run("ask", "--batch", "questions", "--json", "--tag", "kitchen")
    assert code == 0
    assert [notes_of(line) for line in out.splitlines()] == [["eggs.md"]] * 2


@pytest.mark.parametrize(
    ("limits", "cause", "remedy"),
    [
        (["--tag", "kichen"], "'kichen'", "'kitchen'"),
        (["--tag", "fod"], "'fod'", "'food'"),
        (["--tag", "code"], "'code'", "assistant tags"),
        (["--tag", "123"], "'123'", "assistant tags"),
        (["--tag", "#"], "'#'", "assistant tags"),
        (["--note", "eggs.md", "--tag", "work"], "no such note has the tag 'work'", "fewer"),
        (["--since", "2026-13"], "'2026-13' is not a date", "2026-03"),
        (["--until", "yesterday"], "'yesterday' is not a date", "2026-03"),
        (["--until", "2026-3-1"], "'2026-3-1' is not a date", "2026-03"),
        (["--since", "2030"], "since 2030", "2020-02-03 to 2026-03-15"),
        (["--since", "2026", "--until", "2025"], "later than", "--since"),
        (["--note", "x*"], "no note matches 'x", "status"),
    ],
)
def test_limits_that_leave_nothing_say_so(
    run: Run, limits: list[str], cause: str, remedy: str
) -> None:
    """A wrong date, or a tag that no note has, ends with 2, one line of cause, one of remedy."""
    run("build")
    code, out, err = run("ask", "boil an egg", *limits)
    first, second = err.splitlines()
    assert (code, out) == (2, "")
    assert re.match(f"Error: .*{cause}", first)
    assert remedy in second


def test_a_new_time_of_change_keeps_tags_and_moves_the_date(run: Run, tmp_path: Path) -> None:
    """A note that was touched keeps the tags of its text, and has its date by the new time."""
    run("build")
    os.utime(tmp_path / "notes" / "old.md", (1_612_353_600, 1_612_353_600))
    run("build")
    limits = ("--tag", "workshop", "--since", "2021-02", "--until", "2021")
    _, out, _ = run("ask", "egg", "--json", *limits)
    assert notes_of(out) == ["old.md"]


def test_help_has_an_example_of_each(run: Run) -> None:
    """The help of ``ask`` shows how to narrow."""
    _, out, _ = run("ask", "--help")
    assert "--tag work --since 2026-03" in out


MARKED = """\
## See [[The heading|this heading]]

Ask %%nobody%% of [[Some note|the lamp]] in ==the hall== #bright. ^abc123

!!! warning "Take care"

    The bulb is [[hot glass]].
"""


def test_marks_are_neither_embedded_nor_indexed_and_shares_stand_in_the_source(
    tmp_path: Path,
) -> None:
    """The encoder and the lexical index read words; pieces map back to where the note has them."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text(MARKED)
    encoder = FakeEncoder()
    model = write_model(tmp_path / "model")
    build(tmp_path / "index", [tmp_path / "notes"], model, open_encoder=lambda: encoder)

    text = next(text for text in encoder.encoded if "lamp" in text)
    assert text == (
        "See this heading\nAsk  of the lamp in the hall bright.\n\nTake care\n\n"
        "    The bulb is hot glass."
    )
    with closing(Searcher(tmp_path / "index", ready(encoder))) as searcher:
        ((row,),) = searcher.snapshot.query("SELECT id FROM entries")
        assert not searcher.snapshot.query("SELECT 1 FROM words WHERE word IN ('nobody', 'abc123')")
        stored = searcher.snapshot.entry(row)
        source = stored.entry.text
        query = searcher.prepare("lamp glass")
        pieces = pieces_of(searcher, query, stored, (0, len(source)))
    assert pieces.cosines is not None
    nearest = pieces.cosines.max(axis=1).tolist()
    found = dict(zip((source[low:high] for low, high in pieces.spans), nearest, strict=True))
    assert "nobody" not in found
    assert {"lamp", "hall", "glass"} <= found.keys()
    best = sorted(found, key=lambda word: -found[word])[:2]
    assert sorted(best) == ["glass", "lamp"]
    assert stored.entry.first_line == 1


def test_an_unknown_tag_is_told_where_no_note_has_any(tmp_path: Path) -> None:
    """Without any tag there is no nearest one."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("# A\n\nText.\n")
    build(
        tmp_path / "index",
        [tmp_path / "notes"],
        write_model(tmp_path / "model"),
        open_encoder=FakeEncoder,
    )
    with (
        Snapshot(tmp_path / "index") as snapshot,
        pytest.raises(NotFoundError) as caught,
    ):
        filters.chunks(snapshot, Filter(tags=("x",)))
    assert "any tag" in caught.value.remedy


@pytest.mark.parametrize("written", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_accents_of_either_form_are_one(tmp_path: Path, written: Form, asked: Form) -> None:
    """A note, a tag and a heading are found however their accents are written."""
    name, tag = "café crème.md", "thé"
    (tmp_path / "notes").mkdir()
    note = tmp_path / "notes" / normalize(written, name)
    note.write_text(normalize(written, f"# Goûter\n\nText. #{tag}\n"))
    build(
        tmp_path / "index",
        [tmp_path / "notes"],
        write_model(tmp_path / "model"),
        open_encoder=FakeEncoder,
    )
    with Snapshot(tmp_path / "index") as snapshot:
        found = locate.find(snapshot, normalize(asked, name))
        wanted = Filter(note=normalize(asked, name), tags=(normalize(asked, tag),))
        assert found.entry.headings == (normalize("NFC", "Goûter"),)
        assert filters.chunks(snapshot, wanted) == [row for row, _ in found.chunks]


# Times of change


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Days begin at midnight in Greenwich."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def note_of_time(folder: Path, seconds: int) -> Path:
    """Write a note with a time of change, where a file system keeps such a time."""
    shared = Path("/dev/shm")  # in memory on Linux, where times have 64 bits of seconds
    for base in (folder, shared):
        if base.is_dir():
            made = Path(tempfile.mkdtemp(dir=base, prefix="assistant-tests-"))
            (made / "a.md").write_text("# An egg\n\nBoil an egg.\n")
            os.utime(made / "a.md", (seconds, seconds))
            if (made / "a.md").stat().st_mtime_ns == seconds * 10**9:
                return made / "a.md"
            shutil.rmtree(made)
    pytest.skip("no file system here keeps such a time")


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize(
    ("seconds", "day"),
    [
        (0, "1970-01-01"),
        (-1, "1969-12-31"),
        (-304_776_000, "1960-05-05"),
        (-2_147_483_648, "1901-12-13"),
        (9_223_372_036, "2262-04-11"),  # the last second of 64 bits of nanoseconds
        (9_223_372_037, "2262-04-11"),
        (10_413_835_200, "2300-01-01"),
        (253_402_300_799, "9999-12-31"),
        (99_999_999_999_999, "9999-12-31"),  # later than any calendar says
        (-99_999_999_999_999, "0001-01-01"),
    ],
)
def test_a_note_of_any_time_is_built_asked_and_dated(
    run: Run, tmp_path: Path, seconds: int, day: str
) -> None:
    """Times before 1970, and later than SQLite counts, are times like others, on the right day."""
    note = note_of_time(tmp_path, seconds)
    try:
        assert run("build", str(note.parent))[0] == 0
        assert "nothing changed" in run("build", str(note.parent))[2]
        for limits in (["--since", day], ["--until", day[:4]]):
            code, out, err = run("ask", "boil an egg", "--json", *limits)
            assert (code, notes_of(out), err) == (0, ["a.md"], "")
        code, out, _ = run("status", "--json")
        assert (code, json.loads(out)["newer"]) == (0, [])
        with Snapshot(tmp_path / "index") as snapshot:
            assert snapshot.query("SELECT date FROM notes") == [(day,)]

        note.write_text("# A goose\n\nRoast a goose.\n")
        os.utime(note, (seconds + 1, seconds + 1))
        assert "1 note read" in run("build", str(note.parent))[2]
    finally:
        shutil.rmtree(note.parent)


@pytest.mark.parametrize(
    "year", ["0000", "0000-01", "10000", "-001", "٢٠٢٦", "2026-02-30", "99999999"]
)
def test_years_that_no_calendar_has_are_no_dates(run: Run, year: str) -> None:
    """A year 0, one of five digits or in other digits is told as no date."""
    run("build")
    for option in ("--since", "--until"):
        code, _, err = run("ask", "boil an egg", f"{option}={year}")
        assert (code, err.splitlines()[0]) == (2, f"Error: {year!r} is not a date")


def test_dates_reach_from_the_first_year_to_the_last(run: Run, tmp_path: Path) -> None:
    """Front matter of the years 1 and 9999 counts; of the years 0 and 10000 it does not."""
    for year in ("0001", "9999", "0000", "10000", "-0044"):
        text = f"---\ndate: {year}-01-01\n---\n## Egg\n\nBoil an egg of {year}.\n"
        (tmp_path / "notes" / f"{year}.md").write_text(text)
    run("build")
    _, out, _ = run("ask", "boil an egg", "--json", "--until", "0001")
    assert notes_of(out) == ["0001.md"]
    _, out, _ = run("ask", "boil an egg", "--json", "--since", "9999-01")
    assert notes_of(out) == ["9999.md"]
