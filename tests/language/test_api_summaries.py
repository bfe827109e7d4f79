"""Tests of assistant.language.api_summaries and of the table it reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from fakes import count_words
from indexes import Case, uncalibrated

import assistant.indexing.build
from assistant.language import api_summaries
from assistant.store.snapshot import Snapshot


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("140. torch.topk()", ["largest elements"]),
        ("np.isnan() and np.stack()", ["NaN", "new axis"]),  # by the names they are imported by
        ("x.unsqueeze(0)", ["dimension of size one"]),  # of a variable: by its last part
        ("torch.sum, torch.prod, torch.topk", ["sum", "product"]),  # the first two
        ("保存图片：plt.savefig()", ["Save the current figure"]),
        ("torch.no_such_name() and no_such_name()", []),
        ("Sort and filter a list", []),  # words, though Python has functions of these names
        ("Largest value: max, argmax", ["maximum value"]),  # no English word
        ("numpy.topk()", []),  # known elsewhere, but not in the library that is named
        ("", []),
    ],
)
def test_names_of_a_heading_are_explained(heading: str, words: list[str]) -> None:
    """A name in code form is explained by its library's own words; others stay as they are."""
    said = api_summaries.summaries(heading)

    assert len(said) == len(words)
    assert [part for part, line in zip(words, said, strict=True) if part not in line] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python\nx\n```", True),
        ("> ~~~ {.python .numberLines}\n> x\n> ~~~", True),
        ("    >>> x.sum()", True),
        ("import numpy as np  # arrays", True),
        ("from torch.nn import functional as F", True),
        ("import os", True),
        ("```js\nimport x from 'y'\n```", False),
        ("import java.util.List;", False),
        ("import Foundation", False),
        ("import the data first", False),
        ("from home to work import everything", False),
        ("Python is a snake.", False),
    ],
)
def test_what_tells_of_python(text: str, expected: bool) -> None:
    """A fence that says so, a prompt, and the import of a library that is known; no other."""
    assert api_summaries.tells_of_python(["Some text.", f"Before.\n{text}\nAfter."]) == expected


def test_elsewhere_only_a_name_behind_its_library_is_explained() -> None:
    """In a manual without any Python `read()` is another language's; `os.path.join` says whose."""
    for heading in ("npm run-script open()", "mkdir -p", "argmax", "x.unsqueeze(0)"):
        assert api_summaries.summaries(heading, in_python=False) == []
    assert api_summaries.summaries("np.stack()", in_python=False) != []


def test_an_entry_is_cut_anew_when_its_note_comes_to_tell_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index after the edit equals one built afresh, also for entries that did not change."""
    monkeypatch.setattr(assistant.indexing.build, "_calibration", uncalibrated)
    case = Case(tmp_path)
    case.write("a.md", "## x.topk(2)\n\nThe two best.\n\n## Other\n\nText.\n")
    case.build()
    assert not [text for text in case.encoder.encoded if "largest elements" in text]
    case.edit("a.md", "Text.", "```python\nx\n```")
    case.build()

    assert [text for text in case.encoder.encoded if "largest elements" in text]


def test_summaries_stay_within_their_room() -> None:
    """What does not fit is left out, the last summary first, and the heading path stays whole."""
    headings = ("Tensors", "torch.topk() and torch.gather()")
    path = " > ".join(headings)

    lengths = []
    for room in range(40):
        line = api_summaries.explained(path, headings, True, count_words, room)
        assert line.startswith(path)
        assert count_words([line])[0] <= count_words([path])[0] + room
        lengths.append(len(line))

    assert lengths == sorted(lengths)
    assert len(set(lengths)) == 3  # none, one, both


@pytest.mark.parametrize(("context", "headings"), [("", ()), ("", ("torch.topk()",))])
def test_no_path_is_not_explained(context: str, headings: Sequence[str]) -> None:
    """An entry without a heading path is embedded as it is."""
    assert api_summaries.explained(context, headings, True, count_words, 40) == ""


def test_a_summary_is_embedded_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The encoder reads what a heading's name is for; neither the notes nor the words hold it."""
    monkeypatch.setattr(assistant.indexing.build, "_calibration", uncalibrated)
    case = Case(tmp_path)
    case.write("a.md", "# Notes\n\n## torch.topk()\n\n```python\nx.topk(2)\n```\n")
    case.build()
    (embedded,) = {text for text in case.encoder.encoded if "x.topk(2)" in text}

    assert "(Returns the k largest elements" in embedded.split("\n")[0]
    with Snapshot(case.index) as snapshot:
        assert snapshot.query("SELECT count(*) FROM entries WHERE text LIKE '%largest%'") == [(0,)]
        assert snapshot.query("SELECT count(*) FROM words WHERE word = 'largest'") == [(0,)]


def test_the_table_is_short_summaries_by_distinct_names() -> None:
    """Each name stands once, with three to twelve words on one line."""
    full, by_last = api_summaries._table()
    lines = api_summaries._TABLE.read_text(encoding="utf-8").splitlines()

    assert len(full) == len([line for line in lines if not line.startswith("#")]) > 10_000
    assert sum(map(len, by_last.values())) == len(full)
    assert [name for name, said in full.items() if not 3 <= len(said.split()) <= 12] == []
