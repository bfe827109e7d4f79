"""Tests of the tables in assistant/data."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from assistant import cedict

DATA = Path(cedict.__file__).with_name("data")


def rows(name: str) -> list[list[str]]:
    """The rows of a table, without its comments."""
    lines = (DATA / name).read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    return [line.split("\t") for line in lines if not line.startswith("#")]


def test_terms_are_words_with_one_sense() -> None:
    """Each term is a unique run of Han characters with one short English sense."""
    table = rows("terms.tsv")

    assert len(table) >= 500
    assert {2} == {len(row) for row in table}
    assert len(table) == len({han for han, _ in table})
    assert [han for han, _ in table if not re.fullmatch(f"[{cedict.HAN}]+", han)] == []
    assert [sense for _, sense in table if not re.fullmatch(r"[A-Za-z][A-Za-z -]*\b", sense)] == []


def test_probes_are_many_and_spread() -> None:
    """Each probe is a unique question, and no field has more than its share."""
    table = rows("probes.tsv")
    languages = Counter(language for language, _, _ in table)
    fields = Counter(field for _, field, _ in table)

    assert len(table) == len({question for _, _, question in table})
    assert languages["en"] >= 300
    assert languages["zh"] >= 100
    assert {"en", "zh"} == languages.keys()
    assert len(fields) >= 40
    assert max(fields.values()) <= 12


def test_probes_look_like_questions() -> None:
    """English probes have 5 to 20 words and no Han character; Chinese ones have some."""
    for language, _, question in rows("probes.tsv"):
        assert question == " ".join(question.split())
        assert (language == "zh") == (re.search(f"[{cedict.HAN}]", question) is not None)
        assert language == "zh" or 5 <= len(question.split()) <= 20
