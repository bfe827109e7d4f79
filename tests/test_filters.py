"""What narrows `assistant ask`: tags, dates and notes, through the command."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from fakes import FakeEncoder, write_model
from indexes import ready, uncalibrated
from shell import stand_in_folder

from assistant import cli, filters
from assistant.answer import piece_shares
from assistant.build import build
from assistant.errors import ConfigError
from assistant.search import Searcher
from assistant.store import Reader

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
    monkeypatch.setattr("assistant.build._calibration", uncalibrated)

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["assistant", *arguments])
        try:
            cli.main()
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
        (["--tag", "code"], "'code'", "nearest"),
        (["--tag", "123"], "'123'", "nearest"),
        (["--tag", "#"], "'#'", "nearest"),
        (["--note", "eggs.md", "--tag", "work"], "no such note has the tag 'work'", "fewer"),
        (["--since", "2026-13"], "'2026-13' is no date", "2026-03"),
        (["--until", "yesterday"], "'yesterday' is no date", "2026-03"),
        (["--until", "2026-3-1"], "'2026-3-1' is no date", "2026-03"),
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
        ((row,),) = searcher.reader.query("SELECT id FROM entries")
        assert not searcher.reader.query("SELECT 1 FROM words WHERE word IN ('nobody', 'abc123')")
        stored = searcher.reader.entry(row)
        source = stored.entry.text
        query = searcher.prepare("lamp glass")
        spans, shares = piece_shares(searcher, query, stored, (0, len(source)))
    found = dict(zip((source[low:high] for low, high in spans), shares, strict=True))
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
        Reader(tmp_path / "index") as reader,
        pytest.raises(ConfigError) as caught,
    ):
        filters.chunks(reader, filters.Filter(tags=("x",)))
    assert "any tag" in caught.value.remedy
